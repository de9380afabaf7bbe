import CLibSSH

/// A public or private key of libssh's.
struct Key: ~Copyable {
    let raw: OpaquePointer

    init(owning raw: OpaquePointer) { self.raw = raw }

    deinit { ssh_key_free(raw) }

    /// The key that the server proved to hold during the key exchange.
    init(ofServer session: SSHSession) throws(SSHError) {
        var key: OpaquePointer?
        guard ssh_get_server_publickey(session.raw, &key) == SSH_OK, let key else {
            throw SSHError(.failed, "the server's host key cannot be read: \(session.complaint)")
        }
        raw = key
    }

    /// `ssh-ed25519`, as in known_hosts.
    var type: String { ssh_key_type_to_char(ssh_key_type(raw)).map { String(cString: $0) } ?? "unknown" }

    /// `SHA256:…`, as ssh-keygen -l shows it.
    var fingerprint: String {
        var hash: UnsafeMutablePointer<UInt8>?
        var length = 0
        guard ssh_get_publickey_hash(raw, SSH_PUBLICKEY_HASH_SHA256, &hash, &length) == SSH_OK, let hash else {
            return "SHA256:?"
        }
        defer {
            var spent: UnsafeMutablePointer<UInt8>? = hash
            ssh_clean_pubkey_hash(&spent)
        }
        guard let text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, length) else { return "SHA256:?" }
        defer { ssh_string_free_char(text) }
        return String(cString: text)
    }

    /// The public half, as in known_hosts and authorized_keys.
    var base64: [UInt8] {
        var text: UnsafeMutablePointer<CChar>?
        guard ssh_pki_export_pubkey_base64(raw, &text) == SSH_OK, let text else { return [] }
        defer { ssh_string_free_char(text) }
        return bytes(of: text)
    }
}
