package import Model
internal import Platform
package import Storage

/// Housekeeping as a service: notices what is committed, and does each jail in turn, several at once up to a limit.
///
/// It keeps nothing that it could not find again: it may be killed at any moment.
package final class Watch: Sendable {
    /// What a jail's turn came to.
    package enum Turn: Sendable {
        case done(JailPass.Report)
        case failed(any Error)
    }

    private let root: DataRoot
    private let pass: JailPass
    private let now: @Sendable () throws -> Moment
    private let tell: @Sendable (Name, Turn) -> Void
    private let state: Monitor<State>

    private struct State: Sendable {
        var list = WatchList(every: 600)
        var waiting: [Name] = []
        var isEnding = false
        /// When a worker last showed that it goes on.
        var lastSign = steadySeconds()
    }

    /// Ends the work of a jail between two of its steps.
    private struct Ended: Error {}

    /// - Parameters:
    ///   - now: the server's clock.
    ///   - tell: is told of each turn in which something was done or went wrong, from any thread.
    package init(
        _ root: DataRoot, _ pass: JailPass, now: @escaping @Sendable () throws -> Moment,
        tell: @escaping @Sendable (Name, Turn) -> Void
    ) {
        self.root = root
        self.pass = pass
        self.now = now
        self.tell = tell
        state = Monitor(State())
    }

    /// Works until `goesOn` answers false, which is asked every few seconds; then ends each jail's work between two steps
    /// and returns.
    /// - Parameter goesOn: is given whether the work goes on as well: false if nothing has moved for ten minutes.
    package func run(workers count: Int, goesOn: (_ isAlive: Bool) throws -> Bool) throws {
        let workers = try (0..<count).map { number in
            try Thread.spawn("housekeep \(number)") { self.work() }
        }
        defer {
            state.with { $0.isEnding = true }
            for worker in workers { worker.join() }
        }
        repeat {
            let found = try root.jails().map { (jail: $0, written: written($0)) }
            state.with { $0.waiting += $0.list.take(found, at: steadySeconds()) }
        } while try goesOn(isAlive)
    }

    private var isAlive: Bool { state.with { $0.list.isIdle || steadySeconds() - $0.lastSign < 600 } }

    private func work() {
        while let jail = state.wait(until: { state -> Name?? in
            if state.isEnding { return .some(nil) }
            return state.waiting.isEmpty ? nil : .some(state.waiting.removeFirst())
        }) {
            takeTurn(jail)
        }
    }

    private func takeTurn(_ jail: Name) {
        do {
            let backupdir = try root.backupdir(jail)
            let now = try now()
            if try pass.look(at: backupdir, at: now).isWork {
                tell(jail, .done(try pass.run(over: backupdir, at: now, progress: showSign)))
            }
            looked(at: jail)
        } catch let error as StorageError where error.problem == .busy {
            state.with { $0.list.gaveUp(on: jail) }
        } catch {
            // What it was told to stop comes back as an error of what it was doing.
            if state.with({ $0.isEnding }) { return }
            tell(jail, .failed(error))
            looked(at: jail)
        }
    }

    private func looked(at jail: Name) {
        let written = written(jail)
        state.with { $0.list.looked(at: jail, written: written, at: steadySeconds()) }
    }

    /// Nil also where it cannot be said. Of a jail that could be looked at before, its turn then tells why.
    private func written(_ jail: Name) -> Timestamp? { try? root.backupdir(jail).catalogWritten() }

    private func showSign(_ phase: Phase, _ done: Int, _ total: Int) throws {
        try state.with { state throws(Ended) in
            state.lastSign = steadySeconds()
            if state.isEnding { throw Ended() }
        }
    }
}
