import Model
import Platform
import Wire

/// A listing that was sent and that the server may still ask about: the directory, held open, and what was seen in it.
///
/// It lives until the last of its requests is answered, held by its parts alone.
final class PendingListing: Sendable {
    let number: DirectoryNumber
    let trail: Trail
    /// Nil where the directory was not opened: a mount point listed as an empty directory.
    let directory: Directory?
    /// The directory's own status.
    let own: FileStatus
    let inodesLast: Bool
    /// Whether the server is to compare the content of its files by digest.
    let verifies: Bool
    /// Nil where only what leads to entries is listed, or nothing.
    let scan: Scan?
    /// What leads to entries below here, or is one.
    let tree: EntryTree?
    /// What was listed, in order: the server's ordinal 1 is the first. Positions in the scan; -1, -2 … for the first,
    /// second … child of `tree`.
    let listed: [Int32]

    init(
        number: DirectoryNumber, trail: Trail, directory: Directory?, own: FileStatus, inodesLast: Bool, verifies: Bool,
        scan: Scan?, tree: EntryTree?, listed: [Int32]
    ) {
        self.number = number
        self.trail = trail
        self.directory = directory
        self.own = own
        self.inodesLast = inodesLast
        self.verifies = verifies
        self.scan = scan
        self.tree = tree
        self.listed = listed
    }

    /// The name at a position of the listing, and its status: nil where it could not be looked at.
    func entry(_ position: Int) -> (name: Name, status: FileStatus?) {
        let place = Int(listed[position])
        if place < 0, let tree {
            let child = tree.children[-place - 1]
            return (child.name, child.tree.status)
        }
        guard let scan, let name = scan.name(of: scan.entries[place]) else {
            preconditionFailure("only what has a name is listed")
        }
        return (name, scan.entries[place].status)
    }

    /// The inode of the name at a position; 0 where it could not be looked at.
    func inode(_ position: Int) -> UInt64 {
        var inode: UInt64 = 0
        withEntry(position) { _, status in inode = status?.stamp.inode ?? 0 }
        return inode
    }

    /// Whether the name at a position leads to entries, or was found to be one that others lie in.
    func leadsToEntries(_ position: Int) -> Bool {
        let place = Int(listed[position])
        guard place < 0, let tree else { return false }
        let child = tree.children[-place - 1].tree
        if case .way = child.what { return true }
        return !child.children.isEmpty
    }

    /// The same without making a name of it, for the walk's innermost loop.
    @inline(__always)
    func withEntry(_ position: Int, _ body: (UnsafeRawBufferPointer, FileStatus?) -> Void) {
        let place = Int(listed[position])
        if place >= 0, let scan {
            let entry = scan.entries[place]
            scan.withName(of: entry) { body($0, entry.status) }
        } else {
            let (name, status) = entry(position)
            name.bytes.withUnsafeBytes { body($0, status) }
        }
    }

    /// Name and status of what the server calls `ordinal`; nil where nothing may be asked of it: it is kept, or it is a
    /// directory, which has its own listing.
    func file(_ ordinal: UInt64) -> (name: Name, status: FileStatus)? {
        guard ordinal > 0, ordinal <= UInt64(listed.count) else { return nil }
        let (name, status) = entry(Int(ordinal) - 1)
        guard let status, status.kind != .directory else { return nil }
        return (name, status)
    }

    func stampAsSent(_ status: FileStatus) -> Stamp {
        status.stampAsSent(directoryDevice: own.device, inodesLast: inodesLast, longestTarget: Limits.target)
    }
}

/// One part of a listing, as one message carried it.
struct ListingPart: Sendable {
    let listing: PendingListing
    /// The ordinals of its entries; empty for the listing of an empty directory.
    let ordinals: Range<UInt64>
    let isLast: Bool

    /// Whether the server may ask for it in answer to this part.
    func allows(_ item: Requests.Item) -> Bool {
        if item.ordinal == 0 { return item.want == .attributes }
        guard ordinals.contains(item.ordinal), let file = listing.file(item.ordinal) else { return false }
        return file.status.kind == .regular || item.want == .attributes
    }
}
