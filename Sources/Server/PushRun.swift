import Catalog
import Model
import Storage
import Wire

/// The record of one push: noted when it begins, so that it is there whatever becomes of it, and again when it ends.
struct PushRun {
    private let log: PushLog
    private var record: PushRecord

    /// Notes that a push has begun.
    /// - Parameters:
    ///   - generation: that it fills.
    ///   - isPartial: whether the agent may look only where it was told of changes.
    init(_ log: PushLog, filling generation: Generation, isPartial: Bool, at now: Timestamp) throws {
        self.log = log
        record = PushRecord(generation: generation, started: now, outcome: .running)
        record.isPartial = isPartial
        try log.note(&record)
    }

    /// Of the server's own counting until the agent's are checked.
    var counts: PushCounts { record.counts }
    var started: Timestamp { record.started }

    mutating func note(_ counts: PushCounts, _ issues: [Issue]) {
        record.counts = counts
        record.issues = issues
    }

    /// The agent's figures of what it saw, the server's of what changed and of what was left out.
    mutating func count(_ claimed: PushCounts, _ committed: GenerationRecord, took duration: Duration) {
        let own = record.counts
        record.counts = claimed
        record.counts.changed = committed.changed
        record.counts.removed = committed.removed
        record.counts.leftOut = own.leftOut
        record.counts.notes = own.notes
        record.commitNanoseconds = UInt64(max(0, duration / .nanoseconds(1)))
    }

    /// Notes the end, once. A record that cannot be written changes nothing of what became of the push.
    mutating func end(
        _ outcome: PushRecord.Outcome, _ reason: String, at now: Timestamp, _ intake: Intake, _ sent: UInt64
    ) {
        record.outcome = outcome
        record.reason = reason
        record.ended = now
        (record.received, record.sent, record.channels) = (intake.received, sent, intake.channels)
        try? log.note(&record)
    }
}

extension Backupdir {
    /// Notes a push that was refused before it could begin: another is under way, the config names another backupdir,
    /// the catalog cannot be opened.
    func noteRefused(_ refusal: Refusal, started: Timestamp, ended: Timestamp) throws {
        var record = PushRecord(
            generation: nil, started: started, ended: ended, outcome: .failed, reason: refusal.text)
        try pushLog().note(&record)
    }
}
