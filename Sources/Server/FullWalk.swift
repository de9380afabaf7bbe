import Catalog
import Model
import Storage
import Wire

/// When an agent that knows what changed has to look at everything all the same.
struct FullWalkRule {
    /// Seconds from one full walk to the next.
    var every: Int64

    /// What an agent was told of is lost with the push that broke off, and a clock that went back says nothing.
    ///
    /// - Parameters:
    ///   - last: when a push was committed that looked at everything.
    ///   - outcome: of the newest push; nil if there is no record of any.
    ///   - continues: whether a push that broke off is continued.
    func isDue(last: Timestamp?, outcome: PushRecord.Outcome?, continues: Bool, now: Timestamp) -> Bool {
        guard let last, outcome == .complete, !continues else { return true }
        return last > now || now.seconds - last.seconds >= every
    }
}

extension Session {
    /// Whether the push that begins now looks at everything, because it has to or has no hints; to be asked before it
    /// leaves a record.
    func isFullWalkDue(_ hello: Hello, _ catalog: Catalog?) throws -> Bool {
        guard hello.hasHints else { return true }
        return try FullWalkRule(every: settings.fullWalkEvery).isDue(
            last: catalog?.fullWalk(), outcome: backupdir.pushes(limit: 1).first?.outcome,
            continues: catalog?.openGeneration() != nil, now: settings.now())
    }
}
