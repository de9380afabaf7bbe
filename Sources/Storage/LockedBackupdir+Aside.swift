internal import Catalog
internal import Model
internal import Platform

/// Trees that are in the way, or in doubt, or let go, are put aside first and removed when nothing depends on it any
/// more: a rename cannot be cut in half.
extension LockedBackupdir {
    /// Moves whatever has this name into `.nightjar/aside`. Nothing happens if there is nothing.
    func putAside(_ name: Name, in place: Directory, _ title: String) throws {
        let aside = try at("\(ownTitle)/\(Layout.aside)") { () throws(SystemError) in
            try own.openOrMakeDirectory(Layout.aside)
        }
        let status = try at(title) { () throws(SystemError) in try place.statusIfPresent(of: name) }
        guard let status else { return }
        try move(name, in: place, to: aside, as: Incoming.digits(status.stamp.inode), title)
    }

    /// Removes what was put aside, but for what somebody still reads.
    package func sweep(progress: Progress? = nil) throws {
        let title = "\(ownTitle)/\(Layout.aside)"
        let aside = try at(title) { () throws(SystemError) in try own.openOrMakeDirectory(Layout.aside) }
        for name in try at(title, { () throws(SystemError) in try aside.entries() }) {
            guard let tree = try identity(of: name, in: aside, title) else {
                try at(title) { () throws(SystemError) in try aside.unlink(name) }
                continue
            }
            let directory = try at(title) { () throws(SystemError) in try aside.openWidened(name) }
            guard try at(title, { () throws(SystemError) in try directory.claim() }) else { continue }
            try catalog.forgetTree(tree)
            try at(title) { () throws(SystemError) in try aside.removeTree(name) { isAlive(progress) } }
        }
    }
}
