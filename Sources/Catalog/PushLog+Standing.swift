import GRDB
package import Model

/// How a jail's pushes stand.
package struct PushStanding: Hashable, Sendable {
    /// When the last one that was committed ended, by the server's clock; nil if there never was one.
    package var committed: Timestamp?
    /// Why the newest one failed, fit to be shown; nil if it did not.
    package var failure: String?

    package init(committed: Timestamp? = nil, failure: String? = nil) {
        self.committed = committed
        self.failure = failure
    }
}

extension PushLog {
    /// What a revert commits is no push, and does not count.
    package func standing() throws -> PushStanding {
        try use { database in
            let good = try GRDB.Row.fetchOne(
                database,
                sql: """
                    SELECT coalesce(ended_s, started_s), coalesce(ended_ns, started_ns) FROM push
                    WHERE outcome = ? AND generation IS NOT NULL ORDER BY id DESC LIMIT 1
                    """, arguments: [PushRecord.Outcome.complete.rawValue])
            let failure = try String.fetchOne(
                database, sql: "SELECT reason FROM (SELECT * FROM push ORDER BY id DESC LIMIT 1) WHERE outcome = ?",
                arguments: [PushRecord.Outcome.failed.rawValue])
            return PushStanding(
                committed: good.map { Timestamp(seconds: $0[0], nanoseconds: $0[1]) }, failure: failure)
        }
    }
}
