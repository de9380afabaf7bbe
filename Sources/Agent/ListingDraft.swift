import Configuration
import Digest
import Glibc
import Model
import Platform
import Wire

/// A directory as it was seen, before it is known whether the server has to hear of it.
struct ListingDraft {
    let pending: PendingListing
    /// Of each directory in it, in order: its number, nil where the server knows it not yet.
    let numbers: [DirectoryNumber?]
    /// Where those directories stand in the listing, and their own digests with the server.
    let directories: [(position: Int32, digest: ListingDigest?)]
    /// What the server will store if it takes all of it; nil if something was kept or is unsettled.
    let digest: ListingDigest?
    /// Whether it is what the server has.
    let isUnchanged: Bool
    /// Whether the server need not hear of it.
    var isSilent: Bool { isUnchanged && !pending.verifies }
    /// Whether names are in the scan that cannot be listed, or could not be looked at.
    let hasTrouble: Bool
    let files: UInt64
    let bytes: UInt64

    func entry(_ position: Int) -> (name: Name, what: What) {
        let (name, status) = pending.entry(position)
        guard let status else { return (name, .kept) }
        return (name, status.kind == .directory ? .directory : .file(pending.stampAsSent(status)))
    }

    enum What {
        case kept
        case file(Stamp)
        case directory
    }
}

/// What a listing is made from.
struct Sighting {
    let number: DirectoryNumber
    let trail: Trail
    let directory: Directory?
    let own: FileStatus
    let inodesLast: Bool
    let verifies: Bool
    let scan: Scan?
    let tree: EntryTree?
    let exclusion: Exclusion
    /// The digest of what the server has.
    let indexed: ListingDigest?
    /// When the scan began.
    let time: Timestamp
}

extension ListingDraft {
    /// Looks at each name once: drops what is excluded, finds the numbers, takes the digest.
    init(_ sighting: Sighting, _ index: ServerIndex, _ hasher: inout ListingHasher) {
        let (listed, hasUnlistable) = sighting.listed()
        let pending = PendingListing(
            number: sighting.number, trail: sighting.trail, directory: sighting.directory, own: sighting.own,
            inodesLast: sighting.inodesLast, verifies: sighting.verifies, scan: sighting.scan, tree: sighting.tree,
            listed: listed)
        var numbers: [DirectoryNumber?] = []
        var directories: [(position: Int32, digest: ListingDigest?)] = []
        var isWhole = true
        var isSettled = !sighting.own.stamp.isUnsettled(at: sighting.time)
        var bytes: UInt64 = 0
        hasher.begin(own: pending.stampAsSent(sighting.own))
        for position in listed.indices {
            pending.withEntry(position) { name, status in
                guard let status else {
                    isWhole = false
                    return
                }
                hasher.add(name: name, stamp: pending.stampAsSent(status))
                if status.kind == .directory {
                    let found = index.find(parent: sighting.number, name)
                    numbers.append(found?.number)
                    directories.append((Int32(position), found?.digest))
                    return
                }
                if status.stamp.isUnsettled(at: sighting.time) { isSettled = false }
                if status.kind == .regular { bytes &+= status.stamp.metadata.size }
            }
        }
        let digest = hasher.finish()
        self.pending = pending
        self.numbers = numbers
        self.directories = directories
        self.digest = isWhole && isSettled ? digest : nil
        self.bytes = bytes
        files = UInt64(listed.count - directories.count)
        hasTrouble = !isWhole || hasUnlistable
        isUnchanged = isWhole && digest == sighting.indexed && numbers.allSatisfy { $0 != nil }
    }
}

extension Sighting {
    /// The names to list, in order, as `PendingListing.listed` has them: what leads to entries stands before what the
    /// scan saw under the same name.
    fileprivate func listed() -> (positions: [Int32], hasUnlistable: Bool) {
        let filter = exclusion.isEmpty ? nil : exclusion.filter(in: trail.path)
        var hasUnlistable = false
        var listed: [Int32] = []
        listed.reserveCapacity((scan?.entries.count ?? 0) + (tree?.children.count ?? 0))
        var children = (tree?.children ?? []).enumerated().map { $0 }[...]
        func take(_ child: (offset: Int, element: (name: Name, tree: EntryTree))) {
            listed.append(-Int32(child.offset) - 1)
        }
        for (position, entry) in (scan?.entries ?? []).enumerated() {
            scan?.withName(of: entry) { name in
                while let child = children.first, child.element.name.bytes.lexicographicallyPrecedes(name) {
                    take(child)
                    children.removeFirst()
                }
                if let child = children.first, child.element.name.bytes.elementsEqual(name) { return }
                guard isListable(name) else {
                    hasUnlistable = true
                    return
                }
                if let filter, filter.excludes(name) { return }
                listed.append(Int32(position))
            }
        }
        for child in children { take(child) }
        return (listed, hasUnlistable)
    }
}

/// Names that no file system should hand out; looked at cheaply, because all names come this way.
private func isListable(_ name: UnsafeRawBufferPointer) -> Bool {
    guard let base = name.baseAddress, name.count <= Name.longest else { return false }
    return memchr(base, Int32(UInt8(ascii: "/")), name.count) == nil
}
