/// A directory that the server holds, as the index at the start of a session names it.
package struct IndexEntry: Hashable, Sendable {
    package var number: DirectoryNumber
    /// `.aboveRoot` for the jail's `/`.
    package var parent: DirectoryNumber
    /// Nil for the jail's `/`.
    package var name: Name?
    /// Nil where the listing is to be sent whatever it is.
    package var digest: ListingDigest?
    /// By which a directory of the jail is told from another under its name.
    package struct Identity: Hashable, Sendable {
        package var inode: UInt64
        /// Its ctime: a file system gives the inode of one that is gone to the next.
        package var changed: Timestamp

        package init(inode: UInt64, changed: Timestamp) {
            self.inode = inode
            self.changed = changed
        }
    }

    /// As it was last listed; nil where the agent need not know it, or the inode does not last.
    package var identity: Identity?

    package init(
        number: DirectoryNumber, parent: DirectoryNumber, name: Name?, digest: ListingDigest?,
        identity: Identity? = nil
    ) {
        self.number = number
        self.parent = parent
        self.name = name
        self.digest = digest
        self.identity = identity
    }
}
