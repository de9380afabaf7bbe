import Glibc
package import Catalog
package import Model
internal import Platform

/// Holds: what staff asked to keep of a night, as a tree of its own made of hard links.
extension LockedBackupdir {
    /// The nights that are there, by their numbers, with what the catalog knows of each.
    package func nights() throws -> [Night] { try Storage.nights(in: directory, catalog, title) }

    /// Keeps a night, or what lies at a path in it, in `holds/NAME`. Costs a link for each name that is held, and nothing
    /// else. When it returns a power cut loses nothing of it; if it throws, or is killed, there is no such hold.
    ///
    /// Throws `.missing` if there is no such night or the night has no such path, `.refused` if the name is taken, and
    /// `.noSpace` if its directories would not leave the reserve free with which the lock was taken.
    package func hold(
        night number: Int, path: Path, as name: Name, until: Timestamp?, at now: Timestamp, progress: Progress? = nil
    ) throws -> Hold {
        let (night, generation) = try openNight(number)
        guard try catalog.resolve(path, at: generation) != nil else {
            throw StorageError(.missing, "\(path) is not in night \(number)")
        }
        guard try catalog.tree(ofHold: name) == nil, try !isTaken(name) else {
            throw StorageError(.refused, "\(title)/\(Layout.holds)/\(name) exists; give it another name")
        }
        let tree = try makeTree(Layout.holding)
        var mirroring = Mirroring(
            of: night, in: tree.directory, title: tree.title, part: path.names,
            reserve: Reserve(reserve, on: own, of: self.path, sequel: ""), progress: progress)
        do {
            try mirroring.run()
        } catch {
            // What it has taken up by now may be what a push lacks.
            try? own.removeTree(Layout.holding)
            throw error
        }
        try sync(progress)
        let hold = Hold(name: name, generation: generation, path: path, made: now, until: until)
        try catalog.add(hold, tree: tree.identity)
        try finishHold()
        try sync(progress)
        return hold
    }

    /// Puts a hold that is whole where it belongs, and lets go of one that a run which was cut left half made.
    func finishHold() throws {
        let title = "\(ownTitle)/\(Layout.holding)"
        guard let tree = try identity(of: Layout.holding, in: own, title) else { return }
        let hold = try catalog.holds().first { try catalog.tree(ofHold: $0.name) == tree }
        guard let hold, try !isTaken(hold.name) else { return try putAside(Layout.holding, in: own, title) }
        let holds = try holds()
        try move(Layout.holding, in: own, to: holds, as: hold.name, title)
        try finishRoot(hold.name, in: holds, "\(self.title)/\(Layout.holds)/\(hold.name)", at: hold.generation)
    }

    /// Lets a hold go; false if there is none of that name. Its tree is removed by the next `sweep`.
    package func release(_ name: Name) throws -> Bool {
        guard let tree = try catalog.tree(ofHold: name) else { return false }
        let holds = try holds()
        let title = "\(title)/\(Layout.holds)"
        if try identity(of: name, in: holds, title) == tree { try putAside(name, in: holds, title) }
        try catalog.forgetTree(tree)
        return true
    }

    /// Every generation that a tree holds, or that staff keep: rows that none of them sees can go.
    package func keptGenerations() throws -> Set<Generation> {
        var kept: Set<Generation> = [try catalog.committed()]
        kept.formUnion(try nights().compactMap(\.generation))
        kept.formUnion(try catalog.holds().map(\.generation))
        if let spare = try identity(of: Layout.spare, in: own, ownTitle), let state = try catalog.tree(spare) {
            kept.insert(state.generation)
        }
        return kept
    }

    /// A night to read, as the catalog knows it.
    func openNight(_ number: Int) throws -> (Directory, Generation) {
        guard let night = try nights().first(where: { $0.number == number }), let generation = night.generation else {
            throw StorageError(.missing, "\(title) has no night \(number)")
        }
        let root = try at("\(title)/\(number)") { () throws(SystemError) in
            try directory.openOwn(Layout.night(number))
        }
        return (root, generation)
    }

    private func holds() throws -> Directory {
        try at(title) { () throws(SystemError) in try directory.openOrMakeDirectory(Layout.holds) }
    }

    private func isTaken(_ name: Name) throws -> Bool {
        let holds = try holds()
        return try at(title) { () throws(SystemError) in try holds.statusIfPresent(of: name) } != nil
    }
}
