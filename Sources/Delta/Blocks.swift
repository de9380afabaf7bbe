/// How the copy that a server has of a file is cut into blocks, by its length alone: both sides know it.
package struct Blocks: Hashable, Sendable {
    /// Of all blocks.
    package let length: UInt64
    /// Of each block but the last, which may be shorter: a multiple of 4,096, so that a file system can share what is
    /// copied.
    package let size: Int
    package let count: Int

    /// Blocks of one file.
    package static let most = 1 << 20
    /// Bytes of a longer block would have to be held at once.
    package static let largest = 4 << 20
    /// Bytes by which a block is told: its weak and its strong sum.
    package static let entry = 12
    /// Bytes of entries that a server has under way; one file alone may have more.
    package static let budget = 32 << 20

    /// About a quarter of the square root of the length, and no more than 2^20 blocks. Smaller ones than a square root:
    /// entries are short and travel against the stream, and what changes in a database are pages.
    /// - Returns: nil for a file of which blocks would be too large.
    package init?(of length: UInt64) {
        let root = UInt64(Double(length).squareRoot())
        let pages = max(
            1, root.dividedRoundingUp(by: 4 * 4096), length.dividedRoundingUp(by: UInt64(Blocks.most) * 4096))
        guard pages <= UInt64(Blocks.largest) / 4096 else { return nil }
        self.length = length
        size = Int(pages) * 4096
        count = Int(length.dividedRoundingUp(by: UInt64(size)))
    }

    /// Bytes of all entries.
    package var weight: Int { count * Blocks.entry }

    /// Of one block.
    package func length(of block: Int) -> Int { Int(min(UInt64(size), length - offset(of: block))) }

    /// Where a block begins.
    package func offset(of block: Int) -> UInt64 { UInt64(block) * UInt64(size) }

    /// Whether it may pay to send a file of `content` bytes as a delta against a copy of `basis` bytes: both are worth it,
    /// and the copy is not so much longer that reading it is the greater part of the work. What a server asks for
    /// and what an agent takes from it go by the same rule.
    package static func pay(basis: UInt64, content: UInt64) -> Bool {
        min(basis, content) > 128 << 10 && basis / 8 <= content && Blocks(of: basis) != nil
    }
}

extension UInt64 {
    fileprivate func dividedRoundingUp(by divisor: UInt64) -> UInt64 { self / divisor + (self % divisor == 0 ? 0 : 1) }
}
