import GRDB
internal import Model

/// The runs of pushes, complete or not: one record each.
extension Catalog {
    /// Runs whose issues are kept; of those before, the figures are.
    private static let runsWithIssues = 100

    /// Adds the record of a run, and gives its number; flushes. Issues beyond `PushRecord.mostIssues` are dropped and
    /// counted.
    @discardableResult
    package func record(_ push: PushRecord) throws -> Int64 {
        try use { connection in
            try connection.beginWriting()
            let kept = push.issues.prefix(PushRecord.mostIssues)
            var stored = push
            stored.furtherIssues += UInt64(push.issues.count - kept.count)
            try connection.database.execute(
                sql: "INSERT INTO push VALUES (NULL\(String(repeating: ", ?", count: 21)))", arguments: stored.arguments
            )
            let number = connection.database.lastInsertedRowID
            for (ordinal, issue) in kept.enumerated() {
                try connection.insert(issue, ordinal: ordinal, push: number)
            }
            try connection.database.execute(
                sql: "DELETE FROM issue WHERE push <= ?", arguments: [number - Int64(Catalog.runsWithIssues)])
            try connection.flush()
            return number
        }
    }

    /// The newest runs first.
    package func pushes(limit: Int = 100) throws -> [PushRecord] {
        try use { connection in
            let runs = try GRDB.Row.fetchAll(
                connection.database, sql: "SELECT * FROM push ORDER BY id DESC LIMIT ?", arguments: [limit])
            return try runs.map { run in
                PushRecord(stored: run, issues: try connection.issues(of: run["id"]))
            }
        }
    }
}

extension Connection {
    fileprivate func insert(_ issue: Issue, ordinal: Int, push: Int64) throws {
        let insert = try statement("INSERT INTO issue VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        insert.bind(push, at: 1)
        insert.bind(Int64(ordinal), at: 2)
        insert.bind(issue.path, at: 3)
        insert.bind(Int64(issue.reason.rawValue), at: 4)
        insert.bind(Array(issue.detail.utf8), at: 5)
        if let line = issue.line { insert.bind(Int64(line), at: 6) } else { insert.bindNull(at: 6) }
        try insert.run()
    }

    fileprivate func issues(of push: Int64) throws -> [Issue] {
        let found = try statement("SELECT path, reason, detail, line FROM issue WHERE push = ?1 ORDER BY ordinal")
        found.bind(push, at: 1)
        defer { found.reset() }
        var issues: [Issue] = []
        while try found.step() {
            guard let reason = Issue.Reason(rawValue: UInt8(truncatingIfNeeded: found.int(1))) else { continue }
            issues.append(
                Issue(
                    path: found.bytes(0), reason: reason, detail: found.text(2),
                    line: found.isNull(3) ? nil : Int(found.int(3))))
        }
        return issues
    }
}

extension PushRecord {
    fileprivate var arguments: StatementArguments {
        let figures = [
            counts.directories, counts.entries, counts.listings, counts.answers, counts.changed, counts.removed,
            counts.bytesSeen, counts.contentBytes, counts.leftOut, counts.notes, received, sent, commitNanoseconds,
            furtherIssues,
        ]
        return [
            generation?.rawValue, started.seconds, started.nanoseconds, ended.seconds, ended.nanoseconds,
            outcome.rawValue, reason,
        ] + StatementArguments(figures.map { Int64(bitPattern: $0) })
    }

    fileprivate init(stored: GRDB.Row, issues: [Issue]) {
        func unsigned(_ column: String) -> UInt64 { UInt64(bitPattern: stored[column] as Int64) }
        self.init(
            generation: (stored["generation"] as Int64?).map(Generation.init(_:)),
            started: Timestamp(seconds: stored["started_s"], nanoseconds: stored["started_ns"]),
            ended: Timestamp(seconds: stored["ended_s"], nanoseconds: stored["ended_ns"]),
            outcome: Outcome(rawValue: stored["outcome"]) ?? .failed, reason: stored["reason"])
        number = stored["id"]
        counts.directories = unsigned("directories")
        counts.entries = unsigned("entries")
        counts.listings = unsigned("listings")
        counts.answers = unsigned("answers")
        counts.changed = unsigned("changed")
        counts.removed = unsigned("removed")
        counts.bytesSeen = unsigned("bytes_seen")
        counts.contentBytes = unsigned("content_bytes")
        counts.leftOut = unsigned("left_out")
        counts.notes = unsigned("notes")
        received = unsigned("received")
        sent = unsigned("sent")
        commitNanoseconds = unsigned("commit_ns")
        furtherIssues = unsigned("further_issues")
        self.issues = issues
    }
}
