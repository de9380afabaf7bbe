package import Catalog
package import Model

/// One name of an archive.
package struct Member: Sendable {
    /// From what the archive is relative to; never empty.
    package let names: [Name]
    /// As the catalog has it.
    package let row: Row
    /// An earlier member that is the same file; nil for the first name of a file, and for all that have one alone.
    package let first: [Name]?

    /// As the archive has it: `usr/home/bob`.
    package var path: [UInt8] { Member.path(names) }

    /// As `restore --list` shows it.
    package var listed: ListedMember {
        ListedMember(
            path: path, metadata: row.stamp.metadata, hasList: row.attributes.hasList,
            target: row.target ?? first.map(Member.path))
    }

    static func path(_ names: [Name]) -> [UInt8] { Array(names.map(\.bytes).joined(separator: [UInt8(ascii: "/")])) }
}
