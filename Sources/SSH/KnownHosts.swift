import CLibSSH
import Model
import Platform

// The host key is checked before anything is sent that the key exchange does not need. libssh's verdict decides; the
// lines of the file are read here too, to say which one is at odds, and to refuse keys marked @revoked, which libssh
// passes over.

/// Lets only a server pass whose key stands in known_hosts for this host and port.
/// - Parameter host: as `ssh` would look it up.
func verifyHostKey(_ session: SSHSession, host: String, port: UInt16, knownHosts: [UInt8]) throws(SSHError) {
    let key = try Key(ofServer: session)
    let shown = "\(key.type) \(key.fingerprint)"
    let file = KnownHostsFile(knownHosts)
    if let line = file.revoking(key) {
        throw SSHError(
            .changedHostKey, "the host key of \(place(host, port)), \(shown), is revoked by line \(line) of \(file)",
            remedy: "Nothing was sent. Have the server given a new host key.")
    }
    switch ssh_session_get_known_hosts_entry(session.raw, nil) {
    case SSH_KNOWN_HOSTS_OK: return
    case SSH_KNOWN_HOSTS_CHANGED, SSH_KNOWN_HOSTS_OTHER:
        throw changed(file, key, host: host, port: port, shown: shown)
    case SSH_KNOWN_HOSTS_UNKNOWN, SSH_KNOWN_HOSTS_NOT_FOUND:
        throw unknown(file, key, host: host, port: port, shown: shown)
    default:
        throw SSHError(.failed, "the host key of \(place(host, port)) cannot be checked: \(session.complaint)")
    }
}

private func changed(
    _ file: KnownHostsFile, _ key: borrowing Key, host: String, port: UInt16, shown: String
) -> SSHError {
    let lines = file.lines(about: lookupName(host, port)).map(String.init).joined(separator: ", ")
    return SSHError(
        .changedHostKey,
        "THE HOST KEY OF \(place(host, port)) HAS CHANGED, or someone is in between: it shows \(shown), "
            + "which is not what \(file) says in line \(lines.isEmpty ? "?" : lines)",
        remedy: """
            Nothing was sent. If the server was given a new key on purpose, compare the fingerprint there:
              ssh-keygen -lf \(keyFile(key.type))
            Only if it is the same, replace that line of \(file) by:
              \(line(for: key, host: host, port: port))
            """)
}

private func unknown(
    _ file: KnownHostsFile, _ key: borrowing Key, host: String, port: UInt16, shown: String
) -> SSHError {
    if let trouble = file.trouble, !file.isMissing {
        return SSHError(
            .unknownHostKey, "\(file) cannot be read: \(trouble); so the host key of \(place(host, port)) is not known",
            remedy: "Nothing was sent. Let the user that runs nightjar read that file.")
    }
    let trouble = file.trouble.map { " (\($0))" } ?? ""
    return SSHError(
        .unknownHostKey, "the host key of \(place(host, port)) is not in \(file)\(trouble): \(shown)",
        remedy: """
            Nothing was sent. Compare the fingerprint on the server:
              ssh-keygen -lf \(keyFile(key.type))
            If it is the same, add this line to \(file); ssh-keyscan -p \(port) \(escaped(host)) prints it too:
              \(line(for: key, host: host, port: port))
            """)
}

/// The line of known_hosts that would make the key good.
private func line(for key: borrowing Key, host: String, port: UInt16) -> String {
    "\(lookupName(host, port)) \(key.type) \(String(decoding: key.base64, as: UTF8.self))"
}

private func lookupName(_ host: String, _ port: UInt16) -> String {
    let host = host.lowercased()
    return port == 22 ? host : "[\(host)]:\(port)"
}

private func keyFile(_ type: String) -> String {
    let short = type.hasPrefix("ecdsa") ? "ecdsa" : type == "ssh-ed25519" ? "ed25519" : "rsa"
    return "/etc/ssh/ssh_host_\(short)_key.pub"
}

/// The lines of a known_hosts file; none where it cannot be read.
private struct KnownHostsFile: CustomStringConvertible {
    private let path: [UInt8]
    private var lines: [[UInt8]] = []
    /// Why it could not be read.
    private(set) var trouble: String?
    private(set) var isMissing = false

    init(_ path: [UInt8]) {
        self.path = path
        do throws(SystemError) {
            let bytes = try openTrusted(path).readAll(atMost: 16 << 20)
            lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        } catch {
            trouble = error.reason
            isMissing = error.isMissing
        }
    }

    var description: String { escaped(path) }

    /// The numbers, from 1, of the lines that give a key to this host, plain or hashed.
    func lines(about name: String) -> [Int] { lines.indices.filter { speaks(lines[$0], of: name) }.map { $0 + 1 } }

    /// The line that takes back a key, for whatever host.
    func revoking(_ key: borrowing Key) -> Int? {
        let wanted = key.base64
        let index = lines.firstIndex { line in
            let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            return words.first.map(Array.init) == Array("@revoked".utf8) && words.contains { Array($0) == wanted }
        }
        return index.map { $0 + 1 }
    }

    private func speaks(_ line: [UInt8], of name: String) -> Bool {
        let first = line.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        guard let first, first != UInt8(ascii: "#"), first != UInt8(ascii: "@"), !line.contains(0) else { return false }
        var entry: UnsafeMutablePointer<ssh_knownhosts_entry>?
        let answer = withCString(line) { ssh_known_hosts_parse_line(name, $0, &entry) }
        ssh_knownhosts_entry_free(entry)
        return answer == SSH_OK
    }
}
