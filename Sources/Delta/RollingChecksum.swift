/// The weak sum of a window of bytes, which follows the window at the cost of a multiplication a byte.
///
/// Of bytes b1 … bn it is the upper half of T[b1]·M^(n-1) + … + T[bn] modulo 2^64, with an odd M. T[0] is 0, so that
/// the sum of zeros is 0; the rest of T are the first 255 numbers of SplitMix64 from the seed: whoever does not know
/// the seed cannot tell which bytes have equal sums. The upper half, because a lower bit of such a polynomial
/// depends on lower bits alone. rsync's sums of bytes crowd together where content is text or nearly equal; these
/// spread over all 32 bits.
struct RollingChecksum: ~Copyable {
    static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// T·M^0 to T·M^7, so that eight bytes take one step in a row and not eight; then T·M^n for the byte that leaves.
    private let tables: UnsafeMutablePointer<UInt64>
    private let stride: UInt64

    /// - Parameter window: the bytes of one, n.
    init(seed: UInt64, window: Int) {
        tables = .allocate(capacity: 9 * 256)
        var state = seed
        tables[0] = 0
        for byte in 1..<256 { tables[byte] = splitMix(&state) }
        for power in 1..<8 {
            for byte in 0..<256 { tables[power << 8 | byte] = tables[(power - 1) << 8 | byte] &* Self.multiplier }
        }
        let last = Self.power(window)
        for byte in 0..<256 { tables[8 << 8 | byte] = tables[byte] &* last }
        stride = Self.power(8)
    }

    deinit { tables.deallocate() }

    /// Of as many bytes as there are.
    func sum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard let base = bytes.baseAddress else { return 0 }
        var sum: UInt64 = 0
        var position = 0
        while position + 8 <= bytes.count {
            let eight = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let first = tables[7 << 8 | Int(eight & 0xFF)] &+ tables[6 << 8 | Int(eight >> 8 & 0xFF)]
            let second = tables[5 << 8 | Int(eight >> 16 & 0xFF)] &+ tables[4 << 8 | Int(eight >> 24 & 0xFF)]
            let third = tables[3 << 8 | Int(eight >> 32 & 0xFF)] &+ tables[2 << 8 | Int(eight >> 40 & 0xFF)]
            let fourth = tables[1 << 8 | Int(eight >> 48 & 0xFF)] &+ tables[Int(eight >> 56)]
            sum = sum &* stride &+ ((first &+ second) &+ (third &+ fourth))
            position += 8
        }
        while position < bytes.count {
            sum = sum &* Self.multiplier &+ tables[Int(base.load(fromByteOffset: position, as: UInt8.self))]
            position += 1
        }
        return sum
    }

    /// Of the window that begins one byte later.
    @inline(__always)
    func rolled(_ sum: UInt64, out first: UInt8, in next: UInt8) -> UInt64 {
        sum &* Self.multiplier &+ (tables[Int(next)] &- tables[8 << 8 | Int(first)])
    }

    /// What is told of a sum.
    @inline(__always)
    static func weak(_ sum: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: sum >> 32) }

    private static func power(_ exponent: Int) -> UInt64 {
        var (result, factor, rest): (UInt64, UInt64, Int) = (1, multiplier, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result = result &* factor }
            factor = factor &* factor
            rest >>= 1
        }
        return result
    }
}

private func splitMix(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
}
