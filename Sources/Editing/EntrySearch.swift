import Configuration
import Glibc
import Model
import Platform

/// What `gb` looks for in the lines of entries: a customer, or a regular expression. Lines are bytes.
package struct EntrySearch: ~Copyable {
    private enum Pattern: ~Copyable {
        case customer([UInt8])
        case expression(RegularExpression)
    }

    private let pattern: Pattern

    /// Letters and then digits, as `col00214`, are a customer, who is not `col002145`; all else is a regular expression.
    ///
    /// - Throws: `RegularExpression.Refusal`.
    package init(_ pattern: [UInt8]) throws(RegularExpression.Refusal) {
        self.pattern =
            EntrySearch.isCustomer(pattern) ? .customer(pattern) : .expression(try RegularExpression(pattern))
    }

    /// Whether a line is one of those.
    package func matches(_ line: [UInt8]) -> Bool {
        switch pattern {
        case .customer(let customer): EntrySearch.contains(line, word: customer)
        case .expression(let expression): expression.matches(line)
        }
    }

    private static func isCustomer(_ pattern: [UInt8]) -> Bool {
        let letters = pattern.prefix(while: isLetter)
        let digits = pattern.dropFirst(letters.count)
        return !letters.isEmpty && !digits.isEmpty && digits.allSatisfy(isDigit)
    }

    /// Whether the word stands there alone, as grep -w has it.
    private static func contains(_ line: [UInt8], word: [UInt8]) -> Bool {
        guard line.count >= word.count else { return false }
        return (0...(line.count - word.count)).contains { start in
            let end = start + word.count
            return line[start..<end].elementsEqual(word) && (start == 0 || !isWordByte(line[start - 1]))
                && (end == line.count || !isWordByte(line[end]))
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) && byte < 0x80 }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isWordByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_")
    }
}

/// A POSIX extended regular expression, compiled by the C library. The program sets no locale, so that a character is a
/// byte, whatever the bytes of a path are.
package struct RegularExpression: ~Copyable {
    /// What cannot be compiled, and why, as the C library says it.
    package struct Refusal: Error, Hashable {
        package let reason: String
    }

    // The library keeps a pointer to nothing of ours, but the compiled form must not move.
    private let compiled: UnsafeMutablePointer<regex_t>

    /// - Parameter pattern: without NUL bytes.
    package init(_ pattern: [UInt8]) throws(Refusal) {
        let compiled = UnsafeMutablePointer<regex_t>.allocate(capacity: 1)
        compiled.initialize(to: regex_t())
        let code = withCString(pattern) { regcomp(compiled, $0, REG_EXTENDED | REG_NOSUB) }
        guard code == 0 else {
            var text = [CChar](repeating: 0, count: 256)
            regerror(code, compiled, &text, text.count)
            compiled.deallocate()
            throw Refusal(
                reason: String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        self.compiled = compiled
    }

    deinit {
        regfree(compiled)
        compiled.deallocate()
    }

    /// Whether it matches anywhere in a line, which has no NUL bytes.
    package func matches(_ line: [UInt8]) -> Bool { withCString(line) { regexec(compiled, $0, 0, nil, 0) } == 0 }
}
