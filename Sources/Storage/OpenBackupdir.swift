internal import Catalog
internal import Model
internal import Platform

/// A backupdir whose catalog is open for writing. What of it may be changed its holder's lock says.
final class OpenBackupdir: Sendable {
    let backupdir: Backupdir
    let own: Directory
    let catalog: Catalog
    let pushes: PushLog
    /// What the file system did not keep of what was staged, and of directories.
    let shortfalls = Shortfalls()

    init(_ backupdir: Backupdir, _ own: Directory) throws {
        self.backupdir = backupdir
        self.own = own
        catalog = try backupdir.catalogForWriting()
        pushes = try backupdir.pushLog()
    }

    var path: Path { backupdir.path }
    var directory: Directory { backupdir.directory }
    var title: String { "\(path)" }
    var ownTitle: String { "\(path)/\(Layout.own)" }

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

    // MARK: - For who has the push

    /// Ends the records of pushes that were cut off, and removes what no push will continue.
    func endPushes(progress: Progress?) throws {
        try pushes.endCutOff(committed: try catalog.committed())
        try tidy(progress: progress)
    }

    /// Removes what earlier pushes left in `incoming`.
    func tidy(progress: Progress?) throws {
        let open = try catalog.openGeneration()
        try at("\(ownTitle)/\(Layout.incoming)") { () throws(SystemError) in
            let incoming = try own.openOrMakeDirectory(Layout.incoming)
            for name in try incoming.entries() where open.map({ Incoming.name(of: $0.number) != name }) ?? true {
                try incoming.removeTree(name) { isAlive(progress) }
            }
        }
    }
}
