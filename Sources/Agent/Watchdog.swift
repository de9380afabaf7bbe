import Model
import Platform
import Synchronization

/// What each thread is doing with the file system, so that one that hangs there can be named. A call to a hung file
/// system cannot be broken off: the program can only say so and end.
package final class Watchdog: Sendable {
    /// Seconds for which a file system may keep one waiting before it is said to hang.
    package static let usualPatience: Double = 60

    let patience: Double
    private let activities = Mutex<[Activity]>([])

    init(patience: Double) { self.patience = patience }

    func newActivity() -> Activity {
        let activity = Activity()
        activities.withLock { $0.append(activity) }
        return activity
    }

    /// The path at which a thread has hung for too long.
    func stalled(at now: Double) -> [UInt8]? {
        activities.withLock { [patience] in $0.lazy.compactMap { $0.stalled(at: now, patience) }.first }
    }
}

/// What one thread is doing.
final class Activity: Sendable {
    private struct State {
        var trail: Trail?
        var name: Name?
        var since: Double = 0
    }

    private let state = Mutex(State())

    /// An operation begins on a directory, or on a name in it.
    func begin(_ trail: Trail, _ name: Name? = nil) {
        let now = steadySeconds()
        state.withLock { $0 = State(trail: trail, name: name, since: now) }
    }

    /// The operation goes on: so many bytes more.
    func goOn() {
        let now = steadySeconds()
        state.withLock { $0.since = now }
    }

    /// The operation goes on, with a name in its directory or with the directory itself.
    func goOn(with name: Name?) {
        let now = steadySeconds()
        state.withLock {
            $0.name = name
            $0.since = now
        }
    }

    /// Nothing is done, or what is waited for is no file system.
    func rest() { state.withLock { $0.trail = nil } }

    /// The operation waits for something that is no file system; `resume` takes the answer.
    func pause() -> Trail? {
        state.withLock { state in
            defer { state.trail = nil }
            return state.trail
        }
    }

    func resume(_ trail: Trail) {
        let now = steadySeconds()
        state.withLock {
            $0.trail = trail
            $0.since = now
        }
    }

    fileprivate func stalled(at now: Double, _ patience: Double) -> [UInt8]? {
        let found = state.withLock { $0 }
        guard let trail = found.trail, now - found.since > patience else { return nil }
        return found.name.map { trail.bytes(of: $0) } ?? trail.bytes
    }
}
