import GRDBSQLite
import Glibc
internal import Model

/// One of SQLite's prepared statements, bound and read without anything in between: a push writes a row for each name.
///
/// For the thread that is inside the catalog's queue. Parameters and columns are numbered as SQLite numbers them, from 1
/// and from 0.
final class Statement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer

    init(_ sql: String, on connection: OpaquePointer) throws {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw CatalogError(connection) }
        handle = prepared
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    func bind(_ value: Int64, at index: Int32) { sqlite3_bind_int64(handle, index, value) }
    func bind(_ value: UInt64, at index: Int32) { sqlite3_bind_int64(handle, index, Int64(bitPattern: value)) }
    func bind(_ value: UInt32, at index: Int32) { sqlite3_bind_int64(handle, index, Int64(value)) }
    func bind(_ value: Generation, at index: Int32) { sqlite3_bind_int64(handle, index, value.rawValue) }
    func bind(_ value: DirectoryNumber, at index: Int32) { sqlite3_bind_int64(handle, index, value.rawValue) }
    func bind(_ value: Name?, at index: Int32) { bind(value?.bytes ?? [], at: index) }
    func bindNull(at index: Int32) { sqlite3_bind_null(handle, index) }

    func bind(_ value: [UInt8], at index: Int32) {
        // A null pointer would bind NULL, and the name of the jail's root is a blob of no bytes.
        guard !value.isEmpty else {
            sqlite3_bind_zeroblob(handle, index, 0)
            return
        }
        value.withUnsafeBytes { bytes in
            _ = sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count), Statement.copied)
        }
    }

    /// Tells SQLite to keep a copy of what is bound.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    /// Goes to the next row; false, and ready to be used again, if there is none.
    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(handle)
            return false
        default:
            let error = CatalogError(connection)
            sqlite3_reset(handle)
            throw error
        }
    }

    /// Does what has no result.
    func run() throws { while try step() {} }

    func reset() { sqlite3_reset(handle) }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
    func unsigned(_ column: Int32) -> UInt64 { UInt64(bitPattern: sqlite3_column_int64(handle, column)) }
    func small(_ column: Int32) -> UInt32 { UInt32(truncatingIfNeeded: sqlite3_column_int64(handle, column)) }

    func bytes(_ column: Int32) -> [UInt8] { withBytes(column) { Array($0) } }

    /// The bytes where SQLite has them, for no longer than `body`.
    func withBytes<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let start = sqlite3_column_blob(handle, column)
        let count = start == nil ? 0 : Int(sqlite3_column_bytes(handle, column))
        return body(UnsafeRawBufferPointer(start: start, count: count))
    }

    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
}

extension CatalogError {
    /// What SQLite answered last on a connection.
    init(_ connection: OpaquePointer) {
        self.init(
            code: sqlite3_extended_errcode(connection),
            text: sqlite3_errmsg(connection).map(String.init(cString:)) ?? "",
            path: sqlite3_db_filename(connection, "main").map(String.init(cString:)) ?? "catalog",
            system: sqlite3_system_errno(connection))
    }

    /// - Parameters:
    ///   - path: of the database.
    ///   - remedy: where it is damaged.
    ///   - system: what the system answered last, where that is known.
    init(
        code: Int32, text: String, path: String,
        remedy: String = "put a copy of it back, or move the whole backupdir aside and enroll the jail anew",
        system: Int32 = 0
    ) {
        let problem: Problem =
            switch code & 0xFF {
            case SQLITE_FULL: .noSpace
            case SQLITE_IOERR where code == CatalogError.noRoomToShare: .noSpace
            case SQLITE_IOERR where system == ENOSPC || system == EDQUOT: .noSpace
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CONSTRAINT: .damaged
            case SQLITE_PERM, SQLITE_READONLY, SQLITE_AUTH: .notPermitted
            default: .inputOutput
            }
        let advice =
            switch problem {
            case .damaged: ": \(remedy)"
            case .noSpace: "; its file system is full"
            default: ""
            }
        self.init(problem, "\(escaped(path)): \(escaped(text)) (SQLite \(code))\(advice)")
    }

    /// `SQLITE_IOERR_SHMSIZE`: what a database is opened with, 32 KiB that its users share, finds no room.
    private static let noRoomToShare = SQLITE_IOERR | 19 << 8
}
