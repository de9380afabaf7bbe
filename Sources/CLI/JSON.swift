import Model

/// A value of the `--json` output.
///
/// A name or path is given as its escaped text, exactly as tables show it. Where that differs from the bytes themselves
/// (a backslash, a control character, a byte that is not UTF-8), a second member `NAME_hex` has the bytes; where there is
/// none, the text is the name. Times are RFC 3339 in UTC.
package indirect enum JSON: Sendable {
    case text(String)
    case bytes([UInt8])
    case number(Int64)
    case unsigned(UInt64)
    case real(Double)
    case flag(Bool)
    case time(Timestamp)
    case list([JSON])
    case object([(String, JSON)])
    case none

    /// The members of an object, in their order, on one line.
    package var line: String {
        var text = ""
        append(to: &text)
        return text
    }

    private func append(to text: inout String) {
        switch self {
        case .text(let string): JSON.append(string, to: &text)
        case .bytes(let bytes): JSON.append(escaped(bytes), to: &text)
        case .number(let number): text += String(number)
        case .unsigned(let number): text += String(number)
        // JSON has no word for what is not finite.
        case .real(let number): text += number.isFinite ? String(number) : "null"
        case .flag(let flag): text += flag ? "true" : "false"
        case .time(let time): JSON.append(time.utc, to: &text)
        case .none: text += "null"
        case .list(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.append(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            var isFirst = true
            for (name, value) in members {
                if !isFirst { text += "," }
                isFirst = false
                JSON.append(name, to: &text)
                text += ":"
                value.append(to: &text)
                if case .bytes(let bytes) = value, !bytes.elementsEqual(escaped(bytes).utf8) {
                    text += ",\"\(name)_hex\":\"\(JSON.hex(bytes))\""
                }
            }
            text += "}"
        }
    }

    private static func append(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
