import CXXHash
import Model

/// XXH3-128 over a file's content, the same wherever its holes are.
///
/// The content is cut into blocks of 64 KiB at multiples of 64 KiB. A block of zeros (the last, shorter one too) counts
/// for nothing. Of every other one its offset goes in, as eight bytes little endian, and then its bytes; at the end the
/// file's length, as eight bytes. So a reader may skip holes without the digest knowing.
package struct ContentHasher: ~Copyable {
    /// Bytes that are zero or not as one: holes are skipped in these.
    package static let blockSize = 64 << 10

    private let state: OpaquePointer

    package init() {
        guard let state = XXH3_createState() else { preconditionFailure("out of memory") }
        self.state = state
        reset()
    }

    deinit { XXH3_freeState(state) }

    /// Begins anew.
    package mutating func reset() {
        // XXH3 spins for ever on a state that was never reset.
        XXH3_128bits_reset(state)
    }

    /// Takes whole blocks; only the file's last may be short. Blocks come in the order of their offsets.
    /// - Parameter offset: a multiple of `blockSize`.
    package mutating func update(block bytes: UnsafeRawBufferPointer, at offset: UInt64) {
        precondition(offset % UInt64(ContentHasher.blockSize) == 0)
        var start = 0
        while start < bytes.count {
            let end = min(start + ContentHasher.blockSize, bytes.count)
            let block = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            if !isZero(block) {
                add(offset + UInt64(start))
                XXH3_128bits_update(state, block.baseAddress, block.count)
            }
            start = end
        }
    }

    /// The same for a span.
    package mutating func update(block bytes: RawSpan, at offset: UInt64) {
        bytes.withUnsafeBytes { update(block: $0, at: offset) }
    }

    /// The digest of a file of `length` bytes whose blocks have been taken. `reset()` comes next.
    package mutating func finish(length: UInt64) -> ContentDigest {
        add(length)
        let hash = XXH3_128bits_digest(state)
        return ContentDigest(low: hash.low64, high: hash.high64)
    }

    /// The digest of content that is in memory as a whole.
    package static func digest(of content: UnsafeRawBufferPointer) -> ContentDigest {
        var hasher = ContentHasher()
        hasher.update(block: content, at: 0)
        return hasher.finish(length: UInt64(content.count))
    }

    /// The digest of content that is in memory as a whole.
    package static func digest(of content: [UInt8]) -> ContentDigest { content.withUnsafeBytes { digest(of: $0) } }

    private func add(_ number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { _ = XXH3_128bits_update(state, $0.baseAddress, $0.count) }
    }
}
