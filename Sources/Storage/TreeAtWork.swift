internal import Catalog
internal import Model
internal import Platform

/// A tree that is to be changed: where it lies, open, and what the catalog knows of it.
struct TreeAtWork {
    let directory: Directory
    let identity: TreeIdentity
    let title: String
    var state: TreeState
}

/// What commit, rotation and revert do to whole trees.
extension LockedBackupdir {
    /// A tree in `.nightjar` that nobody else reads; nil if it is not there, or the catalog does not know it, or it is
    /// being read: then it is put aside.
    func treeAtWork(_ name: Name) throws -> TreeAtWork? {
        let title = "\(ownTitle)/\(name)"
        guard let found = try identity(of: name, in: own, title), let state = try catalog.tree(found) else {
            return nil
        }
        let directory = try at(title) { () throws(SystemError) in try own.openOwn(name) }
        guard try at(title, { () throws(SystemError) in try directory.claim() }) else {
            try putAside(name, in: own, title)
            return nil
        }
        return TreeAtWork(directory: directory, identity: found, title: title, state: state)
    }

    /// An empty tree in `.nightjar`. What stood under the name goes; the catalog does not know the tree yet.
    func makeTree(_ name: Name) throws -> TreeAtWork {
        let title = "\(ownTitle)/\(name)"
        let directory = try at(title) { () throws(SystemError) in
            try own.removeTree(name)
            try own.makeDirectory(name)
            return try own.openDirectory(name)
        }
        guard let made = try identity(of: name, in: own, title) else {
            throw StorageError(.damaged, "\(title): it went away")
        }
        return TreeAtWork(
            directory: directory, identity: made, title: title, state: TreeState(generation: .empty))
    }

    /// Brings a tree to a generation, which the catalog has as its target. Its state says what it is brought from.
    /// - Parameter incoming: where what began with the generation is staged, if it is a push's.
    func bring(
        _ tree: TreeAtWork, to generation: Generation, incoming: Incoming? = nil, progress: Progress?
    ) throws {
        let newest = try opened.newestTree()
        let committed = try catalog.committed()
        var noteCleared: (() throws -> Void)?
        if !tree.state.cleared {
            noteCleared = { [catalog] in
                // What the catalog says after a power cut must be so.
                try self.sync(progress)
                var state = tree.state
                state.cleared = true
                try catalog.setTree(tree.identity, state)
            }
        }
        let open = OpenTree(
            root: tree.directory, title: tree.title, catalog: catalog, generation: generation,
            shortfalls: incoming == nil ? nil : opened.shortfalls)
        var bring = Bring(
            catalog: catalog, from: tree.state.generation, to: generation, tree: open,
            base: newest.map { ($0, committed) }, incoming: incoming, scratch: own, noteCleared: noteCleared,
            progress: progress)
        try bring.run()
    }

    /// Moves a tree between the backupdir and `.nightjar`. One who is not root needs the right to write a directory that
    /// gets another parent: its mode may be wider afterwards, until `finishRoot`.
    func move(
        _ name: Name, in place: Directory, to other: Directory, as newName: Name, _ title: String
    ) throws {
        try at(title) { () throws(SystemError) in
            if !isRoot() { _ = try place.openWidened(name) }
            try place.rename(name, to: other, as: newName, .noReplace)
        }
    }

    /// Gives the root of a tree the mode and the times that it is to have. A move may have widened the one, and changed
    /// the other: xfs takes a new parent for a change of the directory.
    /// - Parameter generation: nil for the one that the catalog says.
    func finishRoot(_ name: Name, in place: Directory, _ title: String, at generation: Generation? = nil) throws {
        guard let tree = try identity(of: name, in: place, title) else { return }
        guard let generation = try generation ?? catalog.tree(tree)?.generation, generation != .empty else { return }
        let root = try at(title) { () throws(SystemError) in try place.openOwn(name) }
        try OpenTree(root: root, title: title, catalog: catalog, generation: generation).finish(.root)
    }

    /// Any error means that what was written may be lost; the work has failed then. It may take minutes, so another
    /// thread waits for it.
    func sync(_ progress: Progress?) throws {
        let outcome = Monitor<Result<Void, SystemError>?>(nil)
        let thread = try at(title) { () throws(SystemError) in
            try Thread.spawn("sync") { [directory] in
                let result = Result { () throws(SystemError) in try directory.syncFileSystem() }
                outcome.with { $0 = result }
            }
        }
        defer { thread.join() }
        while true {
            try progress?(.syncing, 0, 1)
            if let result = outcome.wait(milliseconds: 1000, until: { $0 }) {
                return try at(title) { () throws(SystemError) in try result.get() }
            }
        }
    }
}
