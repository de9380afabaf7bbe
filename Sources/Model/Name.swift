/// One component of a path, as the file system knows it: 1 to 255 bytes, no slash, no NUL, neither `.` nor `..`.
///
/// A name that exists has been checked, wherever it came from; whoever holds one may hand it to a system call below a
/// directory descriptor. Names are bytes: two that differ only in Unicode normalization are two files.
package struct Name: Hashable, Sendable {
    /// Bytes of the longest name that Linux has.
    package static let longest = 255

    /// 1 to 255, without `/` and NUL; in any encoding or none.
    package let bytes: [UInt8]

    /// Nil unless the bytes are a name.
    package init?(_ bytes: some Collection<UInt8>) {
        guard Name.isValid(bytes) else { return nil }
        self.bytes = Array(bytes)
    }

    /// The same for bytes that lie in memory, as most come.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard Name.isValid(memory: bytes) else { return nil }
        self.bytes = Array(bytes)
    }

    /// The same for bytes that are an array already.
    package init?(_ bytes: [UInt8]) {
        guard bytes.withUnsafeBytes(Name.isValid(memory:)) else { return nil }
        self.bytes = bytes
    }

    /// Whether these bytes can be a name: neither `.` nor `..`, and as `bytes` says.
    package static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.withContiguousStorageIfAvailable { isValid(memory: UnsafeRawBufferPointer($0)) }
            ?? Array(bytes).withUnsafeBytes(isValid(memory:))
    }

    // Once for each name of a listing or a row: no generic loop.
    private static func isValid(memory bytes: UnsafeRawBufferPointer) -> Bool {
        let (count, dot) = (bytes.count, UInt8(ascii: "."))
        guard count > 0, count <= longest else { return false }
        if bytes[0] == dot, count == 1 || count == 2 && bytes[1] == dot { return false }
        for byte in bytes where byte == 0 || byte == UInt8(ascii: "/") { return false }
        return true
    }
}

extension Name: Comparable {
    /// The order of listings: by bytes, as unsigned numbers.
    package static func < (left: Name, right: Name) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension Name: ExpressibleByStringLiteral {
    /// For names that the program itself gives; traps on what is not a name.
    package init(stringLiteral value: StaticString) {
        guard let name = Name(value.withUTF8Buffer(Array.init)) else { preconditionFailure("not a name: \(value)") }
        self = name
    }
}

extension Name: CustomStringConvertible {
    package var description: String { escaped(bytes) }
}
