import Model
import Platform

/// Threads that work at one thing, and the waiting for the last of them.
final class Crew: Sendable {
    private let atWork = Monitor(0)

    /// Starts one more. That the push has ended elsewhere is no failure of its own.
    func add(
        _ line: Line, _ name: String, _ body: @escaping @Sendable () throws(PushEnded) -> Void
    ) throws(PushError) {
        atWork.with { $0 += 1 }
        _ = try line.start(name) { [atWork] _ throws(PushError) in
            defer { atWork.with { $0 -= 1 } }
            do throws(PushEnded) { try body() } catch {}
        }
    }

    /// Whether all have ended; waits a while for it.
    func isDone(within milliseconds: Int) -> Bool {
        atWork.wait(milliseconds: milliseconds) { $0 == 0 ? true : nil } ?? false
    }
}
