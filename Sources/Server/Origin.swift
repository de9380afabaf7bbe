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

extension Catalog {
    /// Asked for new names alone. In a first push there is nothing to be found, and nothing is looked for.
    func origin(of lack: Lack, _ head: Listing.Head) throws -> Origin? {
        guard mayHaveMoved(lack, head) else { return nil }
        return Server.origin(of: lack.seen, among: try committedRows(inode: lack.seen.inode))
    }
}
