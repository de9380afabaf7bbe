import CLinux
import Glibc
import Model

extension Descriptor {
    /// Gives a file all that its metadata and attributes say: owner, mode, ACL, extended attributes, capabilities, and
    /// last the time of modification. Content comes before. For an O_PATH descriptor too.
    ///
    /// What an ordinary user may not set, or the file system cannot keep, is left out and told.
    /// - Parameter exactly: also takes away attributes that the file has and should not have. A new inode needs that only
    ///   if it could have inherited some.
    /// - Returns: what is not carried, fit to be shown: `owner`, `trusted.x`.
    package func apply(
        _ metadata: Metadata, _ attributes: Attributes, exactly: Bool = false
    ) throws(SystemError) -> [String] {
        try Inode(self).apply(metadata, attributes, exactly: exactly)
    }

    /// Changes the mode alone, setuid and setgid with it; for an O_PATH descriptor too.
    package func setMode(_ mode: UInt16) throws(SystemError) { try Inode(self).setMode(mode) }
}

extension Directory {
    /// Changes the mode alone.
    package func setMode(_ mode: UInt16) throws(SystemError) { try descriptor.setMode(mode) }

    /// Gives the directory itself exactly these attributes and this metadata; what it has beside them goes.
    /// - Returns: what is not carried.
    package func apply(_ metadata: Metadata, _ attributes: Attributes) throws(SystemError) -> [String] {
        try Inode(descriptor).apply(metadata, attributes, exactly: true)
    }

    /// The same for a name that may be of any kind: symlinks, fifos and devices are held without being opened.
    package func apply(
        to name: Name, _ metadata: Metadata, _ attributes: Attributes, exactly: Bool = false
    ) throws(SystemError) -> [String] {
        try openAnything(name).apply(metadata, attributes, exactly: exactly)
    }

    /// ACLs and extended attributes of a name of any kind.
    package func attributes(of name: Name, kind: FileKind) throws(SystemError) -> FoundAttributes {
        try openAnything(name).attributes(kind: kind)
    }

    /// Takes away the ACL that what is made in the directory would inherit, if it has one.
    package func removeDefaultList() throws(SystemError) {
        do throws(SystemError) {
            try Inode(descriptor).remove(Inode.defaultName)
        } catch  where error.code == EOPNOTSUPP {}
    }

    /// Sets the directory's own time of modification, after all in it is in place.
    /// - Returns: false if the file system has no place for such a time, and took the nearest that it has.
    @discardableResult
    package func setModified(_ modified: Timestamp) throws(SystemError) -> Bool {
        try Inode(descriptor).setModified(modified)
    }

    /// What `apply` calls a time that is not carried.
    package static let timeOfModification = "time of modification"
}

extension Inode {
    fileprivate static let capability = Array("security.capability".utf8)

    // The order is forced: a change of owner clears setuid bits and capabilities; an ordinary user may set attributes of
    // his own file only while its mode lets him write; a change of mode moves the ACL's mask; everything moves the times
    // of a directory if it is done after them.
    fileprivate func apply(
        _ metadata: Metadata, _ attributes: Attributes, exactly: Bool
    ) throws(SystemError) -> [String] {
        var lacking: [String] = []
        // What is right already is left alone: each change is one more for the file system's journal.
        let found = try status()
        let isOurs = (found.owner, found.group) == (metadata.owner, metadata.group)
        var isOwned = isOurs
        if !isOurs {
            isOwned = try attempt("owner", &lacking) { () throws(SystemError) in
                try setOwner(metadata.owner, metadata.group)
            }
        }
        let surplus = exactly ? try attributeNames().filter { !attributes.contains($0) } : []
        let isAltered = !surplus.isEmpty || !attributes.isEmpty
        let isOpened = metadata.kind != .symlink && isAltered && !isRoot() && found.mode & 0o200 == 0
        if isOpened { try setMode(0o700) }
        for name in surplus {
            _ = try attempt("without \(escaped(name))", &lacking) { () throws(SystemError) in try remove(name) }
        }
        for attribute in attributes.extended where attribute.name != Inode.capability {
            try set(attribute, &lacking)
        }
        if metadata.kind != .symlink {
            // Never setuid or setgid for someone else than it was meant for.
            let mode = isOwned ? metadata.mode : metadata.mode & ~0o6000
            if mode != metadata.mode { lacking.append("setuid") }
            if !isOurs || isOpened || found.mode != mode { try setMode(mode) }
            try apply(attributes.accessList, .access, &lacking)
            try apply(attributes.defaultList, .inherited, &lacking)
        }
        for attribute in attributes.extended where attribute.name == Inode.capability {
            try set(attribute, &lacking)
        }
        if try !setModified(metadata.modified) { lacking.append(Directory.timeOfModification) }
        return lacking
    }

    private func set(_ attribute: ExtendedAttribute, _ lacking: inout [String]) throws(SystemError) {
        _ = try attempt(escaped(attribute.name), &lacking) { () throws(SystemError) in try set(attribute) }
    }

    private func apply(
        _ list: AccessControlList?, _ kind: ListKind, _ lacking: inout [String]
    ) throws(SystemError) {
        guard let list else { return }
        _ = try attempt(kind == .access ? "ACL" : "default ACL", &lacking) { () throws(SystemError) in
            try set(list, kind)
        }
    }

    /// - Returns: false if the system would not have it done by us, or here.
    private func attempt(
        _ what: String, _ lacking: inout [String], _ body: () throws(SystemError) -> Void
    ) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try body()
            return true
        } catch  where isRefusal(error) {
            lacking.append(what)
            return false
        }
    }

    /// Whether the system tells that it will not have this done by us, or that the file system has no place for it:
    /// ext4 says ENOSPC of an attribute that is larger than a block, however empty the disk is.
    private func isRefusal(_ error: SystemError) -> Bool {
        switch error.code {
        case EPERM, EOPNOTSUPP, EACCES, EINVAL, E2BIG, ERANGE: true
        case ENOSPC: hasFreeSpace()
        default: false
        }
    }

    private func hasFreeSpace() -> Bool {
        var space = statvfs()
        return fstatvfs(raw, &space) == 0 && space.f_bavail > 256
    }
}

extension Attributes {
    /// Whether there is an attribute of that name, by which the system keeps an ACL too.
    fileprivate func contains(_ name: [UInt8]) -> Bool {
        switch name {
        case Inode.accessName: accessList != nil
        case Inode.defaultName: defaultList != nil
        default: extended.contains { $0.name == name }
        }
    }
}
