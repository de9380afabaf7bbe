import Glibc
package import Catalog
package import Model
internal import Platform

/// From what was staged to the newest night.
extension LockedBackupdir {
    /// Makes what was staged the newest night. When it returns, a power cut loses nothing of it. If it throws, `0` is
    /// the old night or the new one as a whole, and the next `lock` or `commit` finishes it if it was sealed.
    ///
    /// Flushes the catalog first. All writers must be done. Throws `.damaged`, and takes back the rows in question, if
    /// something is missing of what was staged.
    @discardableResult
    package func commit(
        _ staging: Staging, at now: Timestamp, progress: Progress? = nil
    ) throws -> GenerationRecord {
        try staging.finish()
        var reconciliation = Reconciliation(
            catalog: catalog, incoming: staging.incoming, reading: false, progress: progress)
        try reconciliation.run()
        guard reconciliation.withdrawn == 0 else {
            throw StorageError(
                .damaged,
                "\(staging.incoming.title): \(reconciliation.withdrawn) staged files are missing; the next push sends them again"
            )
        }
        guard try differs(staging.generation) else {
            try catalog.seal(tree: nil, holding: .empty)
            return try record(staging.generation, at: now, tree: try newestIdentity())
        }
        try sync(progress)
        let spare = try spare()
        try catalog.seal(tree: spare.identity, holding: spare.state.generation)
        return try finish(staging.generation, at: now, progress: progress)
    }

    /// Finishes what was sealed when a run was cut off, and removes what no push will continue.
    package func recover(progress: Progress? = nil) throws {
        if let open = try catalog.openGeneration(), open.state == .sealed {
            try finish(open.number, at: open.started, progress: progress)
        }
        try tidy(progress: progress)
    }

    /// From a sealed generation forward, wherever an earlier run was cut.
    @discardableResult
    private func finish(_ generation: Generation, at now: Timestamp, progress: Progress?) throws -> GenerationRecord {
        if let newest = try newestIdentity(), try catalog.tree(newest)?.target == generation {
            try finishRoots(generation)
            try sync(progress)
            return try record(generation, at: now, tree: newest)
        }
        if try !differs(generation) { return try record(generation, at: now, tree: try newestIdentity()) }
        var spare = try spare()
        if spare.state.target != generation {
            spare.state = TreeState(generation: spare.state.generation, target: generation)
            try catalog.setTree(spare.identity, spare.state)
        }
        try bring(spare, to: generation, progress: progress)
        try sync(progress)
        try exchange()
        try finishRoots(generation)
        try sync(progress)
        return try record(generation, at: now, tree: spare.identity)
    }

    private func bring(_ spare: Spare, to generation: Generation, progress: Progress?) throws {
        let newest = try newestTree()
        let committed = try catalog.committed()
        let title = "\(ownTitle)/\(Layout.spare)"
        var noteCleared: (() throws -> Void)?
        if !spare.state.cleared {
            noteCleared = { [catalog] in
                var state = spare.state
                state.cleared = true
                try catalog.setTree(spare.identity, state)
            }
        }
        let tree = OpenTree(
            root: spare.directory, title: title, catalog: catalog, generation: generation, shortfalls: shortfalls)
        var bring = Bring(
            catalog: catalog, from: spare.state.generation, to: generation, tree: tree,
            base: newest.map { ($0, committed) }, incoming: try incoming(of: generation), scratch: own,
            noteCleared: noteCleared, progress: progress)
        try bring.run()
    }

    /// The tree that becomes the next `0`: what was `0` before the last push, or an empty one.
    private struct Spare {
        var directory: Directory
        var identity: TreeIdentity
        var state: TreeState
    }

    private func spare() throws -> Spare {
        let title = "\(ownTitle)/\(Layout.spare)"
        if let found = try identity(of: Layout.spare, in: own, title), let state = try catalog.tree(found) {
            let directory = try at(title) { () throws(SystemError) in try own.openOwn(Layout.spare) }
            return Spare(directory: directory, identity: found, state: state)
        }
        let directory = try at(title) { () throws(SystemError) in
            try own.removeTree(Layout.spare)
            try own.makeDirectory(Layout.spare)
            return try own.openDirectory(Layout.spare)
        }
        guard let made = try identity(of: Layout.spare, in: own, title) else {
            throw StorageError(.damaged, "\(title): it went away")
        }
        let state = TreeState(generation: .empty)
        try catalog.setTree(made, state)
        return Spare(directory: directory, identity: made, state: state)
    }

    /// Whether any tree would look different.
    private func differs(_ generation: Generation) throws -> Bool {
        try catalog.differs(from: try catalog.committed(), to: generation)
    }

    /// What was `0` is the spare from now on.
    private func exchange() throws {
        try at(title) { () throws(SystemError) in
            if !isRoot() {
                // To move a directory elsewhere its owner needs the right to write it.
                for (place, name) in [(own, Layout.spare), (directory, Layout.newest)] {
                    if try place.statusIfPresent(of: name) != nil { _ = try place.openWidened(name) }
                }
            }
            do throws(SystemError) {
                try own.rename(Layout.spare, to: directory, as: Layout.newest, .exchange)
            } catch  where error.code == ENOENT {
                // The first night.
                try own.rename(Layout.spare, to: directory, as: Layout.newest, .noReplace)
            }
        }
    }

    private func record(
        _ generation: Generation, at now: Timestamp, tree: TreeIdentity?
    ) throws -> GenerationRecord {
        guard let tree else { throw StorageError(.damaged, "\(title)/0: it went away") }
        return try catalog.commit(at: now, trees: [tree: TreeState(generation: generation)])
    }

    /// Gives the roots of both trees the modes that they are to have, which the exchange may have widened.
    private func finishRoots(_ generation: Generation) throws {
        if isRoot() { return }
        try finishRoot(Layout.newest, in: directory, "\(title)/0", at: generation)
        try finishRoot(Layout.spare, in: own, "\(ownTitle)/\(Layout.spare)", at: nil)
    }

    /// - Parameter generation: nil for the one that the catalog says.
    private func finishRoot(_ name: Name, in place: Directory, _ title: String, at generation: Generation?) throws {
        guard let tree = try identity(of: name, in: place, title) else { return }
        guard let generation = try generation ?? catalog.tree(tree)?.generation, generation != .empty else { return }
        let root = try at(title) { () throws(SystemError) in try place.openWidened(name) }
        try OpenTree(root: root, title: title, catalog: catalog, generation: generation).finish(.root)
    }

    private func newestIdentity() throws -> TreeIdentity? {
        try identity(of: Layout.newest, in: directory, title)
    }

    /// Any error means that what was written may be lost; the push has failed then. It may take minutes, so another
    /// thread waits for it.
    private func sync(_ progress: Progress?) throws {
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
