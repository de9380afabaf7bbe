package import Catalog
package import Model
internal import Platform
package import Storage

/// How far a restore is.
package struct RestoreProgress: Hashable, Sendable {
    package var members: UInt64 = 0
    /// Of content, before it is compressed.
    package var bytes: UInt64 = 0
    /// The member that is being read.
    package var path: [UInt8] = []
}

/// One order, against one jail's nights: what it comes to, and the archive.
///
/// From `init` on all stands still: the catalog is seen as it was then, and the tree that is read stays what it is, while
/// pushes and housekeeping go on. What the archive says of a file is from the catalog, as the jail had it, so that a
/// server that is not root restores owners too; its content is from the tree, and compared with its digest on the way.
package struct Restoration: Sendable {
    package let order: RestoreOrder
    /// What the night holds, and when it was pushed.
    package let generation: GenerationRecord
    /// The number that the night had when this was made; nil if it is read from a hold.
    package var night: Int? { tree.night }
    let backupdir: Backupdir
    /// Bytes that a hold leaves free.
    private let reserve: UInt64
    let catalog: Catalog
    let tree: TreeReader
    let selection: Selection

    /// Finds the night and what is wanted of it. Needs no lock.
    ///
    /// - Parameter reserve: bytes that a hold leaves free on the server's file system; 0 asks nothing.
    /// - Throws: `RestoreRefusal` where there is no such night, or one of the parts is not in it: all those that are not,
    ///   and in which nights they are.
    package init(_ order: RestoreOrder, of backupdir: Backupdir, reserve: UInt64 = 0) throws {
        guard let catalog = try backupdir.catalogForReading() else {
            throw RestoreRefusal(.noNight, "\(title(backupdir)) has no night yet")
        }
        let (record, tree) = try Restoration.find(order, in: backupdir, catalog)
        try catalog.standStill()
        guard try catalog.isKept(record.number) else {
            throw RestoreRefusal(.noNight, "\(title(backupdir)): \(order.night) went a moment ago")
        }
        self.order = order
        self.backupdir = backupdir
        self.reserve = reserve
        self.catalog = catalog
        self.tree = tree
        generation = record
        selection = Selection(order.parts, below: order.base, at: record.number, catalog)
        try checkFound()
    }

    /// The members of the archive in their order, sockets among them, which it will not have. Reads the catalog only.
    package func members(_ body: (Member) throws -> Void) throws { try selection.members(body) }

    /// What the archive will hold. Reads the catalog only.
    package func plan() throws -> RestoreSummary {
        var summary = RestoreSummary(generation: generation)
        try selection.members { summary.count($0, below: order.base) }
        return summary
    }

    /// Writes the archive.
    ///
    /// - Parameters:
    ///   - progress: told after each piece that was written, on the calling thread.
    ///   - sink: takes the archive, piece by piece, on the calling thread; what it throws ends the work.
    /// - Returns: what it holds. If that is not sound, files in it are not what they were: their damaged parts are zeros,
    ///   and those that are missing from the tree are missing from the archive too.
    package func write(
        progress: (RestoreProgress) -> Void = { _ in }, to sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> RestoreSummary {
        // A block is a megabyte, and each has a few under way.
        let workers = min(processors(), Restoration.mostWorkers)
        let line = BlockLine(capacity: 2 * workers + 2, isCompressed: order.format == .tgz)
        let outcome = Monitor(RestoreSummary(generation: generation))
        var threads = [
            try Thread.spawn("restore read") {
                do {
                    let summary = try ArchiveRun(self, line).run()
                    outcome.with { $0 = summary }
                    line.close()
                } catch {
                    line.close(error)
                }
            }
        ]
        defer {
            line.cancel()
            for thread in threads { thread.join() }
        }
        if order.format == .tgz {
            for _ in 0..<workers { threads.append(try Thread.spawn("restore gzip") { compress(line) }) }
        }
        var zstd = order.format == .zst ? try ZstdCompressor(workers: workers > 1 ? workers : 0) : nil
        try line.drain { block in
            let bytes = block.finished()
            if zstd == nil { try bytes.withUnsafeBytes(sink) } else { try zstd?.add(bytes, sink) }
            progress(block.progress)
        }
        try zstd?.finish(sink)
        var summary = outcome.with { $0 }
        findGoodCopies(of: &summary)
        return summary
    }

    /// Keeps what was asked for from housekeeping, for as many days as the order says from now on; nothing if it says
    /// none. Waits for whoever works on the jail's trees; throws `.busy` at once if that is another restore's hold.
    ///
    /// - Parameters:
    ///   - date: of the night, for the name: `restore-col00214-2026-11-20`.
    ///   - limit: how many such holds of the jail there may be; nil for any number.
    package func keep(
        at now: Timestamp, date: String, limit: Int? = nil, progress: Storage.Progress? = nil
    ) throws -> [Hold] {
        guard let days = order.holdDays else { return [] }
        let words = [RestoreKeeping.stem.bytes, order.customer, Array(date.utf8)].compactMap { $0?.prefix(100) }
        let stem = Name(Array(words.joined(separator: [UInt8(ascii: "-")]))) ?? RestoreKeeping.stem
        // Of a customer all that is his: what he asks for next is often beside it.
        let paths = Set(order.parts.map { $0.customer == nil ? Path($0.pattern.literalStart) : $0.base })
        let largest = paths.filter { path in !paths.contains { $0 != path && $0.contains(path) } }
        let outer = largest.count > Restoration.mostHolds ? [Path(holding: largest)] : largest
        let holder = "\(Backupdir.housekeeper): restore"
        return try backupdir.lock(holder: holder, reserve: reserve, progress: progress).keep(
            outer.sorted(), of: generation.number, named: stem,
            until: Timestamp(seconds: now.seconds + Int64(days) * 86400), at: now,
            limit: limit.map { HoldLimit(RestoreKeeping.stem, $0) }, progress: progress)
    }

    /// Of more parts than these what they have in common is held.
    private static let mostHolds = 4

    /// More threads than these do not compress, however many processors there are.
    private static let mostWorkers = 16
}

extension Path {
    /// What they all lie in.
    fileprivate init(holding paths: Set<Path>) {
        guard let first = paths.first else { self.init(); return }
        self = paths.dropFirst().reduce(first) { common, path in
            Path(zip(common.names, path.names).prefix { $0 == $1 }.map(\.0))
        }
    }
}

private func compress(_ line: BlockLine) {
    let compressor = GzipCompressor()
    while let block = line.next() { block.replace(with: compressor.compress(block.raw)) }
}

extension RestoreSummary {
    init(generation: GenerationRecord) {
        self.init(generation: generation.number, pushed: generation.committed ?? generation.started)
    }

    /// Notes one member. Its content counts where it stands, which is with the first name of a file.
    mutating func count(_ member: Member, below base: Path) {
        let path = { Path(base.names + member.names) }
        guard member.row.stamp.metadata.kind != .socket else { return leaveOut(path()) }
        members += 1
        if member.row.stamp.metadata.kind == .regular, member.first == nil {
            bytes = clampedSum(bytes, member.row.stamp.metadata.size)
        }
        if member.first == nil, !member.row.attributes.areCarried { leaveOut(path()) }
    }
}
