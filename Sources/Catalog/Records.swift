package import Model

/// A generation as `nights` shows it.
package struct GenerationRecord: Hashable, Sendable {
    /// How far a generation has come.
    package enum State: Int, Sendable {
        /// A push fills it; a push that broke off is continued in it.
        case staging = 0
        /// Its rows are frozen; from here there is only forward.
        case sealed = 1
        case committed = 2
    }

    package var number: Generation
    /// `.committed` for all that `nights` shows.
    package var state: State
    /// Random, for telling a restored catalog's generation 12 from another generation 12.
    package var uuid: String
    /// By the server's clock.
    package var started: Timestamp
    /// By the server's clock; nil before.
    package var committed: Timestamp?
    /// False once damage was found in it.
    package var valid: Bool
    /// Names that are no directories.
    package var files: UInt64
    /// Sizes of the regular ones among them, each name counted.
    package var bytes: UInt64
    /// The jail's `/` among them.
    package var directories: UInt64
    /// Names that differ in a tree from the generation before, removed ones among them.
    package var changed: UInt64
    /// Names that the generation before had.
    package var removed: UInt64
    /// Sizes of the regular files that no earlier generation shares, each inode once.
    package var newBytes: UInt64
}

/// One run of a push, as the server tells of it: complete, not, or not yet.
package struct PushRecord: Hashable, Sendable {
    /// How it ended, if it has.
    package enum Outcome: Int, Sendable {
        case complete = 0
        case failed = 1
        /// Under way; or cut off since, which whoever works on the backupdir next finds out.
        case running = 2
    }

    /// More than these are only counted.
    package static let mostIssues = 1000
    /// Bytes of their paths and explanations together: nobody asks the reserve for them.
    package static let mostIssueBytes = 256 << 10
    /// Code points of a reason that are kept.
    package static let longestReason = 1000

    /// Given by the log; 0 before.
    package var number: Int64 = 0
    /// What it committed or was filling; nil if it ended before that was known.
    package var generation: Generation?
    /// By the server's clock.
    package var started: Timestamp
    /// Nil while it runs, and for good if it was cut off: nobody was there to see.
    package var ended: Timestamp?
    package var outcome: Outcome
    /// Why it failed, or was cut off while it committed; fit to be shown, empty if there is nothing to say.
    package var reason: String
    package var counts: PushCounts
    /// Whether the agent was free to look only where it was told of changes; nil where nobody noted it.
    package var isPartial: Bool?
    /// How many channels brought it; nil while it runs, and where nobody noted it.
    package var channels: Int?
    /// Bytes on the wire, to the server and from it.
    package var received: UInt64
    package var sent: UInt64
    /// The time that the commit took, of it; in nanoseconds.
    package var commitNanoseconds: UInt64
    /// Trouble that the agent told of, or that only the server saw; at most `mostIssues`, of
    /// at most `mostIssueBytes`.
    package var issues: [Issue]
    /// Issues beyond those.
    package var furtherIssues: UInt64

    package init(
        generation: Generation?, started: Timestamp, ended: Timestamp? = nil, outcome: Outcome, reason: String = "",
        counts: PushCounts = PushCounts(), received: UInt64 = 0, sent: UInt64 = 0, commitNanoseconds: UInt64 = 0,
        issues: [Issue] = [], furtherIssues: UInt64 = 0
    ) {
        self.generation = generation
        self.started = started
        self.ended = ended
        self.outcome = outcome
        self.reason = reason
        self.counts = counts
        self.received = received
        self.sent = sent
        self.commitNanoseconds = commitNanoseconds
        self.issues = issues
        self.furtherIssues = furtherIssues
    }
}

/// Which tree a directory is, wherever it was renamed to: its inode and the moment that was made.
package struct TreeIdentity: Hashable, Sendable {
    package var inode: UInt64
    package var birth: Timestamp

    package init(inode: UInt64, birth: Timestamp) {
        self.inode = inode
        self.birth = birth
    }
}

/// What the catalog knows of a tree.
package struct TreeState: Hashable, Sendable {
    /// What it holds; while `target` is set, what it held before work on it began.
    package var generation: Generation
    /// What it is being brought to.
    package var target: Generation?
    /// Whether, on the way to `target`, every directory is gone that another one will stand in for.
    package var cleared: Bool

    package init(generation: Generation, target: Generation? = nil, cleared: Bool = false) {
        self.generation = generation
        self.target = target
        self.cleared = cleared
    }
}

/// What `seal` and `begin` say of the generation that is not committed yet.
package struct OpenGeneration: Hashable, Sendable {
    package var number: Generation
    package var state: GenerationRecord.State
    /// By the server's clock.
    package var started: Timestamp
    /// The kernel's boot id when rows were last written to it: another one now means that the power was cut, and that
    /// what was staged has to be read again.
    package var boot: String
    /// The first object number that it gave.
    package var firstObject: ObjectNumber
}
