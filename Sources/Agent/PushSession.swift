import Model
import Platform
import Wire

/// What the threads of one push share, once the server has said what it holds.
final class PushSession: Sendable {
    let settings: PushSettings
    let welcome: Welcome
    let index: ServerIndex
    /// Nil where everything is walked.
    let hints: Hints?
    let queue: SendQueue
    let ledger: Ledger
    let outbox: ListingOutbox
    let stack: WalkStack
    let tally: Tally
    let issues: IssueLog
    let throttle: Throttle
    let watchdog: Watchdog

    init(_ line: Line, _ welcome: Welcome, _ index: ServerIndex, _ hints: Hints?, _ first: Visit) {
        settings = line.settings
        self.welcome = welcome
        self.index = index
        self.hints = hints
        queue = line.queue
        ledger = line.ledger
        outbox = ListingOutbox(line.queue, line.ledger, next: welcome.nextDirectory)
        stack = WalkStack(first)
        tally = line.tally
        issues = line.issues
        throttle = line.throttle
        watchdog = Watchdog(patience: line.settings.fileSystemPatience)
    }
}
