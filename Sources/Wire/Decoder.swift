import Model

/// Reads the bytes of a message and believes none of them: every length is held against its cap and against what is
/// there, every enumeration and flag against what is defined.
package struct Decoder: Sendable {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    package init(_ bytes: [UInt8]) { self.init(bytes, 0..<bytes.count) }

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// Whether all bytes are used up.
    package var isAtEnd: Bool { position == end }

    /// Malformed at the end.
    package mutating func byte() throws(WireError) -> UInt8 {
        guard position < end else { throw .malformed("a message ends too early") }
        defer { position += 1 }
        return bytes[position]
    }

    func peek() throws(WireError) -> UInt8 {
        guard position < end else { throw .malformed("a message ends too early") }
        return bytes[position]
    }

    /// An unsigned number; malformed beyond 64 bits or ten bytes.
    package mutating func number() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || next <= 1 else { throw .malformed("a number has more than 64 bits") }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    /// The same; malformed if the type cannot hold it.
    package mutating func number<T: FixedWidthInteger>(as type: T.Type, _ what: StaticString) throws(WireError) -> T {
        let value = try number()
        guard let narrow = T(exactly: value) else { throw .malformed("\(what) is \(value)") }
        return narrow
    }

    /// A number of things that follow, before room is made for them; malformed beyond the limit.
    package mutating func count(upTo limit: Int, _ what: StaticString) throws(WireError) -> Int {
        let value = try number()
        guard value <= UInt64(limit) else { throw .malformed("\(what) is \(value), over the limit of \(limit)") }
        return Int(value)
    }

    /// A number of either sign.
    package mutating func signed() throws(WireError) -> Int64 {
        let folded = try number()
        return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
    }

    /// Eight bytes, the lowest first.
    package mutating func fixed() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        for byte in try take(8).reversed() { value = value << 8 | UInt64(byte) }
        return value
    }

    /// A length and as many bytes; malformed beyond the limit, before anything is copied.
    package mutating func text(upTo limit: Int, _ what: StaticString) throws(WireError) -> [UInt8] {
        let count = try count(upTo: limit, what)
        return Array(try take(count))
    }

    /// The same as UTF-8; what is not is replaced.
    package mutating func string(upTo limit: Int, _ what: StaticString) throws(WireError) -> String {
        String(decoding: try text(upTo: limit, what), as: UTF8.self)
    }

    /// The lowest `count` bits of a byte; a set bit above them is an error.
    package mutating func flags(_ count: Int, _ what: StaticString) throws(WireError) -> [Bool] {
        let value = try byte()
        guard Int(value) < 1 << count else { throw .malformed("unknown flags \(value) in \(what)") }
        return (0..<count).map { value >> $0 & 1 == 1 }
    }

    /// Malformed unless all bytes are used up.
    package func finish() throws(WireError) {
        guard isAtEnd else { throw .malformed("a message is \(end - position) bytes too long") }
    }

    mutating func take(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
        guard count <= end - position else { throw .malformed("a message ends too early") }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// The message that comes next: its type and its bytes.
    mutating func message() throws(WireError) -> (type: UInt8, body: Decoder) {
        let type = try byte()
        let count = try count(upTo: Limits.block, "a message's length")
        guard count <= end - position else { throw .malformed("a message reaches beyond its block") }
        defer { position += count }
        return (type, Decoder(bytes, position..<position + count))
    }
}
