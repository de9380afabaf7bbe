import Model

/// A jail's public key, fit to stand in a line of `authorized_keys` behind options of ours.
struct PublicKey: CustomStringConvertible {
    private static let kinds = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]

    /// `ssh-ed25519` and the like.
    let kind: String
    /// The key itself, in base64.
    let blob: String
    /// Type, base64 and comment.
    let description: String

    /// Reads a `.pub` file: lines may end in CRLF, be empty or be comments. Nil unless exactly one is a key, and that one
    /// begins with its type: what stands before a type are options, which would lift ours.
    init?(file: [UInt8]) {
        let lines = file.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
            .map { $0.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } }
            .filter { $0.first.map { $0.first != UInt8(ascii: "#") } ?? false }
        guard lines.count == 1, lines[0].count >= 2 else { return nil }
        let fields = lines[0].map { escaped($0) }
        guard PublicKey.kinds.contains(fields[0]), lines[0][1].allSatisfy(isBase64) else { return nil }
        (kind, blob) = (fields[0], fields[1])
        description = fields.joined(separator: " ")
    }
}

private func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
    default: false
    }
}
