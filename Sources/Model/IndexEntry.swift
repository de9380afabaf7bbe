/// A directory that the server holds, as the index at the start of a session names it.
package struct IndexEntry: Hashable, Sendable {
    package var number: DirectoryNumber
    /// `.aboveRoot` for the jail's `/`.
    package var parent: DirectoryNumber
    /// Nil for the jail's `/`.
    package var name: Name?
    /// Nil where the listing is to be sent whatever it is.
    package var digest: ListingDigest?

    package init(number: DirectoryNumber, parent: DirectoryNumber, name: Name?, digest: ListingDigest?) {
        self.number = number
        self.parent = parent
        self.name = name
        self.digest = digest
    }
}
