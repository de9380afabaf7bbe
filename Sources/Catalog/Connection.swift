import GRDB
import GRDBSQLite
import Glibc
internal import Model

/// The open database and what is remembered beside it: prepared statements, the generation that is open, counters.
///
/// `@unchecked Sendable`: it is only ever touched inside the queue of the `Catalog` that owns it.
final class Connection: @unchecked Sendable {
    let database: Database
    private let access: Catalog.Access
    private let handle: OpaquePointer
    private var statements: [Call: Statement] = [:]
    private var borrowed: [String: Statement] = [:]
    private var isOpen = true
    /// Whether rows can be found by their inode: one who only reads finds a catalog as an earlier release left it.
    let findsInodes: Bool
    private(set) var inTransaction = false
    /// When the transaction began.
    private var begun = ContinuousClock.now
    /// Before this moment no other is begun.
    private var quietUntil: ContinuousClock.Instant?
    /// Why what was written is not there; nothing may be written any more that builds on it.
    private var loss: (any Error)?

    var committed = Generation.empty
    var open: OpenGeneration?
    var nextDirectory = DirectoryNumber.root.next
    var nextObject = ObjectNumber.none.next
    private var countersMoved = false

    init(_ database: Database, access: Catalog.Access) throws {
        self.database = database
        self.access = access
        guard let handle = database.sqliteConnection else {
            throw CatalogError(.inputOutput, "catalog: closed")
        }
        self.handle = handle
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard version <= Schema.version else {
            throw CatalogError(.newer, "catalog: a later version of Nightjar wrote it (form \(version))")
        }
        guard version > 0 || access == .writing else { throw CatalogError(.missing, "catalog: not made yet") }
        if version < Schema.version, access == .writing {
            try database.inTransaction(.immediate) {
                // Another program may have done it meanwhile.
                switch try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0 {
                case 0: try Schema.make(database)
                case 1: try Schema.update(database)
                default: break
                }
                return .commit
            }
        }
        findsInodes = version >= 2 || access == .writing
        try load()
    }

    /// The generation whose rows a caller means that names none: the open one, else the committed one.
    var staged: Generation { open?.number ?? committed }

    /// A statement that is kept for the next time that this line asks, which always asks for the same. Its caller must
    /// leave it reset: read to its end, or `reset`.
    func statement(
        _ sql: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
    ) throws -> Statement {
        let call = Call(file: UInt(bitPattern: file.utf8Start), line: line)
        if let known = statements[call] { return known }
        let made = try fresh(sql())
        statements[call] = made
        return made
    }

    /// Where in the program a statement is asked for. Its text would be long to hash, once a row.
    private struct Call: Hashable {
        let file: UInt
        let line: UInt
    }

    /// A kept statement that is taken out while it is in use, during which the catalog may be called again.
    func borrowing(_ sql: String, _ body: (Statement) throws -> Void) throws {
        let statement = try borrowed.removeValue(forKey: sql) ?? fresh(sql)
        defer {
            statement.reset()
            if isOpen { borrowed[sql] = statement }
        }
        try body(statement)
    }

    /// A statement for one use, during which the catalog may be called again.
    func fresh(_ sql: String) throws -> Statement {
        guard isOpen else { throw CatalogError(.refused, "catalog: closed") }
        return try Statement(sql, on: handle)
    }

    /// To be called before anything is written. Waits for another program that writes.
    func beginWriting() throws {
        if let loss { throw loss }
        if inTransaction {
            // On some errors SQLite itself rolls back.
            guard sqlite3_get_autocommit(handle) == 0 else {
                throw lose(CatalogError(.inputOutput, "catalog: what was written last is lost"))
            }
            return
        }
        giveWay()
        try statement("BEGIN IMMEDIATE").run()
        begun = .now
        inTransaction = true
    }

    /// Who wrote for long leaves a gap, in which another program that waits has its turn: SQLite knows no queue.
    private func giveWay() {
        guard let end = quietUntil else { return }
        quietUntil = nil
        let rest = ContinuousClock.now.duration(to: end)
        if rest > .zero { usleep(UInt32(rest / .microseconds(1))) }
    }

