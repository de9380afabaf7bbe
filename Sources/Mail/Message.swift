import Glibc
import Model
import Platform

/// A mail of plain text, in lines that end in LF, as `sendmail` takes it.
///
/// - Throws: `MailError` if the address is not printable ASCII.
func mailMessage(to recipient: String, subject: String, body: String, host: String, now: Timestamp) throws -> [UInt8] {
    guard isMailAddress(Array(recipient.utf8)) else {
        throw MailError("that is no mail address: \(escaped(recipient))")
    }
    let token = try randomBytes(16).map { String($0, radix: 16) }.joined()
    let domain = host.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }
    let headers = [
        "To: \(recipient)",
        "Subject: \(subject)",
        "Date: \(mailDate(now))",
        "Message-ID: <\(token).nightjar@\(domain.isEmpty ? "localhost" : domain)>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
    ]
    return Array((headers.joined(separator: "\n") + "\n\n" + quotedPrintable(body)).utf8)
}

/// Whether it may stand in a header as whom a mail goes to.
package func isMailAddress(_ bytes: [UInt8]) -> Bool {
    !bytes.isEmpty && bytes.count <= 900 && bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
}

/// Lines of at most 76 ASCII characters, legible where the text is ASCII. A dot or a `From ` that begins a line is
/// encoded as well, since mail software on the way takes these for its own.
func quotedPrintable(_ text: String) -> String {
    var encoded = ""
    for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
        var column = 0
        let bytes = Array(line)
        for (index, byte) in bytes.enumerated() {
            let isLast = index == bytes.count - 1
            let startsLine = column == 0 && (byte == UInt8(ascii: ".") || byte == UInt8(ascii: "F"))
            let isPlain = byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "=") || byte == 0x20 && !isLast
            let piece = isPlain && !startsLine ? String(UnicodeScalar(byte)) : hexadecimal(byte)
            // Room for the `=` that breaks a line softly.
            if column + piece.utf8.count > 75 {
                encoded += "=\n"
                column = 0
            }
            encoded += piece
            column += piece.utf8.count
        }
        encoded += "\n"
    }
    // The split gave an empty last line where the text ended in LF.
    if text.hasSuffix("\n") { encoded.removeLast() }
    return encoded
}

private func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "=" + (byte < 16 ? "0" : "") + digits
}

/// `Sat, 21 Nov 2026 02:33:39 +0000`; English, since no locale is ever set.
func mailDate(_ time: Timestamp) -> String {
    var parts = tm()
    var moment = time_t(time.seconds)
    gmtime_r(&moment, &parts)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
        let count = strftime(buffer.baseAddress!, buffer.count, "%a, %d %b %Y %H:%M:%S +0000", &parts)
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
