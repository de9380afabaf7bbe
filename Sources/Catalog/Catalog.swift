import GRDB
import GRDBSQLite
import Glibc
internal import Model

/// The SQLite database of one jail that says what each of its generations holds.
///
/// Any thread may call it; calls are done one after another. Any number may read beside those who write, each seeing what
/// was last flushed. Two programs may write, each what its lock of the backupdir gives to it: one takes in a push, the
/// other works on the trees. They take turns, transaction by transaction: nobody may wait for anything but the disk with
/// one open. What either remembers (`committed`, the open generation, counters) the other does not change.
///
/// What is written lies in a transaction that spans calls until `flush`, `seal`, `commit` or `abandon`. A program that
/// is killed loses what was written since, a machine whose power is cut perhaps what was flushed since the last seal or
/// commit; neither leaves it inconsistent. If a flush fails, what was written since the last is lost, and all that would
/// be written afterwards is refused with the same error.
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
        let configuration = Catalog.configuration(access)
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            connection = try queue.unsafeReentrantWrite { try Connection($0, access: access) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN && access == .reading {
            throw CatalogError(.missing, "catalog: \(path) is not there")
        } catch let error as DatabaseError {
            throw CatalogError(error, path)
        }
    }

    private static func configuration(_ access: Access) -> Configuration {
        var configuration = Configuration()
        configuration.label = "catalog"
        configuration.readonly = access == .reading
        // Who writes has its turn after that of another, however much that one has to write; who reads waits for nobody.
        configuration.busyMode =
            switch access {
            case .reading: .timeout(10)
            case .writing:
                .callback { tries in
                    usleep(1_000)
                    return tries < 600_000
                }
            }
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384")
            guard access == .writing else { return }
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        }
        return configuration
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

    /// Writes durably by another way to the same database, for a caller that may be in the midst of reading: SQLite lets
    /// nobody write from there once another program has written meanwhile. What was written before is flushed.
    func writeAside(_ body: (Database) throws -> Void) throws {
        try use { connection in
            try connection.flush()
            let other = try DatabaseQueue(path: path, configuration: Catalog.configuration(.writing))
            try other.inDatabase { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try body(database)
            }
            try other.close()
        }
    }

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
