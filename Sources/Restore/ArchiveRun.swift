internal import Catalog
internal import Model
internal import Platform
internal import Storage

/// The writing of one archive: member by member, from the catalog and the tree into the line. For one thread.
struct ArchiveRun {
    private let selection: Selection
    private let tree: TreeReader
    private let writer: ArchiveWriter
    private let owners: OwnerNames
    private let contents = ContentReader()
    /// What the blocks that are given on are told of.
    private let position: Position
    private var summary: RestoreSummary
    /// For files with several names of which the first could not be opened: the name that is in the archive instead, once
    /// there is one.
    private var standIns: [ObjectNumber: [Name]?] = [:]

    private final class Position {
        var progress = RestoreProgress()
    }

    init(_ restoration: Restoration, _ line: BlockLine) throws {
        selection = restoration.selection
        tree = restoration.tree
        summary = RestoreSummary(generation: restoration.generation)
        owners = try restoration.ownerNames()
        let position = Position()
        self.position = position
        writer = try ArchiveWriter { try line.add($0, position.progress) }
    }

    consuming func run() throws -> RestoreSummary {
        let selection = selection
        try selection.members { member in try self.add(member) }
        try writer.finish()
        return summary
    }

    private mutating func add(_ given: Member) throws {
        position.progress.members += 1
        position.progress.path = given.names.last?.bytes ?? []
        let member = linked(given)
        let metadata = member.row.stamp.metadata
        guard metadata.kind == .regular, member.first == nil else {
            summary.count(member, below: selection.base)
            guard metadata.kind != .socket else { return }
            try writer.begin(member, owners)
            return try writer.end()
        }
        do {
            try addFile(member)
            if given.first != nil { standIns[member.row.object] = .some(member.names) }
        } catch let trouble as Unreadable {
            if member.row.stamp.links > 1 { standIns[member.row.object] = .some(nil) }
            note(trouble.reason, member)
        }
    }

    /// A further name of a file whose first could not be opened is a link of another one, or the first itself.
    private func linked(_ member: Member) -> Member {
        guard member.first != nil, let standIn = standIns[member.row.object] else { return member }
        return Member(names: member.names, row: member.row, first: standIn)
    }

    /// Throws `Unreadable` where nothing can be had of the file, and nothing was written.
    private mutating func addFile(_ member: Member) throws {
        let size = member.row.stamp.metadata.size
        let file = try open(member)
        let (status, data) = try look(at: file)
        guard status.kind == .regular else { throw Unreadable(reason: "it is no file any more") }
        var wrong = status.stamp.metadata.size == size ? nil : "it has \(status.stamp.metadata.size) bytes, not \(size)"
        summary.count(member, below: selection.base)
        try writer.begin(member, owners, size: size, data: wrong == nil ? data : nil)
        let (writer, position) = (writer, position)
        let found = try contents.read(
            file, size: size, data: wrong == nil ? data : nil, digest: member.row.digest
        ) { piece in
            switch piece {
            case .bytes(let bytes):
                position.progress.bytes = clampedSum(position.progress.bytes, UInt64(bytes.count))
                try writer.write(bytes)
            case .hole(let count):
                position.progress.bytes = clampedSum(position.progress.bytes, count)
                writer.skip(count)
            }
        }
        try writer.end()
        wrong = wrong ?? found
        if let wrong { note(wrong, member) }
    }

    private func open(_ member: Member) throws -> Descriptor {
        guard let place = member.row.place else { throw Unreadable(reason: "it has no name") }
        do {
            return try tree.open(place)
        } catch let error as StorageError {
            throw Unreadable(reason: error.description)
        }
    }

    private func look(at file: borrowing Descriptor) throws -> (FileStatus, [Range<UInt64>]?) {
        do throws(SystemError) {
            let status = try file.status()
            return (status, try contents.dataRanges(of: file, status))
        } catch {
            throw Unreadable(reason: error.description)
        }
    }

    private mutating func note(_ reason: String, _ member: Member) {
        summary.damagedCount += 1
        guard summary.damaged.count < RestoreSummary.mostNamed else { return }
        let path = Path(selection.base.names + member.names)
        summary.damaged.append(RestoreSummary.Damage(path: path, reason: reason, goodNights: []))
    }

    /// Why nothing of a file can be had.
    private struct Unreadable: Error { let reason: String }
}
