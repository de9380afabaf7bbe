/// The state that one committed push left: 1, 2, 3 … per jail, never reused. 0 is the empty tree before the first.
package struct Generation: RawRepresentable, Hashable, Sendable, Comparable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package init(_ value: Int64) { self.rawValue = value }

    /// The tree in which nothing is: what a jail has before its first push.
    package static let empty = Generation(0)
    /// The one that a push after it fills.
    package var next: Generation { Generation(rawValue + 1) }
    package static func < (left: Generation, right: Generation) -> Bool { left.rawValue < right.rawValue }
}

/// A directory of a jail, for as long as it has its place in the tree. The jail's `/` is 1; a number is never given twice.
package struct DirectoryNumber: RawRepresentable, Hashable, Sendable, Comparable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package init(_ value: Int64) { self.rawValue = value }

    /// The jail's `/`.
    package static let root = DirectoryNumber(1)
    /// Where the row of `root` itself hangs, under an empty name.
    package static let aboveRoot = DirectoryNumber(0)
    /// The number given after this one.
    package var next: DirectoryNumber { DirectoryNumber(rawValue + 1) }
    package static func < (left: DirectoryNumber, right: DirectoryNumber) -> Bool { left.rawValue < right.rawValue }
}

/// An inode of the backup server's trees: names with the same object are hard links of one another, in one night and
/// across nights. Whatever differs in content or metadata is another object.
package struct ObjectNumber: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package init(_ value: Int64) { self.rawValue = value }

    /// The number given after this one.
    package var next: ObjectNumber { ObjectNumber(rawValue + 1) }
}

/// XXH3-128 over a file's content, blind to where its holes are; `ContentHasher` in Digest says how.
package struct ContentDigest: Hashable, Sendable {
    package let low: UInt64
    package let high: UInt64

    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }
}

/// XXH3-64, seeded by the jail's catalog, over a directory's listing; `ListingHasher` in Digest says how.
package struct ListingDigest: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }
}
