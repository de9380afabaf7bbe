import CLI
import Model
import Platform
import Storage

/// `~/.ssh/authorized_keys` of the user that runs this, as it stood when it was read.
struct AuthorizedKeys {
    private let ssh: Directory
    private let before: FileStatus?
    private let content: [UInt8]

    /// Makes `~/.ssh` unless it is there.
    init() throws {
        guard let home = homeDirectory(), let path = Path(absolute: home) else {
            throw StorageError(.missing, "this user has no home directory")
        }
        ssh = try Directory.open(path).openOrMakeDirectory(".ssh", mode: 0o700)
        before = try ssh.statusIfPresent(of: "authorized_keys")
        content = try before == nil ? [] : ssh.openFile("authorized_keys").readAll(atMost: 16 << 20)
    }

    /// Whether the key stands there already, behind these options and no others.
    ///
    /// - Throws: `.misconfigured` if it stands there behind others: sshd goes by the first line that has the key, and would
    ///   never come to ours.
    func lets(_ key: PublicKey, in options: String) throws(StorageError) -> Bool {
        let ours = Array("\(options) \(key.kind) \(key.blob) ".utf8)
        var isThere = false
        for (index, line) in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        {
            let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
            guard words.first?.first != UInt8(ascii: "#"),
                words.contains(where: { $0.elementsEqual(key.blob.utf8) })
            else { continue }
            guard (line + [UInt8(ascii: " ")]).starts(with: ours) else {
                throw StorageError(
                    .misconfigured,
                    "authorized_keys:\(index + 1) lets this key in already, with other rights: take that line out")
            }
            isThere = true
        }
        return isThere
    }

    /// Adds a line. The file is written anew beside the old one and takes its place when it is whole.
    func add(_ line: String) throws {
        let ending: [UInt8] = content.isEmpty || content.last == UInt8(ascii: "\n") ? [] : [UInt8(ascii: "\n")]
        let temporary: Name = "authorized_keys.nightjar"
        if try ssh.statusIfPresent(of: temporary) != nil { try ssh.unlink(temporary) }
        let file = try ssh.createFile(temporary, mode: 0o600)
        try file.write(content + ending + Array(line.utf8) + [UInt8(ascii: "\n")])
        if let before { _ = try file.apply(before.stamp.metadata, .none, exactly: false) }
        try file.sync()
        try ssh.rename(temporary, to: ssh, as: "authorized_keys", .replace)
        try ssh.sync()
    }
}
