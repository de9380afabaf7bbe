import Platform
import Storage
import Synchronization
import Wire

/// Tells the agent every so often that the server is at work, from a thread of its own: whoever works may be held up by
/// the disk for minutes, and the agent is not to take that for death.
final class SignsOfLife: Sendable {
    private struct Work {
        var phase = Wire.Phase.receiving
        var done: UInt64 = 0
        var total: UInt64 = 0
    }

    /// Behind a mutex that nobody waits for: it changes with every name that is worked on.
    private final class Shown: Sendable {
        let work = Mutex(Work())
    }

    private let shown = Shown()
    private let telling: Recurring

    /// - Parameter milliseconds: from one sign to the next.
    init(_ voice: Voice, every milliseconds: Int) throws(SystemError) {
        telling = try Recurring("signs of life", every: milliseconds) { [shown] in
            let now = shown.work.withLock { $0 }
            // An agent that is gone does not stop the work: what is committed is committed.
            try? voice.say(.working(now.phase, done: now.done, total: now.total))
            try? voice.flush()
        }
    }

    /// A `Progress`: what is told of from now on.
    func show(_ phase: Storage.Phase, _ done: Int, _ total: Int) {
        let work = Work(phase: Wire.Phase(phase), done: UInt64(max(0, done)), total: UInt64(max(0, total)))
        shown.work.withLock { $0 = work }
    }

    /// When it returns, no sign will be given any more.
    func end() { telling.end() }
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
