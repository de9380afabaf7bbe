/// A pattern for one name, as `fnmatch` has them: `*`, `?`, `[a-z]`, `[!a-z]`, `[[:digit:]]`, `\` before a character.
///
/// Matches bytes, in time linear in pattern times name, whatever a customer calls his files.
package struct NamePattern: Hashable, Sendable {
    private enum Token: Hashable, Sendable {
        case byte(UInt8)
        case any
        case star
        case set(ByteSet)
    }

    private enum Form: Hashable, Sendable {
        case literal([UInt8])
        case prefix([UInt8])
        case suffix([UInt8])
        case general([Token])
    }

    private let form: Form

    package init(_ pattern: some Collection<UInt8>) { self.init(NamePattern.tokens(Array(pattern)).tokens) }

    private init(_ tokens: [Token]) {
        let literals = tokens.compactMap { if case .byte(let byte) = $0 { byte } else { nil } }
        let others = tokens.count - literals.count
        if others == 0 {
            form = .literal(literals)
        } else if others == 1, tokens.last == .star {
            form = .prefix(literals)
        } else if others == 1, tokens.first == .star {
            form = .suffix(literals)
        } else {
            form = .general(tokens)
        }
    }

    /// Matches one name and no other, whatever is in it.
    package init(literal: [UInt8]) { form = .literal(literal) }

    /// Whether a pattern has a `[` to which there is no `]`: one that stands for itself, as in a shell.
    static func hasOpenBracket(_ pattern: some Collection<UInt8>) -> Bool { tokens(Array(pattern)).hasOpenBracket }

    /// The one name that it matches; nil if it may match several.
    package var literal: [UInt8]? { if case .literal(let bytes) = form { bytes } else { nil } }

    /// Whether it matches the whole of a name.
    package func matches(_ name: UnsafeRawBufferPointer) -> Bool {
        switch form {
        case .literal(let literal): name.count == literal.count && name.elementsEqual(literal)
        case .prefix(let prefix): name.starts(with: prefix)
        case .suffix(let suffix):
            name.count >= suffix.count && name[(name.count - suffix.count)...].elementsEqual(suffix)
        case .general(let tokens): NamePattern.matches(tokens, name)
        }
    }

    package func matches(_ name: [UInt8]) -> Bool { name.withUnsafeBytes { matches($0) } }

    /// On a mismatch only the last star takes one more byte: what an earlier one took can stay.
    private static func matches(_ tokens: [Token], _ name: UnsafeRawBufferPointer) -> Bool {
        var (token, byte) = (0, 0)
        var star: (token: Int, byte: Int)?
        while byte < name.count {
            if token < tokens.count, tokens[token] == .star {
                star = (token, byte)
                token += 1
            } else if token < tokens.count, accepts(tokens[token], name[byte]) {
                token += 1
                byte += 1
            } else if let last = star {
                star = (last.token, last.byte + 1)
                token = last.token + 1
                byte = last.byte + 1
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { $0 == .star }
    }

    private static func accepts(_ token: Token, _ byte: UInt8) -> Bool {
        switch token {
        case .byte(let wanted): wanted == byte
        case .any, .star: true
        case .set(let set): set.contains(byte)
        }
    }

    private static func tokens(_ pattern: [UInt8]) -> (tokens: [Token], hasOpenBracket: Bool) {
        var tokens: [Token] = []
        var hasOpenBracket = false
        var rest = pattern[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*"): if tokens.last != .star { tokens.append(.star) }
            case UInt8(ascii: "?"): tokens.append(.any)
            case UInt8(ascii: "\\"): tokens.append(.byte(rest.popFirst() ?? byte))
            case UInt8(ascii: "["):
                if let set = ByteSet(bracket: &rest) {
                    tokens.append(.set(set))
                } else {
                    tokens.append(.byte(byte))
                    hasOpenBracket = true
                }
            default: tokens.append(.byte(byte))
            }
        }
        return (tokens, hasOpenBracket)
    }
}
