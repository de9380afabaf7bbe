import Glibc
internal import Catalog
internal import Model
internal import Platform

/// From what was staged to the newest night.
extension LockedBackupdir {
    /// Makes an open generation, of which all is staged, the committed one.
    func commit(_ generation: Generation, at now: Timestamp, progress: Progress?) throws -> GenerationRecord {
        guard try differs(generation) else {
            try catalog.seal(tree: nil, holding: .empty)
            return try record(generation, at: now, tree: try newestIdentity())
        }
        try sync(progress)
        try seal()
        return try finish(generation, at: now, progress: progress)
    }

    /// Lets go of the spare when it returns: whoever holds it on would be taken for a reader by `finish`, which would make
    /// another, of all there is.
    private func seal() throws {
        let spare = try spare()
        try catalog.seal(tree: spare.identity, holding: spare.state.generation)
    }

    /// Finishes the commit that was sealed when a run was cut off. Nothing happens if there is none.
    func finishCommit(progress: Progress?) throws {
        guard let open = try catalog.openGeneration(), open.state == .sealed else { return }
        try finish(open.number, at: open.started, progress: progress)
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
        try bring(spare, to: generation, incoming: try opened.incoming(of: generation), progress: progress)
        try sync(progress)
        try exchange()
        try finishRoots(generation)
        try sync(progress)
        return try record(generation, at: now, tree: spare.identity)
    }

    /// The tree that becomes the next `0`: what was `0` before the last push, or an empty one.
    private func spare() throws -> TreeAtWork {
        if let found = try treeAtWork(Layout.spare) { return found }
        let made = try makeTree(Layout.spare)
        try catalog.setTree(made.identity, made.state)
        return made
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

    /// Gives the roots of both trees the modes and times that they are to have, which the exchange may have changed.
    private func finishRoots(_ generation: Generation) throws {
        try finishRoot(Layout.newest, in: directory, "\(title)/0", at: generation)
        try finishRoot(Layout.spare, in: own, "\(ownTitle)/\(Layout.spare)")
    }

    private func newestIdentity() throws -> TreeIdentity? {
        try identity(of: Layout.newest, in: directory, title)
    }
}
