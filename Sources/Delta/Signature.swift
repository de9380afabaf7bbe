import CXXHash
import Digest

/// What a server tells of its copy of a file, so that the agent finds in the new one what need not be sent.
package struct Signature: Sendable {
    /// Of the sums; of the session, so that no customer can make blocks that only look alike.
    package let seed: UInt64
    package let blocks: Blocks
    private(set) var weak: [UInt32] = []
    private(set) var strong: [UInt64] = []

    /// Of which nothing has come yet. Memory grows with what comes.
    package init(of blocks: Blocks, seed: UInt64) {
        self.blocks = blocks
        self.seed = seed
    }

    /// Blocks of which the entries have come.
    package var count: Int { weak.count }

    /// Takes the entries of the blocks that come next, as `BlockHasher` has them.
    /// - Returns: false if these are no entries, or more than there are blocks; nothing was taken then.
    package mutating func append(_ entries: [UInt8]) -> Bool {
        guard entries.count % Blocks.entry == 0, entries.count / Blocks.entry <= blocks.count - count else {
            return false
        }
        entries.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: Blocks.entry) {
                weak.append(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
                strong.append(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4, as: UInt64.self)))
            }
        }
        return true
    }

    /// A block of zeros is told as zeros: they are neither sent nor copied.
    func isZero(_ block: Int) -> Bool { weak[block] == 0 && strong[block] == 0 }
}

/// Computes the entries of blocks. For one thread.
package struct BlockHasher: ~Copyable {
    private let checksum: RollingChecksum
    private let seed: UInt64

    package init(_ blocks: Blocks, seed: UInt64) {
        checksum = RollingChecksum(seed: seed, window: blocks.size)
        self.seed = seed
    }

    /// Appends the entry of a block: the weak sum and the strong one, the lowest byte first; zeros for zeros.
    package func append(entryOf block: UnsafeRawBufferPointer, to entries: inout [UInt8]) {
        guard !Digest.isZero(block) else {
            entries.append(contentsOf: repeatElement(0, count: Blocks.entry))
            return
        }
        let weak = RollingChecksum.weak(checksum.sum(block))
        withUnsafeBytes(of: weak.littleEndian) { entries.append(contentsOf: $0) }
        withUnsafeBytes(of: strongSum(block, seed).littleEndian) { entries.append(contentsOf: $0) }
    }
}

/// The first eight bytes of XXH3-128.
@inline(__always)
func strongSum(_ bytes: UnsafeRawBufferPointer, _ seed: UInt64) -> UInt64 {
    XXH3_128bits_withSeed(bytes.baseAddress, bytes.count, seed).low64
}
