import GRDB
import GRDBSQLite
internal import Model

/// The SQLite database of one jail that says what each of its generations holds.
///
/// Any thread may call it; calls are done one after another. Beside one catalog that writes (whoever has the
/// backupdir's lock), any number may read, each seeing what was last flushed.
///
/// What is written lies in a transaction that spans calls until `flush`, `seal`, `commit` or `abandon`. A program that
/// is killed loses what was written since, a machine whose power is cut perhaps what was flushed since the last seal or
/// commit; neither leaves it inconsistent.
package final class Catalog: Sendable {
    /// What it is opened for.
    package enum Access: Sendable {
        /// Makes it if it is missing.
        case writing
        /// Throws `.missing` if there is none.
        case reading
    }

    private let queue: DatabaseQueue
    private let connection: Connection
    private let path: String

    /// - Parameter path: of the database file; beside it SQLite keeps `-wal` and `-shm`.
    package init(path: String, access: Access) throws {
        self.path = path
        var configuration = Configuration()
        configuration.label = "catalog"
        configuration.readonly = access == .reading
        configuration.busyMode = .timeout(10)
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384")
            guard access == .writing else { return }
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            connection = try queue.unsafeReentrantWrite { try Connection($0, access: access) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN && access == .reading {
            throw CatalogError(.missing, "catalog: \(path) is not there")
        } catch let error as DatabaseError {
            throw CatalogError(error, path)
        }
    }

    deinit {
        // What GRDB hooks into SQLite goes with the queue: by then no statement may be left, and no transaction.
        queue.unsafeReentrantWrite { _ in connection.letGo() }
    }

    /// Flushes, and closes the files. Whatever is asked afterwards throws.
    package func close() throws {
        try use { try $0.close() }
        do { try queue.close() } catch let error as DatabaseError { throw CatalogError(error, path) }
    }

    /// For a catalog opened for reading: whatever is asked from now on is answered from what is there now, until it is
    /// closed, and no row goes meanwhile. For work that takes minutes, not days: the log beside the database grows with
    /// what others write.
    package func standStill() throws { try use { try $0.standStill() } }

    /// Everything that touches the database passes here: one caller at a time, and callers may nest.
    func use<Result>(_ body: (Connection) throws -> Result) throws -> Result {
        do {
            return try queue.unsafeReentrantWrite { _ in
                try connection.refresh()
                return try body(connection)
            }
        } catch let error as DatabaseError {
            throw CatalogError(error, path)
        }
    }
}

extension CatalogError {
    init(_ error: DatabaseError, _ path: String) {
        self.init(code: error.extendedResultCode.rawValue, text: error.message ?? "", path: path)
    }
}
