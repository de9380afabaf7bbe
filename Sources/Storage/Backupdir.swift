package import Catalog
package import Model
internal import Platform

/// A jail's directory on the backup server, `/data/jail15`: its nights, and `.nightjar` beside them.
package final class Backupdir: Sendable {
    /// Absolute, on the server.
    package let path: Path
    let directory: Directory

    init(path: Path, directory: Directory) {
        self.path = path
        self.directory = directory
    }

    /// Opens `/data/jail15` for the program that knows nothing but this path; the parent must be a data root. Throws
    /// `.notPermitted` if it is a symlink, belongs to somebody else or may be written by others.
    package static func open(_ path: Path) throws -> Backupdir {
        guard let parent = path.parent, let name = path.names.last else {
            throw StorageError(.refused, "/ is no backupdir")
        }
        return try DataRoot.open(parent).backupdir(name)
    }

    /// How many trees there are at most, `0` among them.
    package static let mostNights = Layout.nights.count

    /// The record of every push, for writing; needs no lock.
    package func pushLog() throws -> PushLog {
        _ = try openOwn()
        return try opened(Layout.pushes) { try PushLog(path: $0, access: .writing) }
    }

    /// Runs `body` while nobody else tells staff of this jail, beside whatever else goes on there; not at all if somebody
    /// does.
    package func telling(_ body: (PushLog) throws -> Void) throws {
        let own = try openOwn()
        let lock: Lock
        do throws(LockError) {
            lock = try Lock.acquire(Layout.telling, in: own, holder: Backupdir.housekeeper)
        } catch {
            if case .failed(let cause) = error { throw StorageError(cause, "\(path)") }
            return
        }
        try body(try pushLog())
        lock.release()
    }

    /// Runs `body` while no more than three others do the same of this jail; throws `.busy` at once where they do.
    package func ordering(_ body: () throws -> Void) throws {
        let own = try openOwn()
        let lock = try freeOrder(in: own)
        try body()
        lock.release()
    }

    private func freeOrder(in own: Directory) throws -> Lock {
        for name in Layout.orders {
            do throws(LockError) {
                return try Lock.acquire(name, in: own, holder: "an order")
            } catch {
                if case .failed(let cause) = error { throw StorageError(cause, "\(path)") }
            }
        }
        throw StorageError(.busy, "\(path): \(Layout.orders.count) restores of this jail are under way")
    }

    /// The newest pushes first. None before the first came.
    package func pushes(limit: Int) throws -> [PushRecord] {
        try pushLogForReading()?.pushes(limit: limit) ?? []
    }

    /// The record of every push, for reading; needs no lock. Nil before the first came.
    package func pushLogForReading() throws -> PushLog? {
        do {
            return try opened(Layout.pushes) { try PushLog(path: $0, access: .reading) }
        } catch let error as CatalogError where error.problem == .missing {
            return nil
        }
    }

    /// When the catalog was written to last; nil before the first push. Needs no lock, and opens nothing.
    package func catalogWritten() throws -> Timestamp? {
        try at("\(path)") { () throws(SystemError) in
            let own = try directory.openDirectory(Layout.own)
            let found = try [Layout.catalog, "\(Layout.catalog)-wal"].map { name throws(SystemError) in
                try Name(Array(name.utf8)).flatMap { name throws(SystemError) in try own.statusIfPresent(of: name) }
            }
            return found.compactMap { $0?.stamp.metadata }.filter { $0.size > 0 }.map(\.modified).max()
        }
    }

    /// The catalog for reading, also beside a push. Nil before the first push began.
    package func catalogForReading() throws -> Catalog? {
        do {
            return try opened(Layout.catalog) { try Catalog(path: $0, access: .reading) }
        } catch let error as CatalogError where error.problem == .missing {
            return nil
        }
    }

    /// Bytes that a push may take up on the file system before it meets the reserve.
    package func room(beside reserve: UInt64) throws -> UInt64 {
        let free = try at("\(path)") { () throws(SystemError) in try directory.freeSpace() }
        return free > reserve ? free - reserve : 0
    }

    /// What each night that is there holds; nil for a tree that the catalog does not know or that is under work.
    package func nights(in catalog: Catalog) throws -> [Night] {
        try Storage.nights(in: directory, catalog, "\(path)")
    }

    /// `.nightjar`, made if it is missing.
    func openOwn() throws -> Directory {
        try at("\(path)") { () throws(SystemError) in try directory.openOrMakeDirectory(Layout.own) }
    }

    /// The catalog for writing, made if it is missing: for who has one of the locks, and has the trees' now.
    func catalogForWriting() throws -> Catalog {
        try opened(Layout.catalog) { try Catalog(path: $0, access: .writing) }
    }

    /// Opens a database. SQLite makes files beside one, and has no word for it if there is no room for them: not even a
    /// reader is to take what is there for missing then.
    private func opened<Database>(_ name: String, _ open: (String) throws -> Database) throws -> Database {
        let path = try databasePath(name)
        do {
            return try open(path)
        } catch let error as CatalogError where [.inputOutput, .missing].contains(error.problem) {
            guard try isFull(), try isThere(name) else { throw error }
            throw CatalogError(.noSpace, "\(escaped(path)) cannot be opened: its file system is full")
        }
    }

    private func isFull() throws -> Bool {
        try at("\(path)") { () throws(SystemError) in try directory.freeSpace() < 1 << 20 }
    }

    private func isThere(_ name: String) throws -> Bool {
        guard let name = Name(Array(name.utf8)) else { return false }
        return try at("\(path)/\(Layout.own)") { () throws(SystemError) in
            try directory.openDirectory(Layout.own).statusIfPresent(of: name) != nil
        }
    }

    /// SQLite takes paths as text.
    private func databasePath(_ name: String) throws -> String {
        guard let text = String(validating: path.bytes, as: UTF8.self) else {
            throw StorageError(.refused, "\(path) is not UTF-8, and SQLite could not open what is in it")
        }
        return "\(text)/\(Layout.own)/\(name)"
    }
}

