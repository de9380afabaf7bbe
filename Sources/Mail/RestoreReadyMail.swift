import Model

/// The reply to whoever asked for something back: where the archive lies, and how to unpack it so that nothing is
/// overwritten.
package struct RestoreReadyMail: TemplatedMail {
    /// Of the machine on which the archive lies.
    package var host: String
    package var jail: Name
    package var recipient: String
    /// What was asked for, word by word.
    package var words: [[UInt8]]
    /// When the night was pushed.
    package var pushed: Timestamp
    /// Of the archive, absolute; nil where it went to standard output.
    package var path: [UInt8]?
    /// The same where a customer's root is the whole, as it is to him; nil where the archive lies in no such root.
    package var inside: [UInt8]?
    package var format: ArchiveFormat
    /// Of the archive, in bytes.
    package var size: UInt64
    /// Of the archive, in hexadecimal.
    package var sha256: String
    package var summary: RestoreSummary
    /// Until when the night is kept; nil if it is not.
    package var held: Timestamp?

    package let template = MailTemplate.restoreReady
    /// The same for every mail: nothing of a path comes into a header.
    package let subject = "Nightjar: what was to be restored is ready"

    package init(
        host: String, jail: Name, recipient: String, words: [[UInt8]], pushed: Timestamp, path: [UInt8]?,
        inside: [UInt8]? = nil, format: ArchiveFormat, size: UInt64, sha256: String, summary: RestoreSummary,
        held: Timestamp?
    ) {
        self.host = host
        self.jail = jail
        self.recipient = recipient
        self.words = words
        self.pushed = pushed
        self.path = path
        self.inside = inside
        self.format = format
        self.size = size
        self.sha256 = sha256
        self.summary = summary
        self.held = held
    }

    package struct Values {
        let host: String
        let jail: String
        let what: String
        let pushed: String
        let path: String?
        let inside: String?
        /// As a shell of whoever unpacks it is given its path; nil where it has none.
        let quoted: String?
        /// What has tar unpack it; the path follows.
        let flags: String
        let size: UInt64
        let sha256: String
        let members: UInt64
        /// Nil if there are none.
        let damaged: UInt64?
        let held: String?
    }

    package func values() -> Values {
        let flags =
            switch format {
            case .tar: "-xpf"
            case .tgz: "-xpzf"
            case .zst: "--zstd -xpf"
            }
        return Values(
            host: escaped(host), jail: escaped(jail.bytes), what: words.map { escaped($0) }.joined(separator: " "),
            pushed: mailDate(pushed), path: path.map { escaped($0) }, inside: inside.map { escaped($0) },
            quoted: (inside ?? path).map(shellQuoted), flags: flags, size: size, sha256: escaped(sha256),
            members: summary.members,
            damaged: summary.isSound ? nil : summary.damagedCount, held: held.map(mailDate))
    }
}

/// A word that a shell takes for these very bytes, whatever they are, in printable ASCII.
func shellQuoted(_ bytes: [UInt8]) -> String {
    let isPlain = bytes.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
    if isPlain, !bytes.isEmpty, bytes.first != UInt8(ascii: "-") { return String(decoding: bytes, as: UTF8.self) }
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
        // As bash, zsh and ksh have it; three octal digits end where the next byte begins.
        let octal = bytes.map { byte in
            let digits = String(byte, radix: 8)
            return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }
        return "$'\(octal.joined())'"
    }
    return "'" + String(decoding: bytes, as: UTF8.self).replacing("'", with: #"'\''"#) + "'"
}
