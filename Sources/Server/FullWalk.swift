import Catalog
import Model
import Storage

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
    /// Whether the push that begins now has to look at everything; to be asked before it leaves a record.
    func isFullWalkDue(_ catalog: Catalog?) throws -> Bool {
        FullWalkRule(every: settings.fullWalkEvery).isDue(
            last: try catalog?.fullWalk(), outcome: try backupdir.pushes(limit: 1).first?.outcome,
            continues: try catalog?.openGeneration() != nil, now: settings.now())
    }
}