/// One of the trees `0` to `6`.
package struct Night: Hashable, Sendable {
    package static let oldest = NightChoice.oldest

    package var number: Int
    /// That its tree holds; nil where the catalog does not know, or while it is worked on.
    package var generation: Generation?

    package init(number: Int, generation: Generation?) {
        self.number = number
        self.generation = generation
    }
}

func nights(in directory: Directory, _ catalog: Catalog, _ title: String) throws -> [Night] {
    try Layout.nights.compactMap { number in
        guard let tree = try identity(of: Layout.night(number), in: directory, title) else { return nil }
        let state = try catalog.tree(tree)
        return Night(number: number, generation: state?.target == nil ? state?.generation : nil)
    }
}

/// Told at least once a directory while long work goes on, so that a session can send its peer a sign of life. A throw
/// ends the work as a cut would; the next run goes on.
package typealias Progress = @Sendable (_ phase: Phase, _ done: Int, _ total: Int) throws -> Void

/// What long work is doing.
package enum Phase: Sendable {
    /// For the lock.
    case waiting
    case reconciling
    case syncing
    case bringing
    case removing
}

/// Whether long work goes on: for what can only be told to stop.
func isAlive(_ progress: Progress?) -> Bool {
    do {
        try progress?(.removing, 0, 0)
        return true
    } catch {
        return false
    }
}

/// Which tree a name is; nil if there is none.
func identity(of name: Name, in directory: Directory, _ title: @autoclosure () -> String) throws -> TreeIdentity? {
    let status = try at(title()) { () throws(SystemError) in try directory.statusIfPresent(of: name) }
    guard let status, status.kind == .directory else { return nil }
    return TreeIdentity(inode: status.stamp.inode, birth: status.birth)
}
