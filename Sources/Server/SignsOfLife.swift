import Model
import Storage
import Synchronization
import Wire

/// Tells the agent every few seconds that the server is at work, so that neither takes the other for dead.
final class SignsOfLife: Sendable {
    private static let every = Duration.seconds(5)

    private let voice: Voice
    private let last = Mutex(ContinuousClock.now)

    init(_ voice: Voice) { self.voice = voice }

    /// A `Progress`; called often, it speaks seldom. An agent that is gone does not stop the work: what is committed is
    /// committed.
    func show(_ phase: Storage.Phase, _ done: Int, _ total: Int) {
        let isDue = last.withLock { last in
            guard ContinuousClock.now - last > Self.every else { return false }
            last = .now
            return true
        }
        guard isDue else { return }
        try? voice.say(.working(Wire.Phase(phase), done: UInt64(max(0, done)), total: UInt64(max(0, total))))
        try? voice.flush()
    }
}

extension Wire.Phase {
    fileprivate init(_ phase: Storage.Phase) {
        switch phase {
        case .waiting, .reconciling: self = .receiving
        case .syncing: self = .synchronizing
        case .bringing, .removing: self = .committing
        }
    }
}
