import GRDB
package import Model

/// How each push of a jail went: one record each, of those too that were refused before they began.
///
/// A database of its own beside the catalog, because it is written without any of the backupdir's locks: those who
/// write to the catalog need not reckon with another, and a push that finds the catalog locked, damaged or newer is
/// noted all the same. Each call is one short transaction that is durable when it returns; programs wait up to ten
/// seconds for one another.
package final class PushLog: Sendable {
    /// Runs whose issues are kept; of those before, the figures are.
    private static let runsWithIssues: Int64 = 100
    /// Runs that are kept at all: a jail that comes every second must not fill the disk with them.
    private static let mostRuns: Int64 = 10_000
    private static let form = 1

    private let queue: DatabaseQueue
    private let path: String

    /// - Parameter path: of the database file; beside it SQLite keeps `-wal` and `-shm`.
    /// - Throws: `CatalogError`, `.missing` where there is none and it is opened for reading.
    package init(path: String, access: Catalog.Access) throws {
        self.path = path
        var configuration = Configuration()
        configuration.label = "push log"
        configuration.readonly = access == .reading
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            guard access == .writing else { return }
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN && access == .reading {
            throw CatalogError(.missing, "push log: \(path) is not there")
        } catch let error as DatabaseError {
            throw CatalogError(log: error, path)
        }
        let form =
            switch access {
            case .reading: try use { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
            case .writing: try write { try PushLog.prepare($0) }
            }
        guard form > 0 else { throw CatalogError(.missing, "push log: not made yet") }
        guard form <= PushLog.form else {
            throw CatalogError(.newer, "push log: a later version of Nightjar wrote it (form \(form))")
        }
    }

    /// Makes the tables unless they are there. Those that came later stand beside the first, so that the form is still the
    /// same: an earlier version passes them over.
    private static func prepare(_ database: Database) throws -> Int {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        try database.execute(sql: "CREATE TABLE IF NOT EXISTS told (matter TEXT PRIMARY KEY, mark TEXT NOT NULL)")
        try database.execute(
            sql: "CREATE TABLE IF NOT EXISTS manner (push INTEGER PRIMARY KEY, partial INTEGER, channels INTEGER)")
        guard found == 0 else { return found }
        try database.execute(sql: tables)
        try database.execute(sql: "PRAGMA user_version = \(form)")
        return form
    }

    /// Writes the record of a run: a new one, which is given its number, or what has become of one that was written
    /// before. Issues beyond what a record takes are dropped and counted.
    package func note(_ push: inout PushRecord) throws {
        push.trim()
        push.number = try write { [push] database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO push VALUES (?\(String(repeating: ", ?", count: 21)))",
                arguments: push.arguments)
            let number = database.lastInsertedRowID
            try database.execute(
                sql: "INSERT OR REPLACE INTO manner VALUES (?, ?, ?)",
                arguments: [number, push.isPartial, push.channels])
            try PushLog.insert(push.issues, of: number, into: database)
            try database.execute(
                sql: "DELETE FROM issue WHERE push <= ?", arguments: [number - PushLog.runsWithIssues])
            for old in ["DELETE FROM push WHERE id <= ?", "DELETE FROM manner WHERE push <= ?"] {
                try database.execute(sql: old, arguments: [number - PushLog.mostRuns])
            }
            return number
        }
    }

    /// Says of every run that has no end that it was cut off. For whoever has the push, and has finished what was sealed:
    /// then no other can be under way.
    /// - Parameter committed: the newest generation; a run that filled it was complete but for the word to the agent.
    package func endCutOff(committed: Generation) throws {
        try write { database in
            try database.execute(
                sql: "UPDATE push SET outcome = ?, reason = ? WHERE outcome = ? AND generation <= ?",
                arguments: [
                    PushRecord.Outcome.complete.rawValue,
                    "the receiver was killed or the power was cut while it committed; the next run finished that",
                    PushRecord.Outcome.running.rawValue, committed.rawValue,
                ])
            try database.execute(
                sql: "UPDATE push SET outcome = ?, reason = ? WHERE outcome = ?",
                arguments: [
                    PushRecord.Outcome.failed.rawValue, "the receiver was killed or the power was cut",
                    PushRecord.Outcome.running.rawValue,
                ])
        }
    }

    /// The newest runs first.
    package func pushes(limit: Int = 100) throws -> [PushRecord] {
        try use { database in
            // A log to which nothing was written since the table came has none.
            let manner = try database.tableExists("manner") ? "LEFT JOIN manner ON manner.push = push.id" : ""
            let runs = try GRDB.Row.fetchAll(
                database, sql: "SELECT * FROM push \(manner) ORDER BY id DESC LIMIT ?", arguments: [limit])
            return try runs.map { PushRecord(stored: $0, issues: try PushLog.issues(of: $0["id"], in: database)) }
        }
    }

    func use<Result>(_ body: (Database) throws -> Result) throws -> Result {
        do {
            return try queue.read(body)
        } catch let error as DatabaseError {
            throw CatalogError(log: error, path)
        }
    }

    func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
        do {
            return try queue.writeWithoutTransaction { database in
                var result: Result?
                try database.inTransaction(.immediate) {
                    result = try body(database)
                    return .commit
                }
                guard let result else { throw CatalogError(.inputOutput, "push log: nothing was written") }
                return result
            }
        } catch let error as DatabaseError {
            throw CatalogError(log: error, path)
        }
    }

    private static let tables = """
        CREATE TABLE push (
            id INTEGER PRIMARY KEY AUTOINCREMENT, generation INTEGER,
            started_s INTEGER NOT NULL, started_ns INTEGER NOT NULL, ended_s INTEGER, ended_ns INTEGER,
            outcome INTEGER NOT NULL, reason TEXT NOT NULL, directories INTEGER NOT NULL, entries INTEGER NOT NULL,
            listings INTEGER NOT NULL, answers INTEGER NOT NULL, changed INTEGER NOT NULL, removed INTEGER NOT NULL,
            bytes_seen INTEGER NOT NULL, content_bytes INTEGER NOT NULL, left_out INTEGER NOT NULL,
            notes INTEGER NOT NULL, received INTEGER NOT NULL, sent INTEGER NOT NULL, commit_ns INTEGER NOT NULL,
            further_issues INTEGER NOT NULL
        );
        CREATE TABLE issue (
            push INTEGER NOT NULL, ordinal INTEGER NOT NULL, path BLOB NOT NULL, reason INTEGER NOT NULL,
            detail TEXT NOT NULL, line INTEGER, PRIMARY KEY (push, ordinal)
        ) WITHOUT ROWID;
        """
}

extension CatalogError {
    fileprivate init(log error: DatabaseError, _ path: String) {
        self.init(
            code: error.extendedResultCode.rawValue, text: error.message ?? "", path: path,
            remedy: "move it aside, and a new one is begun")
    }
}
