import Platform

/// How many threads walk.
///
/// Each waits for one block of the disk at a time, so with nothing in memory their number is how many reads a disk has
/// before it at once. One that turns moves its head from each to the next: two keep it busy, and more only make the way
/// longer. Any other answers as many at once as it has channels; a network answers after a round trip, however many ask.
/// Where nothing is waited for, a thread more than there are processors only takes turns with the others.
///
/// Of several disks the one that minds most decides for all. A directory is bound to no thread, and the walk goes down
/// before it goes on: all threads may well be in the same entry at once. To walk a fast disk with two threads costs a part
/// of the time that the slow one takes anyway; to read that one at eight places would cost a multiple of it.
enum WalkerRule {
    static let most = 8
    /// Reads that one processor has under way at once: it has its own work with what they bring.
    private static let readsForEach = 4

    /// - Parameters:
    ///   - media: what the entries lie on.
    ///   - processors: that the process may use; at least 1.
    static func walkers(on media: Set<Medium>, processors: Int) -> Int {
        switch media.max() ?? .unknown {
        case .memory: min(most, processors)
        case .solid, .unknown: min(most, readsForEach * processors)
        case .rotating: 2
        }
    }
}
