/// A directory that the server holds, as the index at the start of a session names it.
package struct IndexEntry: Hashable, Sendable {
    package var number: DirectoryNumber
    /// `.aboveRoot` for the jail's `/`.
    package var parent: DirectoryNumber
    /// Nil for the jail's `/`.
    package var name: Name?
    /// Nil where the listing is to be sent whatever it is.
    package var digest: ListingDigest?
    /// Of the directory on the jail; nil where the agent need not know it, or it does not last.
    package var inode: UInt64?

    package init(
        number: DirectoryNumber, parent: DirectoryNumber, name: Name?, digest: ListingDigest?, inode: UInt64? = nil
    ) {
        self.number = number
        self.parent = parent
        self.name = name
        self.digest = digest
        self.inode = inode
    }
}
