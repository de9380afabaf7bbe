import Glibc
internal import Catalog
internal import Model
internal import Platform

// An inode that takes no more names is copied once in this tree, and all its names in this tree are of the copy. From then
// on trees have one or the other, and a name that comes from another tree may have to be given this tree's.

extension Bring {
    /// Makes the copy. That it is being made is noted first: a later run has to find all the names.
    mutating func copy(
        _ row: Row, _ name: Name, from other: Name, of source: Directory, in directory: Directory
    ) throws {
        try catalog.noteRelinking(of: row.object)
        try tree.change(directory, row.directory) { () throws(SystemError) in
            try copyInode(other, from: source, to: directory, as: name)
        }
        copies[row.object] = Place(row.directory, name)
    }

    /// Gives every name of an inode that was copied, here or elsewhere, to one inode in this tree, those too that did not
    /// differ.
    mutating func relinkAll() throws {
        for object in toRelink.union(copies.keys).sorted(by: { $0.rawValue < $1.rawValue }) {
            let places = try catalog.places(of: object, at: to)
            guard let first = try copies[object] ?? leastLinked(places) else { continue }
            if try relink(places, to: first) { continue }
            // Other trees have many names of that inode too; one of this tree alone has room for all.
            try makeOwn(first)
            _ = try relink(places, to: first)
        }
    }

    /// False if the inode takes no more names before it has all of these.
    private func relink(_ places: [Place], to first: Place) throws -> Bool {
        let source = try tree.directory(first.directory)
        let inode = try at(tree.place(first.directory)) { () throws(SystemError) in
            try source.status(of: first.name).stamp.inode
        }
        for other in places where other != first {
            if try !relink(other, to: first.name, in: source, inode: inode) { return false }
        }
        return true
    }

    /// Puts a copy in the place of an inode.
    private func makeOwn(_ place: Place) throws {
        let directory = try tree.directory(place.directory)
        try tree.change(directory, place.directory) { () throws(SystemError) in
            try removeIfPresent(temporary, in: scratch)
            try copyInode(place.name, from: directory, to: scratch, as: temporary)
            try scratch.rename(temporary, to: directory, as: place.name, .replace)
        }
        try tree.finish(place.directory)
    }

    /// The inode that a run before this one began to give names to has fewer than the one that had too many.
    private func leastLinked(_ places: [Place]) throws -> Place? {
        var best: (place: Place, links: UInt32)?
        for candidate in places {
            let directory = try tree.directory(candidate.directory)
            let links = try at(tree.place(candidate.directory)) { () throws(SystemError) in
                try directory.status(of: candidate.name).stamp.links
            }
            if links < best?.links ?? .max { best = (candidate, links) }
        }
        return best?.place
    }

    /// False if the inode takes no more names.
    private func relink(_ other: Place, to name: Name, in source: Directory, inode: UInt64) throws -> Bool {
        let directory = try tree.directory(other.directory)
        let title = tree.place(other.directory)
        guard try at(title, { () throws(SystemError) in try directory.status(of: other.name) }).stamp.inode != inode
        else {
            return true
        }
        let isLinked = try tree.change(directory, other.directory) { () throws(SystemError) -> Bool in
            try removeIfPresent(temporary, in: scratch)
            do throws(SystemError) {
                try source.link(name, to: scratch, as: temporary)
            } catch  where error.code == EMLINK {
                return false
            }
            try scratch.rename(temporary, to: directory, as: other.name, .replace)
            return true
        }
        if isLinked { try tree.finish(other.directory) }
        return isLinked
    }
}

/// Where a name is for a moment.
private let temporary: Name = "relinking"
