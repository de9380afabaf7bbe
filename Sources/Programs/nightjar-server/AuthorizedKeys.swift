import Model
import Platform
import Storage

/// `~/.ssh/authorized_keys` of the user that runs this.
enum AuthorizedKeys {
    /// Adds a line unless it is there. The file is written anew beside the old one and takes its place when it is whole.
    static func add(_ line: String) throws {
        guard let home = homeDirectory(), let path = Path(absolute: home) else {
            throw StorageError(.missing, "this user has no home directory")
        }
        let ssh = try Directory.open(path).openOrMakeDirectory(".ssh", mode: 0o700)
        let before = try ssh.statusIfPresent(of: "authorized_keys")
        let old = try before == nil ? [] : ssh.openFile("authorized_keys").readAll(atMost: 16 << 20)
        let lines = old.split(separator: UInt8(ascii: "\n"))
        guard !lines.contains(where: { $0.elementsEqual(line.utf8) }) else { return }
        let ending: [UInt8] = old.isEmpty || old.last == UInt8(ascii: "\n") ? [] : [UInt8(ascii: "\n")]
        let temporary: Name = "authorized_keys.nightjar"
        if try ssh.statusIfPresent(of: temporary) != nil { try ssh.unlink(temporary) }
        let file = try ssh.createFile(temporary, mode: 0o600)
        try file.write(old + ending + Array(line.utf8) + [UInt8(ascii: "\n")])
        if let before { _ = try file.apply(before.stamp.metadata, .none, exactly: false) }
        try file.sync()
        try ssh.rename(temporary, to: ssh, as: "authorized_keys", .replace)
        try ssh.sync()
    }
}
