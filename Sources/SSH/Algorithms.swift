import CLibSSH

/// What may be negotiated, best first; nothing with SHA-1, CBC or a group below 2048 bits.
enum Algorithms {
    // AES-GCM first: on both sides it costs half of what ChaCha20, the library's own first choice, does.
    static let ciphers =
        "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,aes128-ctr"
    static let keyExchanges =
        "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
        + "diffie-hellman-group18-sha512,diffie-hellman-group16-sha512"
    static let signatures =
        "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256"
    static let authentications =
        "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512"

    static func pin(on session: SSHSession) throws(SSHError) {
        for option in [SSH_OPTIONS_CIPHERS_C_S, SSH_OPTIONS_CIPHERS_S_C] { try session.set(option, ciphers) }
        for option in [SSH_OPTIONS_HMAC_C_S, SSH_OPTIONS_HMAC_S_C] { try session.set(option, authentications) }
        for option in [SSH_OPTIONS_COMPRESSION_C_S, SSH_OPTIONS_COMPRESSION_S_C] { try session.set(option, "none") }
        try session.set(SSH_OPTIONS_KEY_EXCHANGE, keyExchanges)
        try session.set(SSH_OPTIONS_HOSTKEYS, signatures)
        try session.set(SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, signatures)
    }
}
