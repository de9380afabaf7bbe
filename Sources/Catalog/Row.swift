package import Model

/// A name in a directory, by the directory's number: what stands for a path between catalog, staging and trees.
package struct Place: Hashable, Sendable {
    package var directory: DirectoryNumber
    package var name: Name

    package init(_ directory: DirectoryNumber, _ name: Name) {
        self.directory = directory
        self.name = name
    }
}

/// What one name was, and for which generations: visible at *g* if `since <= g < until`.
///
/// A row that was committed is never altered again, but for its `until`, once.
package struct Row: Hashable, Sendable {
    /// The directory that holds the name; `.aboveRoot` for the row of the jail's `/` itself.
    package var directory: DirectoryNumber
    /// Nil only in the row of the jail's `/`.
    package var name: Name?
    /// The generation that first had it.
    package var since: Generation
    /// `.open` while nothing ended it.
    package var until: Generation
    /// As the jail said it when it was last read. What is unsettled has `changed` 0, so that it is looked at again.
    package var stamp: Stamp
    /// Of a regular file whose content arrived; nil for every other kind.
    package var digest: ContentDigest?
    /// Where a symlink leads; nil for every other kind.
    package var target: [UInt8]?
    /// ACLs and extended attributes as the jail has them, whether or not a tree carries them.
    package var attributes: Attributes
    /// Of the inode in the trees. A directory has none of its own (its number is in `child`): `.none`.
    package var object: ObjectNumber
    /// The number of the directory that this name is; nil for every other kind.
    package var child: DirectoryNumber?

    package init(
        directory: DirectoryNumber, name: Name?, since: Generation = .empty, until: Generation = .open, stamp: Stamp,
        digest: ContentDigest? = nil, target: [UInt8]? = nil, attributes: Attributes = .none,
        object: ObjectNumber = .none, child: DirectoryNumber? = nil
    ) {
        self.directory = directory
        self.name = name
        self.since = since
        self.until = until
        self.stamp = stamp
        self.digest = digest
        self.target = target
        self.attributes = attributes
        self.object = object
        self.child = child
    }

    /// Bytes that the catalog takes for it, rather too many: its name stands in the table and in up to four indices.
    package var weight: Int {
        300 + 5 * (name?.bytes.count ?? 0) + (target?.count ?? 0) + attributes.weight(ofEntry: 8, besideExtended: 8)
    }

    /// Where it stands; nil for the jail's `/`.
    package var place: Place? { name.map { Place(directory, $0) } }

    /// Whether both say the same, whichever generations they are of.
    package func says(_ other: Row) -> Bool {
        var same = other
        (same.since, same.until) = (since, until)
        return self == same
    }

    /// Whether a tree that holds this row needs no work to hold `other` instead: the same inode, or the same directory
    /// with the same metadata and attributes. Stamps may differ in what no tree carries (ctime, the jail's inode, links).
    package func isSameInTree(as other: Row) -> Bool {
        guard child == other.child else { return false }
        guard child != nil else { return object == other.object && stamp.metadata.kind == other.stamp.metadata.kind }
        return stamp.metadata == other.stamp.metadata && attributes == other.attributes
    }
}

extension Generation {
    /// The `until` of a row that nothing has ended.
    package static let open = Generation(.max)
}

extension ObjectNumber {
    /// No inode of its own: the object of directories.
    package static let none = ObjectNumber(0)
}

/// What changed at one place between two generations; one of both is there, or both, and they differ in a tree.
package struct Difference: Hashable, Sendable {
    package var directory: DirectoryNumber
    /// Nil for the jail's `/` itself.
    package var name: Name?
    package var before: Row?
    package var after: Row?
    /// What the base has there, where one was asked for.
    package var base: Row?

    package init(directory: DirectoryNumber, name: Name?, before: Row?, after: Row?) {
        self.directory = directory
        self.name = name
        self.before = before
        self.after = after
    }
}
