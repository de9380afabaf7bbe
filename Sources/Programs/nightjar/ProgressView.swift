import Agent
import CLI
import Platform

/// How a run's progress is shown: on the terminal's last line, in the process title, and with `--progress` as lines where
/// there is no terminal.
final class ProgressView: Sendable {
    private static let seconds = 5.0

    private let console: Console
    private let progress: Progress
    private let isLined: Bool
    private let start = steadySeconds()
    private let lastLine = Monitor(-seconds)

    init(_ console: Console, isForced: Bool) {
        let terminal = Terminal(2)
        self.console = console
        progress = Progress(console: console, terminal: terminal, title: "nightjar backup")
        isLined = isForced && terminal == nil
    }

    func show(_ now: PushProgress) {
        let elapsed = steadySeconds() - start
        let state = ProgressState(
            files: now.files, bytes: now.bytesSeen, seconds: elapsed, path: now.path ?? [])
        progress.report(at: elapsed) { state }
        guard isLined else { return }
        let isDue = lastLine.with { last in
            guard elapsed - last >= Self.seconds else { return false }
            last = elapsed
            return true
        }
        if isDue { console.error(state.line(columns: 200)) }
    }

    func finish() { progress.finish() }
}
