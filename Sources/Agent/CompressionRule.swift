import Model
import Wire

/// At which level the next block is compressed, by what was seen of those before it.
///
/// On a slow wire blocks pile up behind it: then there is time to compress harder, and each step lets more through. Once
/// the wire has taken all that waited, it waits for the compressors, and every step down lets more through. So the level
/// follows the link and the processors, whatever either is, and stays next to where both are busy.
struct CompressionRule {
    /// Rungs of the ladder: each costs about twice the time of the one before. Beyond the last there is little to gain.
    static let ladder: [Int32] = [1, 3, 6, 9, 12]
    /// Bytes that wait before it may pay to begin: two runs of content.
    static let backlog = 2 * Limits.run
    /// Bytes that wait where blocks pile up: half of what a line of the queue holds.
    static let pile = SendQueue.capacity / 2
    /// Blocks of one level that come to such a pile, one after the other, before the next level is tried.
    static let patience = 16

    private let wanted: Compression
    /// On the ladder; nil for off.
    private var rung: Int?
    private var piled = 0

    init(_ wanted: Compression) { self.wanted = wanted }

    /// The level for a block that is to go; nil for none.
    ///
    /// - Parameters:
    ///   - waiting: bytes that are to leave before it.
    ///   - isSlow: whether it is the wire that they wait for.
    mutating func level(waiting: Int, isSlow: Bool) -> Int32? {
        switch wanted {
        case .off: return nil
        case .level(let level): return level
        case .auto: break
        }
        if !isSlow {
            (rung, piled) = (nil, 0)
        } else if rung == nil, waiting >= CompressionRule.backlog {
            rung = 0
        }
        return rung.map { CompressionRule.ladder[$0] }
    }

    /// Takes in that a block, compressed at a level, is handed over to the queue. What does not shrink says nothing of
    /// the level, and is not to be told.
    ///
    /// - Parameter waiting: bytes in the queue by now.
    mutating func handedOver(at level: Int32, waiting: Int) {
        // Of another thread's, begun before the last step, nothing is learnt about this one.
        guard let rung, CompressionRule.ladder[rung] == level else { return }
        if waiting == 0 {
            self.rung = rung > 0 ? rung - 1 : nil
            piled = 0
        } else if waiting < CompressionRule.pile {
            piled = 0
        } else {
            piled += 1
            guard piled >= CompressionRule.patience, rung + 1 < CompressionRule.ladder.count else { return }
            self.rung = rung + 1
            piled = 0
        }
    }
}
