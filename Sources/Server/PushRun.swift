import Catalog
import Model
import Storage
import Wire

/// What is being noted of a push, for the record that every run leaves, complete or not.
struct PushRun {
    let started: Timestamp
    var generation: Generation?
    /// Of the server's own counting until the agent's are checked.
    private(set) var counts = PushCounts()

    private let locked: LockedBackupdir
    private var issues: [Issue] = []

    init(_ locked: LockedBackupdir, started: Timestamp) {
        self.locked = locked
        self.started = started
    }

    mutating func note(_ counts: PushCounts, _ issues: [Issue]) {
        self.counts = counts
        self.issues = issues
    }

    /// The agent's figures of what it saw, the server's of what changed and of what was left out.
    mutating func count(_ claimed: PushCounts, _ record: GenerationRecord) {
        let own = counts
        counts = claimed
        counts.changed = record.changed
        counts.removed = record.removed
        counts.leftOut = own.leftOut
        counts.notes = own.notes
    }

    /// Writes the record, once. A record that cannot be written changes nothing of what became of the push.
    func end(
        _ outcome: PushRecord.Outcome, _ reason: String, at now: Timestamp, _ received: UInt64, _ sent: UInt64
    ) {
        let record = PushRecord(
            generation: generation, started: started, ended: now, outcome: outcome, reason: reason, counts: counts,
            received: received, sent: sent, issues: issues)
        _ = try? locked.catalog.record(record)
        try? locked.catalog.flush()
    }
}
