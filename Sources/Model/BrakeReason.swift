/// Why the good nights are not to be rotated away: a mass deletion, an encrypted disk, one that is not mounted.
package struct BrakeReason: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Nothing is left under the entry's path.
        case gone
        /// The entry is there, and no file in it.
        case empty
        case fewerFiles
        case fewerBytes
        case altered
        /// The entry lies on another file system than before.
        case fileSystem
    }

    package var kind: Kind
    package var entry: EntryChange

    package init(_ kind: Kind, _ entry: EntryChange) {
        self.kind = kind
        self.entry = entry
    }
}
