/// The bytes that a bracket of a pattern stands for.
struct ByteSet: Hashable, Sendable {
    private var words: [4 of UInt64] = .init(repeating: 0)
    private var isNegated = false

    static func == (left: ByteSet, right: ByteSet) -> Bool {
        left.isNegated == right.isNegated && left.words.indices.allSatisfy { left.words[$0] == right.words[$0] }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(isNegated)
        for index in words.indices { hasher.combine(words[index]) }
    }

    func contains(_ byte: UInt8) -> Bool {
        (words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1) != isNegated
    }

    private mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

    /// Reads what follows a `[`, up to its `]`; nil, with nothing read, if there is none: the `[` stands for itself then.
    init?(bracket pattern: inout ArraySlice<UInt8>) {
        var rest = pattern
        if rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^") {
            isNegated = true
            rest = rest.dropFirst()
        }
        var isFirst = true
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "]"), !isFirst {
                pattern = rest
                return
            }
            isFirst = false
            if byte == UInt8(ascii: "["), rest.first == UInt8(ascii: ":"), insertClass(&rest) { continue }
            var low = byte
            if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() { low = escaped }
            if rest.first == UInt8(ascii: "-"), rest.count > 1, rest[rest.startIndex + 1] != UInt8(ascii: "]") {
                rest = rest.dropFirst()
                var high = rest.removeFirst()
                if high == UInt8(ascii: "\\"), let escaped = rest.popFirst() { high = escaped }
                if low <= high { for byte in low...high { insert(byte) } }
            } else {
                insert(low)
            }
        }
        return nil
    }

    /// Reads `:digit:]`; of ASCII only, since names are bytes.
    private mutating func insertClass(_ pattern: inout ArraySlice<UInt8>) -> Bool {
        for (name, ranges) in ByteSet.classes where pattern.starts(with: ":\(name):]".utf8) {
            for range in ranges { for byte in range { insert(byte) } }
            pattern = pattern.dropFirst(name.utf8.count + 3)
            return true
        }
        return false
    }

    private static let classes: [(String, [ClosedRange<UInt8>])] = [
        ("alpha", [65...90, 97...122]), ("upper", [65...90]), ("lower", [97...122]), ("digit", [48...57]),
        ("alnum", [48...57, 65...90, 97...122]), ("space", [9...13, 32...32]), ("blank", [9...9, 32...32]),
        ("punct", [33...47, 58...64, 91...96, 123...126]), ("xdigit", [48...57, 65...70, 97...102]),
        ("cntrl", [0...31, 127...127]), ("print", [32...126]), ("graph", [33...126]),
    ]
}
