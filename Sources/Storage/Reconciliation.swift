import Glibc
internal import Catalog
internal import Digest
internal import Model
internal import Platform

/// Makes `incoming/G` and the rows of G agree: a staged inode without a row did not arrive whole and goes; a row without
/// its inode is taken back, and the listing that it came with is asked for again.
struct Reconciliation {
    let catalog: Catalog
    let incoming: Incoming
    /// Whether all that is staged is read and compared with its row, as after a power cut.
    let reading: Bool
    let progress: Progress?

    /// Rows that were taken back.
    private(set) var withdrawn = 0

    init(catalog: Catalog, incoming: Incoming, reading: Bool, progress: Progress?) {
        self.catalog = catalog
        self.incoming = incoming
        self.reading = reading
        self.progress = progress
    }

    mutating func run() throws {
        let expected = Set(try catalog.stagedDirectories())
        var present: Set<DirectoryNumber> = []
        for name in try at(incoming.title, { () throws(SystemError) in try incoming.top.entries() }) {
            if let number = Incoming.number(of: name), expected.contains(number) {
                present.insert(number)
            } else {
                try at(incoming.title) { () throws(SystemError) in
                    try incoming.top.removeTree(name) { isAlive(progress) }
                }
            }
        }
        for (done, number) in expected.sorted().enumerated() {
            try progress?(.reconciling, done, expected.count)
            try reconcile(number, isPresent: present.contains(number))
        }
        if withdrawn > 0 { try catalog.flush() }
    }

    private mutating func reconcile(_ number: DirectoryNumber, isPresent: Bool) throws {
        let title = "\(incoming.title)/\(number.rawValue)"
        let wanted = try catalog.stagedNames(in: number)
        guard isPresent else {
            for name in wanted { try withdraw(Place(number, name)) }
            return
        }
        let directory = try at(title) { () throws(SystemError) in
            try incoming.top.openDirectory(Incoming.name(of: number))
        }
        var found = Set(try at(title) { () throws(SystemError) in try directory.entries() })
        for name in wanted {
            guard found.remove(name) != nil, try !reading || isWhole(Place(number, name), directory, title) else {
                try withdraw(Place(number, name))
                found.insert(name)
                continue
            }
        }
        for name in found {
            try at(title) { () throws(SystemError) in try directory.removeTree(name) { isAlive(progress) } }
        }
    }

    private mutating func withdraw(_ place: Place) throws {
        try catalog.clearListingDigest(of: place.directory)
        try catalog.reopen(place)
        withdrawn += 1
    }

    /// Whether an inode is what its row says, as far as a power cut could have made it something else.
    private func isWhole(_ place: Place, _ directory: Directory, _ title: String) throws -> Bool {
        guard let row = try catalog.row(at: place) else { return false }
        let name = place.name
        return try at(title) { () throws(SystemError) in
            let status = try directory.status(of: name)
            let wanted = row.stamp.metadata
            guard isSame(status.stamp.metadata, as: wanted) else { return false }
            if !row.attributes.isEmpty, isRoot() {
                guard try directory.attributes(of: name, kind: wanted.kind).attributes == row.attributes else {
                    return false
                }
            }
            switch wanted.kind {
            case .symlink: return try directory.readLink(name) == row.target
            case .regular:
                return try digest(of: name, in: directory, size: wanted.size) { isAlive(progress) } == row.digest
            default: return true
            }
        }
    }
}

/// What an inode in a tree is given. A regular file stays readable for an owner who is not root: the next push may have
/// to copy it, and the mode of an inode that a night has is never changed again. The catalog has the true one.
func carried(_ metadata: Metadata) -> Metadata {
    guard metadata.kind == .regular, !isRoot() else { return metadata }
    var metadata = metadata
    metadata.mode |= 0o400
    return metadata
}

/// Whether an inode carries that metadata, as far as one who is not root can make it so.
func isSame(_ found: Metadata, as wanted: Metadata) -> Bool {
    if found == wanted { return true }
    let isNode = wanted.kind == .characterDevice || wanted.kind == .blockDevice
    if isNode, !isRoot() { return true }
    guard found.kind == wanted.kind, found.kind != .regular || found.size == wanted.size else { return false }
    // A file system stores a time that it has no room for as the nearest that it has, and a symlink's mode not at all.
    return !isRoot() || found.kind == .symlink || found.mode == wanted.mode && found.owner == wanted.owner
}

/// The digest of a file of ours; holes take no time. ECANCELED once `goesOn` answers false.
private func digest(
    of name: Name, in directory: Directory, size: UInt64, goesOn: () -> Bool
) throws(SystemError) -> ContentDigest {
    let file = try directory.openFile(name)
    file.expectSequentialReading()
    var hasher = ContentHasher()
    let block = UInt64(ContentHasher.blockSize)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 * ContentHasher.blockSize, alignment: 4096)
    defer { buffer.deallocate() }
    var position: UInt64 = 0
    while position < size, let data = try file.nextData(from: position) {
        position = data - data % block
        let count = try file.read(into: buffer, at: position)
        if count == 0 { break }
        if !goesOn() { throw SystemError(operation: "pread", code: ECANCELED, subject: name.bytes) }
        hasher.update(block: UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: position)
        position += UInt64(count)
    }
    return hasher.finish(length: size)
}
