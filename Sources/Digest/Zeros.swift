/// Whether all bytes are zero; so for none at all. Reads as fast as memory gives.
package func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress else { return true }
    var position = 0
    // Most blocks that are not zero show it in their first bytes.
    while position < bytes.count, position < 16 {
        if base.load(fromByteOffset: position, as: UInt8.self) != 0 { return false }
        position += 1
    }
    // 256 bytes a round, so that the processor waits for one test only.
    while position + 256 <= bytes.count {
        var found = base.loadUnaligned(fromByteOffset: position, as: SIMD8<UInt64>.self)
        found |= base.loadUnaligned(fromByteOffset: position + 64, as: SIMD8<UInt64>.self)
        found |= base.loadUnaligned(fromByteOffset: position + 128, as: SIMD8<UInt64>.self)
        found |= base.loadUnaligned(fromByteOffset: position + 192, as: SIMD8<UInt64>.self)
        if found != SIMD8<UInt64>() { return false }
        position += 256
    }
    while position < bytes.count {
        if base.load(fromByteOffset: position, as: UInt8.self) != 0 { return false }
        position += 1
    }
    return true
}
