package import Catalog
package import Model
internal import Platform

/// A backupdir whose lock this program holds; it is let go when the last reference goes.
package final class LockedBackupdir: Sendable {
    package let path: Path
    /// Open for writing, by its one writer.
    package let catalog: Catalog
    /// The record of every push.
    package let pushes: PushLog
    let directory: Directory
    let own: Directory
    private let lock: Lock
    /// Bytes that holds leave free; 0 for any number.
    let reserve: UInt64
    let shortfalls = Shortfalls()

    init(
        path: Path, directory: Directory, own: Directory, catalog: Catalog, pushes: PushLog, lock: consuming Lock,
        reserve: UInt64
    ) {
        self.path = path
        self.directory = directory
        self.own = own
        self.catalog = catalog
        self.pushes = pushes
        self.lock = lock
        self.reserve = reserve
    }

    var title: String { "\(path)" }
    var ownTitle: String { "\(path)/\(Layout.own)" }

    /// Finishes what was begun when a run was cut off, whoever's it was, and removes what no push will continue.
    package func recover(progress: Progress? = nil) throws {
        try finishCommit(progress: progress)
        try finishRotation(progress: progress)
        try finishHold()
        try tidy(progress: progress)
    }

    /// Throws what would stand in a push's way: `.damaged` where `0` is not the committed generation, `.noSpace` where
    /// fewer bytes than the reserve are left.
    package func check(reserve: UInt64) throws {
        _ = try newestTree()
        try Reserve(reserve, on: own, of: path).take(0)
    }

    /// Opens the next generation for a push, or continues the one that broke off: what arrived whole is still there,
    /// what did not is removed. After a power cut all that was staged is read and checked.
    /// - Parameter reserve: staging stops with `.noSpace` before fewer bytes than these are left; 0 asks nothing.
    package func stage(at now: Timestamp, reserve: UInt64 = 0, progress: Progress? = nil) throws -> Staging {
        let boot = try at(title) { () throws(SystemError) in try bootIdentity() }
        let open = try catalog.begin(at: now, boot: boot)
        let incoming = try incoming(of: open.number)
        if try !at(title, { () throws(SystemError) in try incoming.top.keepsNanoseconds() }) {
            shortfalls.note(["nanoseconds of times"], of: .root)
        }
        var reconciliation = Reconciliation(
            catalog: catalog, incoming: incoming, reading: open.boot != boot, progress: progress)
        try reconciliation.run()
        if open.boot != boot { try catalog.confirm(boot: boot) }
        return Staging(
            generation: open.number, incoming: incoming, catalog: catalog, newest: try newestTree(),
            reserve: Reserve(reserve, on: own, of: path), shortfalls: shortfalls)
    }

    /// Removes what earlier pushes left in `incoming`. Nothing depends on it: to be called after the agent was told.
    package func tidy(progress: Progress? = nil) throws {
        let open = try catalog.openGeneration()
        try at("\(ownTitle)/\(Layout.incoming)") { () throws(SystemError) in
            let incoming = try own.openOrMakeDirectory(Layout.incoming)
            for name in try incoming.entries() where open.map({ Incoming.name(of: $0.number) != name }) ?? true {
                try incoming.removeTree(name) { isAlive(progress) }
            }
        }
    }

    func incoming(of generation: Generation) throws -> Incoming {
        let name = Incoming.name(of: generation)
        let title = "\(ownTitle)/\(Layout.incoming)/\(name)"
        let top = try at(title) { () throws(SystemError) in
            let top = try own.openOrMakeDirectory(Layout.incoming).openOrMakeDirectory(name)
            // The data root may have an ACL to hand down; what is staged has its own, or none.
            try top.removeDefaultList()
            return top
        }
        return Incoming(top: top, title: title)
    }

    /// Tree `0`, which must be the committed generation; nil before the first.
    func newestTree() throws -> OpenTree? {
        let committed = try catalog.committed()
        guard committed != .empty else {
            try checkNothingPushed(in: directory, path)
            return nil
        }
        let title = "\(path)/0"
        guard let tree = try identity(of: Layout.newest, in: directory, title),
            let state = try catalog.tree(tree), state.generation == committed, state.target == nil
        else {
            throw StorageError(
                .damaged,
                "\(title) is not the tree of generation \(committed.rawValue): somebody moved or replaced it; put it back, or"
                    + " move the whole backupdir aside and enroll the jail anew")
        }
        let root = try at(title) { () throws(SystemError) in try directory.openOwn(Layout.newest) }
        return OpenTree(root: root, title: title, catalog: catalog, generation: committed)
    }
}

extension Directory {
    /// Whether its file system has room for the whole of a time: told once for all files, instead of read back of each.
    fileprivate func keepsNanoseconds() throws(SystemError) -> Bool {
        let moment = Timestamp(seconds: 1_000_000_000, nanoseconds: 123_456_789)
        try setModified(moment)
        return try status().stamp.metadata.modified == moment
    }
}
