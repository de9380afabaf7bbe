import GRDB
internal import Model

/// How a record stands in the log.
extension PushLog {
    static func insert(_ issues: [Issue], of push: Int64, into database: Database) throws {
        let insert = try statement("INSERT INTO issue VALUES (?1, ?2, ?3, ?4, ?5, ?6)", in: database)
        for (ordinal, issue) in issues.enumerated() {
            insert.bind(push, at: 1)
            insert.bind(Int64(ordinal), at: 2)
            insert.bind(issue.path, at: 3)
            insert.bind(Int64(issue.reason.rawValue), at: 4)
            insert.bind(Array(issue.detail.utf8), at: 5)
            if let line = issue.line { insert.bind(Int64(line), at: 6) } else { insert.bindNull(at: 6) }
            try insert.run()
        }
    }

    static func issues(of push: Int64, in database: Database) throws -> [Issue] {
        let found = try statement(
            "SELECT path, reason, detail, line FROM issue WHERE push = ?1 ORDER BY ordinal", in: database)
        found.bind(push, at: 1)
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

    /// For paths, which are bytes.
    private static func statement(_ sql: String, in database: Database) throws -> Statement {
        guard let handle = database.sqliteConnection else { throw CatalogError(.refused, "push log: closed") }
        return try Statement(sql, on: handle)
    }
}

extension PushRecord {
    /// Keeps what a record takes: a jail decides how long its words are, and how often it comes.
    mutating func trim() {
        var bytes = 0
        let kept = issues.prefix(PushRecord.mostIssues).prefix { issue in
            bytes += issue.path.count + issue.detail.utf8.count
            return bytes <= PushRecord.mostIssueBytes
        }
        furtherIssues += UInt64(issues.count - kept.count)
        issues = Array(kept)
        reason = String(String.UnicodeScalarView(reason.unicodeScalars.prefix(PushRecord.longestReason)))
    }

    /// In the order of the columns.
    var arguments: StatementArguments {
        let figures = [
            counts.directories, counts.entries, counts.listings, counts.answers, counts.changed, counts.removed,
            counts.bytesSeen, counts.contentBytes, counts.leftOut, counts.notes, received, sent, commitNanoseconds,
            furtherIssues,
        ]
        // SQLite gives the number where there is none.
        return [
            number == 0 ? nil : number, generation?.rawValue, started.seconds, started.nanoseconds, ended?.seconds,
            ended?.nanoseconds, outcome.rawValue, reason,
        ] + StatementArguments(figures.map { Int64(bitPattern: $0) })
    }

    init(stored: GRDB.Row, issues: [Issue]) {
        func unsigned(_ column: String) -> UInt64 { UInt64(bitPattern: stored[column] as Int64) }
        var ended: Timestamp?
        if let seconds = stored["ended_s"] as Int64? {
            ended = Timestamp(seconds: seconds, nanoseconds: stored["ended_ns"])
        }
        self.init(
            generation: (stored["generation"] as Int64?).map(Generation.init(_:)),
            started: Timestamp(seconds: stored["started_s"], nanoseconds: stored["started_ns"]),
            ended: ended, outcome: Outcome(rawValue: stored["outcome"]) ?? .failed, reason: stored["reason"])
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
        isPartial = stored["partial"]
        channels = stored["channels"]
        furtherIssues = unsigned("further_issues")
        self.issues = issues
    }
}
