import Platform
import Wire

/// Keeps the threads that read files to the rate of `bwlimit`, all together. What is not read cannot be sent, so it bounds
/// the wire too.
final class Throttle: Sendable {
    /// Bytes that may be read at once after a rest: what each of a few threads reads at a time.
    static let burst = 4 * Limits.run

    private struct State {
        /// Nil without a limit.
        var bucket: TokenBucket?
        var hasFailed = false
    }

    private let state: Monitor<State>
    private let isLimited: Bool

    /// - Parameter rate: bytes a second; nil for no limit.
    init(rate: UInt64?) {
        isLimited = rate != nil
        state = Monitor(
            State(bucket: rate.map { TokenBucket(rate: $0, capacity: Throttle.burst, at: steadySeconds()) }))
    }

    /// Waits until so many bytes may be read. Waiting is no stall of the file system, and the activity says so.
    /// - Throws: when the push has failed elsewhere.
    func admit(_ bytes: Int, _ activity: Activity) throws(PushEnded) {
        guard isLimited, let due = state.with({ $0.bucket?.take(bytes, at: steadySeconds()) }) else { return }
        guard due > steadySeconds() else { return }
        let waiting = activity.pause()
        defer { if let waiting { activity.resume(waiting) } }
        while true {
            let left = due - steadySeconds()
            if left <= 0 { return }
            // In pieces: a rate of a few bytes makes years of it, which no count of milliseconds holds.
            let hasFailed = state.wait(milliseconds: Int(min(left, 60) * 1000) + 1) { $0.hasFailed ? true : nil }
            if hasFailed == true { throw PushEnded() }
        }
    }

    /// Lets everyone go who waits here.
    func fail() { state.with { $0.hasFailed = true } }
}