    /// What was written since the last flush is gone.
    private func lose(_ error: any Error) -> any Error {
        if sqlite3_get_autocommit(handle) == 0 { try? statement("ROLLBACK").run() }
        inTransaction = false
        loss = error
        return error
    }

    func directoryUsed(_ number: DirectoryNumber) {
        guard number >= nextDirectory else { return }
        nextDirectory = number.next
        countersMoved = true
    }

    func takeObject() throws -> ObjectNumber {
        try beginWriting()
        defer { nextObject = nextObject.next }
        countersMoved = true
        return nextObject
    }

    func flush() throws {
        if let loss { throw loss }
        guard inTransaction else { return }
        do {
            if countersMoved {
                try database.execute(
                    sql: "UPDATE setting SET value = CASE key WHEN 'directory' THEN ? ELSE ? END WHERE key IN (?, ?)",
                    arguments: [nextDirectory.rawValue, nextObject.rawValue, "directory", "object"])
                countersMoved = false
            }
            try statement("COMMIT").run()
        } catch {
            throw lose(error)
        }
        inTransaction = false
        let now = ContinuousClock.now
        if begun.duration(to: now) > Connection.long { quietUntil = now + Connection.gap }
    }

    private static let long = Duration.milliseconds(50)
    /// Several times as long as who waits sleeps from one try to the next.
    private static let gap = Duration.milliseconds(5)

    /// Does what must survive a power cut, with all that was written before it. If it throws, nothing was done.
    func durably(_ body: () throws -> Void) throws {
        try flush()
        try database.execute(sql: "PRAGMA synchronous = FULL")
        defer { try? database.execute(sql: "PRAGMA synchronous = NORMAL") }
        do {
            try beginWriting()
            try body()
            try flush()
        } catch {
            try rollBack()
            throw error
        }
    }

    func rollBack() throws {
        guard inTransaction || loss != nil else { return }
        inTransaction = false
        loss = nil
        // SQLite itself rolls back on some errors; then there is nothing to roll back any more.
        if sqlite3_get_autocommit(handle) == 0 { try statement("ROLLBACK").run() }
        try load()
    }

    func close() throws {
        guard isOpen else { return }
        try flush()
        letGo()
    }

    /// Forgets what was not flushed, and every statement.
    func letGo() {
        if inTransaction, sqlite3_get_autocommit(handle) == 0 { try? statement("ROLLBACK").run() }
        inTransaction = false
        statements = [:]
        borrowed = [:]
        isOpen = false
    }

    /// A reader looks anew for each question: another program may have moved on. Not one for whom all stands still.
    func refresh() throws {
        if access == .reading, isOpen, !inTransaction { try load() }
    }

    /// Has a reader see from now on what is there now.
    func standStill() throws {
        guard access == .reading, !inTransaction else { return }
        try statement("BEGIN").run()
        inTransaction = true
        // The first read is what the view begins with.
        try load()
    }

    private func load() throws {
        let numbers = try statement("SELECT max(number) FROM generation WHERE state = 2")
        committed = try numbers.step() ? Generation(numbers.int(0)) : .empty
        numbers.reset()
        open = try fetchOpen()
        let settings = try statement(
            "SELECT (SELECT value FROM setting WHERE key = 'directory'), (SELECT value FROM setting WHERE key = 'object')"
        )
        guard try settings.step() else { return }
        nextDirectory = DirectoryNumber(settings.int(0))
        nextObject = ObjectNumber(settings.int(1))
        countersMoved = false
        settings.reset()
    }

    private func fetchOpen() throws -> OpenGeneration? {
        let found = try statement(
            "SELECT number, state, started_s, started_ns, boot, first_object FROM generation WHERE state < 2")
        defer { found.reset() }
        guard try found.step() else { return nil }
        return OpenGeneration(
            number: Generation(found.int(0)), state: found.int(1) == 0 ? .staging : .sealed,
            started: Timestamp(seconds: found.int(2), nanoseconds: found.small(3)), boot: found.text(4),
            firstObject: ObjectNumber(found.int(5)))
    }
}
