import Catalog
import Model
import Wire

/// Where the committed generation has what a listing shows under a new name: a file that was renamed or moved.
enum Origin: Hashable {
    /// The same file, unchanged: every change of an inode moves its ctime, and so does a new name for it. Only where a
    /// directory moved has what lies below it new names without that.
    case same(Row)
    /// The same inode, time and size: what was renamed is as this row, but for its ctime. The content has to be compared.
    case alike(Row, ContentDigest)
}

/// Whether it may be that a name stands for a file that was elsewhere: not where the file systems number their inodes
/// anew, and not where the name has had this inode before.
func mayHaveMoved(_ lack: Lack, _ head: Listing.Head) -> Bool {
    guard head.inodesLast, lack.seen.inode != 0 else { return false }
    guard let held = lack.held, held.child == nil else { return true }
    return held.stamp.inode != lack.seen.inode
}

/// Picks it among the names that the committed generation has for inodes of that number.
func origin(of seen: Stamp, among rows: [Row]) -> Origin? {
    // What is unsettled has no ctime, and looks like all that has none.
    if seen.changed.seconds != 0, let row = rows.first(where: { $0.stamp == seen }) { return .same(row) }
    guard seen.metadata.kind == .regular else { return nil }
    for row in rows {
        let (held, metadata) = (row.stamp.metadata, seen.metadata)
        if held.kind == .regular, held.size == metadata.size, held.modified == metadata.modified,
            let digest = row.digest
        {
            return .alike(row, digest)
        }
    }
    return nil
}

/// Finds origins. Of several files with one number the nearest is taken, in the sense that most directories above it
/// are above the new name too: two file systems may be copies of one image, and what was renamed stayed on its own.
struct Origins {
    /// The directories above more than these are not remembered.
    private static let mostKnown = 4096

    private let catalog: Catalog
    private var known: [DirectoryNumber: [DirectoryNumber]] = [:]

    init(_ catalog: Catalog) { self.catalog = catalog }

    /// The origin of a name that a directory's listing shows. Looked for only where the name is new to the inode, and in
    /// a first push nothing is.
    mutating func origin(of lack: Lack, in directory: DirectoryNumber, _ head: Listing.Head) throws -> Origin? {
        guard mayHaveMoved(lack, head) else { return nil }
        var rows = try catalog.committedRows(inode: lack.seen.inode)
        if Set(rows.map(\.object)).count > 1 { try sortByNearness(&rows, to: directory) }
        return Server.origin(of: lack.seen, among: rows)
    }

    private mutating func sortByNearness(_ rows: inout [Row], to directory: DirectoryNumber) throws {
        let here = Set(try ancestry(of: directory))
        var shared: [DirectoryNumber: Int] = [:]
        for row in rows where shared[row.directory] == nil {
            shared[row.directory] = try ancestry(of: row.directory).count(where: here.contains)
        }
        rows.sort { shared[$0.directory, default: 0] > shared[$1.directory, default: 0] }
    }

    private mutating func ancestry(of directory: DirectoryNumber) throws -> [DirectoryNumber] {
        if let found = known[directory] { return found }
        let found = try catalog.ancestry(of: directory)
        if known.count >= Origins.mostKnown { known = [:] }
        known[directory] = found
        return found
    }
}
