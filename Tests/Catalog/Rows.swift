import Catalog
import Model
import Support

extension TemporaryDirectory {
    /// A catalog in it.
    func catalog(_ access: Catalog.Access = .writing) throws -> Catalog {
        try Catalog(path: "\(path)/catalog.sqlite", access: access)
    }
}

/// A moment that stands for none in particular.
let someTime = Timestamp(seconds: 1_700_000_000, nanoseconds: 5)

func stamp(_ kind: FileKind, size: UInt64 = 0, mode: UInt16 = 0o644, inode: UInt64 = 7, links: UInt32 = 1) -> Stamp {
    Stamp(
        metadata: Metadata(kind: kind, mode: mode, owner: 1, group: 2, size: size, modified: someTime),
        inode: inode, links: links, changed: someTime)
}

func file(_ directory: Int64, _ name: Name, object: Int64, size: UInt64 = 10, inode: UInt64 = 7) -> Row {
    Row(
        directory: DirectoryNumber(directory), name: name, stamp: stamp(.regular, size: size, inode: inode),
        digest: ContentDigest(low: UInt64(object), high: .max), object: ObjectNumber(object))
}

func directory(_ directory: Int64, _ name: Name?, _ child: Int64, mode: UInt16 = 0o755) -> Row {
    Row(
        directory: DirectoryNumber(directory), name: name, stamp: stamp(.directory, mode: mode),
        child: DirectoryNumber(child))
}

extension Catalog {
    /// Opens a generation, writes rows, commits.
    @discardableResult
    func generation(_ rows: [Row], removing places: [Place] = []) throws -> GenerationRecord {
        _ = try begin(at: someTime, boot: "boot")
        for place in places { try remove(place) }
        for row in rows { try put(row) }
        try seal(tree: nil, holding: .empty)
        return try commit(at: someTime, trees: [:])
    }

    /// `directory/name` of each visible row below the root, in order, with its object.
    func names(at generation: Generation? = nil, in directory: DirectoryNumber = .root) throws -> [String] {
        try rows(in: directory, at: generation).flatMap { row in
            let own = "\(directory.rawValue)/\(row.name?.description ?? "")=\(row.object.rawValue)"
            return [own] + (try row.child.map { try names(at: generation, in: $0) } ?? [])
        }
    }
}
