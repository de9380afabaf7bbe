import Catalog
import Model
import Restore
import Storage
import Wire

/// Orders of a restore: counted, listed, or written into an archive on the way to the agent.
extension Session {
    /// Serves one order. What cannot be had is declined, and the session goes on.
    func serve(_ written: WrittenOrder, _ life: SignsOfLife) throws {
        do {
            try backupdir.ordering {
                let restoration = try Restoration(written.order, of: backupdir, reserve: settings.reserve)
                switch written.deed {
                case .count: try end(with: try restoration.plan())
                case .list: try list(restoration)
                case .archive: try write(restoration, life)
                }
            }
        } catch let refusal as RestoreRefusal {
            try voice.say(.declined(refusal))
        }
    }

    private func list(_ restoration: Restoration) throws {
        try restoration.members { member in
            let listed = member.listed
            guard listed.weight <= Limits.finding else { throw tooLong }
            try voice.say(.member(listed))
        }
        try end(with: try restoration.plan())
    }

    /// Holds that the restores of a jail may have at a time. Each keeps on the server's disk what nights have no more: a
    /// broken-into jail could fill it with them.
    private static let mostHolds = 20

    private func write(_ restoration: Restoration, _ life: SignsOfLife) throws {
        let pushed = restoration.generation.committed ?? restoration.generation.started
        var keeping = RestoreKeeping(
            restoration, at: settings.now(), date: settings.day(pushed), limit: Session.mostHolds)
        keeping.tryToKeep(progress: life.show)
        let summary = try restoration.write { try voice.give($0) }
        // A push that was in the way may have ended.
        keeping.tryToKeep(progress: life.show)
        try voice.say(.held(keeping.hold))
        try end(with: summary)
    }

    /// Names what there is to name, as far as a message may; all of it is counted.
    private func end(with summary: RestoreSummary) throws {
        for path in summary.leftOut where path.bytes.count <= Limits.text { try voice.say(.leftOut(path)) }
        for damage in summary.damaged where damage.path.bytes.count <= Limits.text {
            try voice.say(.damaged(damage))
        }
        try voice.say(.restored(summary))
    }
}
