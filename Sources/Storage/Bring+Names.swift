import Glibc
internal import Catalog
internal import Model
internal import Platform

// One name of a directory becomes what its row says. Each step may find that an earlier run did it.

extension Bring {
    mutating func bring(_ row: Row, _ name: Name, _ difference: Difference, in directory: Directory) throws {
        if let child = row.child {
            try makeDirectory(child, name, isInBase: difference.base?.child == child, in: directory, row.directory)
        } else if isStaged(row, difference) {
            if !whole.contains(row.directory) { try takeStaged(row, name, in: directory) }
        } else if let copy = copies[row.object] {
            try link(row, name, to: copy, of: tree, isNew: difference.before == nil, in: directory)
        } else if let base {
            let source = Place(row.directory, name)
            try link(row, name, to: source, of: base.tree, isNew: difference.before == nil, in: directory)
        } else {
            throw StorageError(.damaged, "\(tree.place(row.directory))/\(name): no tree has it")
        }
    }

    /// What began with the generation, as an inode that the generation before does not have in its place.
    func isStaged(_ row: Row, _ difference: Difference) -> Bool {
        incoming != nil && row.since == to && difference.base?.object != row.object
    }

    func remove(_ name: Name, in directory: Directory, _ number: DirectoryNumber) throws {
        try tree.change(directory, number) { () throws(SystemError) in
            try directory.removeTree(name) { isAlive(progress) }
        }
    }

    // MARK: - Directories

    private mutating func makeDirectory(
        _ child: DirectoryNumber, _ name: Name, isInBase: Bool, in directory: Directory, _ number: DirectoryNumber
    ) throws {
        // A directory that the base has may have only a part of its names staged.
        if let incoming, !isInBase {
            let isMoved = try make(name, in: directory, number) { () throws(SystemError) in
                do throws(SystemError) {
                    try incoming.top.rename(Incoming.name(of: child), to: directory, as: name, .noReplace)
                    return true
                } catch  where error.code == ENOENT {
                    return false
                }
            }
            guard let isMoved else { return }
            if isMoved {
                whole.insert(child)
                return
            }
        }
        _ = try make(name, in: directory, number) { () throws(SystemError) in
            try directory.makeDirectory(name)
            return true
        }
    }

    /// Makes a directory; what else stood there goes first. Nil if an earlier run made it.
    private func make(
        _ name: Name, in directory: Directory, _ number: DirectoryNumber,
        _ body: () throws(SystemError) -> Bool
    ) throws -> Bool? {
        try tree.change(directory, number) { () throws(SystemError) -> Bool? in
            do throws(SystemError) {
                return try body()
            } catch  where error.code == EEXIST {
                if try directory.status(of: name).kind == .directory { return nil }
                try directory.unlink(name)
                return try body()
            }
        }
    }

    // MARK: - All else

    private func takeStaged(_ row: Row, _ name: Name, in directory: Directory) throws {
        let staged = try staged(for: row.directory)
        let isThere = try tree.change(directory, row.directory) { () throws(SystemError) in
            try directory.take(row, name, from: staged, progress)
        }
        if !isThere { throw lost(Place(row.directory, name)) }
    }

    /// Where what goes into a directory is staged; nil if nothing is.
    func staged(for number: DirectoryNumber) throws -> Directory? {
        guard let incoming else { return nil }
        return try at(incoming.title) { () throws(SystemError) in try incoming.find(number) }
    }

    func lost(_ place: Place) -> StorageError {
        let folder = incoming?.title ?? tree.title
        return StorageError(
            .damaged, "\(folder)/\(place.directory.rawValue)/\(place.name): it was staged, and it is gone")
    }

    /// Gives an inode that a tree has at `source` this name too; a copy of it, if it takes no more names.
    mutating func link(
        _ row: Row, _ name: Name, to source: Place, of other: OpenTree, isNew: Bool, in directory: Directory
    ) throws {
        let number = row.directory
        if copies[row.object] == Place(number, name) { return }
        let from = try other.directory(source.directory)
        let isLinked = try tree.change(directory, number) { () throws(SystemError) in
            try directory.link(source.name, of: from, over: name, isNew: isNew, progress)
        }
        if !isLinked { try copy(row, name, from: source.name, of: from, in: directory) }
    }
}
