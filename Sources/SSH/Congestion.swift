import Platform
import Synchronization

/// Whether it is the network that is slow, and not whoever reads at its other end.
///
/// The kernel counts for how long a socket had bytes under way. While a slow reader keeps SSH's window shut there are
/// none; while the network is slow there always are some.
final class Congestion: Sendable {
    private struct Sample {
        var taken: Double
        var busy: UInt64
        var isCongested = false
    }

    /// Seconds from sample to sample.
    static let interval = 0.25
    /// The part of them from which on it is the network.
    static let share = 0.5

    private let last: Mutex<Sample>

    init() { last = Mutex(Sample(taken: steadySeconds(), busy: 0)) }

    /// - Parameter busy: the microseconds for which bytes were under way so far; nil where the kernel does not count
    ///   them, and then the network is taken to be slow.
    func isCongested(at now: Double, busy: () -> UInt64?) -> Bool {
        last.withLock { last in
            guard now - last.taken >= Congestion.interval else { return last.isCongested }
            guard let total = busy() else { return true }
            let part = Double(total &- last.busy) / 1_000_000 / (now - last.taken)
            last = Sample(taken: now, busy: total, isCongested: part >= Congestion.share)
            return last.isCongested
        }
    }
}
