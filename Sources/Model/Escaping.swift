/// Bytes from a file system as text that a terminal, a log line or a mail can show without being led astray.
///
/// Printable ASCII and well-formed UTF-8 stand for themselves; a backslash is doubled; control characters (those of C1
/// and Unicode's line, direction and format controls too) and bytes that are not UTF-8 become `\n`, `\t`, `\r`, `\e` or `\xHH`.
package func escaped(_ bytes: some Collection<UInt8>) -> String {
    if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) {
        return String(decoding: bytes, as: UTF8.self)
    }
    var text = ""
    var rest = Array(bytes)[...]
    while let first = rest.first {
        let length = sequenceLength(first)
        if let scalar = scalar(rest.prefix(length)), !isHidden(scalar) {
            text.unicodeScalars.append(scalar)
            if scalar == "\\" { text += "\\" }
            rest = rest.dropFirst(length)
        } else {
            text += escape(first)
            rest = rest.dropFirst()
        }
    }
    return text
}

/// Text from elsewhere (a library's message, a peer's complaint) under the same rules.
package func escaped(_ text: String) -> String { escaped(Array(text.utf8)) }

/// The same of a message of several lines, which stay apart: only for what gives each line a beginning of its own.
package func escapedLines(_ text: String) -> String {
    text.split(separator: "\n").map { escaped(String($0)) }.joined(separator: "\n")
}

private func sequenceLength(_ first: UInt8) -> Int {
    switch first {
    case 0..<0x80: 1
    case 0xC2..<0xE0: 2
    case 0xE0..<0xF0: 3
    case 0xF0..<0xF5: 4
    default: 1
    }
}

private func scalar(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    return text.unicodeScalars.count == 1 ? text.unicodeScalars.first : nil
}

/// Whether a terminal may do something else with it than show it: controls, line separators, what turns the direction of
/// the text around it, and what has no glyph that people agree on.
package func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: true
    default: false
    }
}

private func escape(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "\n"): return "\\n"
    case UInt8(ascii: "\t"): return "\\t"
    case UInt8(ascii: "\r"): return "\\r"
    case 0x1B: return "\\e"
    default:
        let digits = String(byte, radix: 16, uppercase: true)
        return "\\x" + (digits.count == 1 ? "0" : "") + digits
    }
}
