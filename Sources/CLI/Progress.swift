import Model
import Platform

/// How far a run is, for a terminal's last line and for the process title.
package struct ProgressState: Hashable, Sendable {
    package var files: UInt64 = 0
    package var bytes: UInt64 = 0
    /// Since the start.
    package var seconds: Double = 0
    /// What is being read.
    package var path: [UInt8] = []

    package init(files: UInt64 = 0, bytes: UInt64 = 0, seconds: Double = 0, path: [UInt8] = []) {
        self.files = files
        self.bytes = bytes
        self.seconds = seconds
        self.path = path
    }

    /// `12,345 files, 1.2 GiB, 34 MiB/s  /usr/home/…`, at most so many columns wide.
    package func line(columns: Int) -> String {
        let counts = "\(grouped(files)) files, \(humanSize(bytes)), \(humanRate(bytes, seconds: seconds))"
        return cut(path.isEmpty ? counts : "\(counts)  \(escaped(path))", to: columns)
    }
}

/// The progress of a run, drawn at most five times a second, whoever reports it and however often.
package final class Progress: Sendable {
    private let console: Console
    private let terminal: Terminal?
    private let title: String?
    private let lastDrawn = Monitor(-1.0)

    /// Seconds between two drawings: often enough to be seen to move.
    package static let interval = 0.2

    /// - Parameters:
    ///   - terminal: nil draws nothing.
    ///   - title: what the process title begins with; nil leaves it alone.
    package init(console: Console, terminal: Terminal?, title: String?) {
        self.console = console
        self.terminal = terminal
        self.title = title
    }

    /// Cheap where nothing is to be drawn yet: the state is not asked for then.
    package func report(at seconds: Double, _ state: () -> ProgressState) {
        let isDue = lastDrawn.with { last in
            guard last < 0 || seconds - last >= Progress.interval else { return false }
            last = seconds
            return true
        }
        guard isDue else { return }
        let state = state()
        // One column less: a full last line makes some terminals scroll.
        if let terminal { console.showProgress(state.line(columns: terminal.columns - 1)) }
        if let title { setProcessTitle("\(title): \(state.line(columns: 200))") }
    }

    /// Takes the line away.
    package func finish() { console.clearProgress() }
}

/// Cuts in the middle of what is too long, since a path's end says most.
private func cut(_ text: String, to columns: Int) -> String {
    guard width(of: text) > columns else { return text }
    guard columns > 3 else { return "" }
    let front = (columns - 3) * 2 / 3
    var head = ""
    var used = 0
    for character in text {
        let size = width(of: String(character))
        if used + size > front { break }
        head.append(character)
        used += size
    }
    var tail: [Character] = []
    for character in text.reversed() {
        let size = width(of: String(character))
        if used + size > columns - 3 { break }
        tail.append(character)
        used += size
    }
    return head + "..." + String(tail.reversed())
}
