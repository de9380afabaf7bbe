import Platform
import Storage
import Wire

/// Tells the agent every so often that the server is at work, from a thread of its own: whoever works may be held up by
/// the disk for minutes, and the agent is not to take that for death.
final class SignsOfLife: Sendable {
    private struct State {
        var phase = Wire.Phase.receiving
        var done: UInt64 = 0
        var total: UInt64 = 0
        var isOver = false
    }

    private let state = Monitor(State())
    private let thread: Platform.Thread

    /// - Parameter milliseconds: from one sign to the next.
    init(_ voice: Voice, every milliseconds: Int) throws(SystemError) {
        thread = try Thread.spawn("signs of life") { [state] in
            while true {
                if state.wait(milliseconds: milliseconds, until: { $0.isOver ? true : nil }) != nil { return }
                let now = state.with { $0 }
                // An agent that is gone does not stop the work: what is committed is committed.
                try? voice.say(.working(now.phase, done: now.done, total: now.total))
                try? voice.flush()
            }
        }
    }

    /// A `Progress`: what is told of from now on.
    func show(_ phase: Storage.Phase, _ done: Int, _ total: Int) {
        state.with { ($0.phase, $0.done, $0.total) = (Wire.Phase(phase), UInt64(max(0, done)), UInt64(max(0, total))) }
    }

    /// When it returns, no sign will be given any more.
    func end() {
        state.with { $0.isOver = true }
        thread.join()
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
