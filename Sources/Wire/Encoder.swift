import Model

/// Builds the bytes of messages: little-endian numbers of seven bits a byte, texts with their length before them.
package struct Encoder: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// An unsigned number, seven bits a byte, the lowest first; the top bit says that more follow.
    package mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// A signed number, folded so that small ones of either sign are short.
    package mutating func signed(_ value: Int64) {
        number(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Eight bytes, the lowest first.
    package mutating func fixed(_ value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Its length, then the bytes.
    package mutating func text(_ value: some Collection<UInt8>) {
        number(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    package mutating func text(_ value: String) { text(value.utf8) }

    /// One byte, the first flag in bit 0.
    package mutating func flags(_ values: Bool...) {
        byte(values.reversed().reduce(0) { $0 << 1 | ($1 ? 1 : 0) })
    }

    mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    mutating func append(_ raw: UnsafeRawBufferPointer) { bytes.append(contentsOf: raw) }

    mutating func append(_ other: Encoder) { bytes.append(contentsOf: other.bytes) }
}
