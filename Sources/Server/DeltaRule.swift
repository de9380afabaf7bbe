import Catalog
import Delta
import Model

/// Whether a changed file is asked for as a delta: where the link is faster than the disk that holds the copies, to read
/// one costs more than to take the file whole.
struct DeltaRule: Hashable {
    /// How fast something went, as far as it is known.
    struct Rate: Hashable {
        /// Bytes before which it is too early to tell.
        static let telling: UInt64 = 32 << 20

        private(set) var bytes: UInt64 = 0
        private(set) var seconds = 0.0

        mutating func note(_ count: UInt64, in time: Double) {
            bytes += count
            seconds += time
        }

        /// Nil where it is too early to tell.
        var perSecond: Double? { bytes >= Rate.telling && seconds > 0 ? Double(bytes) / seconds : nil }
    }

    /// The agent wants every file whole.
    var wholeFiles = false
    /// Of content, while it comes run after run.
    var arrival = Rate()
    /// Of copies that were read for their signatures.
    var reading = Rate()

    /// What is asked for instead; nil if it is to be as it was.
    ///
    /// A file of which only the ctime moved has most likely the content that it had: the agent compares it for itself.
    func delta(held: Row?, seen: Stamp, want: Want) -> Want? {
        guard !wholeFiles, want != .attributes, let held, held.child == nil, let digest = held.digest,
            held.stamp.metadata.kind == .regular,
            held.stamp.metadata.modified != seen.metadata.modified || want == .content,
            Blocks.pay(basis: held.stamp.metadata.size, content: seen.metadata.size)
        else { return nil }
        if let arrival = arrival.perSecond, let reading = reading.perSecond, arrival > reading { return nil }
        return .delta(unless: digest)
    }
}
