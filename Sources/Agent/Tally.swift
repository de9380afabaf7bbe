import Model
import Synchronization

/// What a push has done so far, counted by all threads.
final class Tally: Sendable {
    private let directories = Atomic<UInt64>(0)
    private let entries = Atomic<UInt64>(0)
    private let listings = Atomic<UInt64>(0)
    private let answers = Atomic<UInt64>(0)
    private let bytesSeen = Atomic<UInt64>(0)
    private let contentBytes = Atomic<UInt64>(0)
    private let verifiedFiles = Atomic<UInt64>(0)
    private let verifiedBytes = Atomic<UInt64>(0)
    private let current = Mutex<Trail?>(nil)

    func walked(files: UInt64, bytes: UInt64, _ trail: Trail) {
        directories.add(1, ordering: .relaxed)
        entries.add(files, ordering: .relaxed)
        bytesSeen.add(bytes, ordering: .relaxed)
        current.withLock { $0 = trail }
    }

    func listed() { listings.add(1, ordering: .relaxed) }
    func answered() { answers.add(1, ordering: .relaxed) }
    func sentContent(_ bytes: Int) { contentBytes.add(UInt64(bytes), ordering: .relaxed) }

    /// A file was read to be compared with the digest that the server has.
    func verified(_ bytes: UInt64) {
        verifiedFiles.add(1, ordering: .relaxed)
        verifiedBytes.add(bytes, ordering: .relaxed)
    }

    var verified: (files: UInt64, bytes: UInt64) {
        (verifiedFiles.load(ordering: .relaxed), verifiedBytes.load(ordering: .relaxed))
    }

    var trail: Trail? { current.withLock { $0 } }

    /// The counts that the agent knows; what changed and what went only the server can say.
    var counts: PushCounts {
        var counts = PushCounts()
        counts.directories = directories.load(ordering: .relaxed)
        counts.entries = entries.load(ordering: .relaxed)
        counts.listings = listings.load(ordering: .relaxed)
        counts.answers = answers.load(ordering: .relaxed)
        counts.bytesSeen = bytesSeen.load(ordering: .relaxed)
        counts.contentBytes = contentBytes.load(ordering: .relaxed)
        return counts
    }
}

/// The trouble of a run: a value for each, up to a number that still can be read.
final class IssueLog: Sendable {
    static let most = 10_000

    private struct State {
        var issues: [Issue] = []
        /// Those among them that only this side knows of.
        var own: [Issue] = []
        var leftOut: UInt64 = 0
        var notes: UInt64 = 0
    }

    private let state: Mutex<State>

    init(_ issues: [Issue]) {
        state = Mutex(State())
        for issue in issues { add(issue) }
    }

    /// - Parameter isHeard: whether the server told of it, and has it in its own record.
    func add(_ issue: Issue, isHeard: Bool = false) {
        state.withLock { state in
            if issue.reason.leavesOut { state.leftOut += 1 } else { state.notes += 1 }
            guard state.issues.count < IssueLog.most else { return }
            state.issues.append(issue)
            if !isHeard { state.own.append(issue) }
        }
    }

    var all: [Issue] { state.withLock { $0.issues } }

    /// What the server has yet to be told.
    var own: [Issue] { state.withLock { $0.own } }

    /// How many there were, kept here or not.
    var numbers: (leftOut: UInt64, notes: UInt64) { state.withLock { ($0.leftOut, $0.notes) } }
}
