import CLibSSH
import Glibc
import Model
import Platform

/// A private key, and the file it came from.
struct Identity: ~Copyable {
    let path: [UInt8]
    let key: Key

    /// Reads a private key. Never asks for a passphrase: there is no one to ask at night.
    /// - Throws: `.identityUnusable`: missing, unreadable, open to others, encrypted, or no private key.
    init(_ path: [UInt8]) throws(SSHError) {
        let file: (metadata: Metadata, text: [UInt8])
        do throws(SystemError) {
            file = try readIdentity(path)
        } catch {
            throw unusable(
                path, "cannot be read: \(error.reason)",
                remedy: "Make a key with: ssh-keygen -t ed25519 -N '' -f \(escaped(path))")
        }
        if isPublic(file.text) {
            throw unusable(path, "is a public key", remedy: "Name the private half: the file without .pub")
        }
        // As ssh does: only the owner's own carelessness counts.
        if file.metadata.owner == currentUser(), file.metadata.mode & 0o077 != 0 {
            throw unusable(path, "can be read by others", remedy: "chmod 600 \(escaped(path))")
        }
        key = try importKey(file.text, path)
        self.path = path
    }

    var description: String { "\(escaped(path)) (\(key.type) \(key.fingerprint))" }
}

private func readIdentity(_ path: [UInt8]) throws(SystemError) -> (Metadata, [UInt8]) {
    let file = try openTrusted(path)
    return (try file.status().stamp.metadata, try file.readAll(atMost: 1 << 20))
}

/// A line like `ssh-ed25519 AAAA... root@jail`.
private func isPublic(_ text: [UInt8]) -> Bool {
    let type = text.prefix(64).prefix { $0 != UInt8(ascii: " ") }
    return withCString(Array(type)) { ssh_key_type_from_name($0) } != SSH_KEYTYPE_UNKNOWN
}

private func importKey(_ text: [UInt8], _ path: [UInt8]) throws(SSHError) -> Key {
    var key: OpaquePointer?
    var isEncrypted = false
    let answer = withUnsafeMutablePointer(to: &isEncrypted) { asked in
        withCString(text) { ssh_pki_import_privkey_base64($0, nil, refuseToAsk, asked, &key) }
    }
    if answer == SSH_OK, let key { return Key(owning: key) }
    if isEncrypted {
        throw unusable(
            path, "is protected by a passphrase, which no one can type in at night",
            remedy: """
                Take it off with: ssh-keygen -p -N '' -f \(escaped(path))
                or make a key for the backup alone: ssh-keygen -t ed25519 -N '' -f FILE, and identity=FILE
                """)
    }
    throw unusable(path, "is no private key that libssh can read", remedy: "ssh-keygen -y -f FILE says what it is.")
}

// Without a callback the library would ask on the terminal.
private func refuseToAsk(
    _ prompt: UnsafePointer<CChar>?, _ buffer: UnsafeMutablePointer<CChar>?, _ length: Int, _ echo: Int32,
    _ verify: Int32, _ asked: UnsafeMutableRawPointer?
) -> Int32 {
    asked?.assumingMemoryBound(to: Bool.self).pointee = true
    return -1
}

private func unusable(_ path: [UInt8], _ what: String, remedy: String) -> SSHError {
    SSHError(.identityUnusable, "the key \(escaped(path)) \(what)", remedy: remedy)
}
