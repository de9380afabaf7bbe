/// What an archive holds that was written, and what is wrong with it.
package struct RestoreSummary: Hashable, Sendable {
    /// As it was in the night.
    package struct Damage: Hashable, Sendable {
        /// Of the jail.
        package var path: Path
        /// Fit to be shown.
        package var reason: String
        /// Those whose copy of it was read and is good: the same content, or another state of the file.
        package var goodNights: [Int]

        package init(path: Path, reason: String, goodNights: [Int]) {
            self.path = path
            self.reason = reason
            self.goodNights = goodNights
        }
    }

    /// More damaged files, and more that were left out, than these are only counted.
    package static let mostNamed = 1000

    package var generation: Generation
    /// When that was committed, by the server's clock.
    package var pushed: Timestamp
    package var members: UInt64 = 0
    /// Of content, before it was compressed; of a file with several names once.
    package var bytes: UInt64 = 0
    /// Sockets, for which an archive has no place, and what is there without an ACL or attribute that it has no words for;
    /// paths of the jail.
    package var leftOut: [Path] = []
    package var leftOutCount: UInt64 = 0
    package var damaged: [Damage] = []
    package var damagedCount: UInt64 = 0

    package init(generation: Generation, pushed: Timestamp) {
        self.generation = generation
        self.pushed = pushed
    }

    /// Whether the archive is what the night was.
    package var isSound: Bool { damagedCount == 0 }

    /// Notes what an archive cannot hold.
    package mutating func leaveOut(_ path: Path) {
        leftOutCount += 1
        if leftOut.count < RestoreSummary.mostNamed { leftOut.append(path) }
    }
}
