import Catalog
import Digest
import Model
import Platform
import Storage

/// A session without a wire: compares a directory with the catalog, stages what is new, writes the rows.
struct Push {
    let jail: PushingBackupdir
    let staging: Staging
    private let source: Directory
    private var groups: [UInt64: (object: ObjectNumber, source: Staging.Source)] = [:]
    private var inodes: [ObjectNumber: UInt64] = [:]

    init(of source: Directory, to jail: PushingBackupdir) throws {
        self.jail = jail
        self.source = source
        staging = try jail.stage(at: Timestamp(seconds: 1))
    }

    /// A whole run.
    @discardableResult
    static func run(of source: Directory, to backupdir: Backupdir) throws -> GenerationRecord {
        let jail = try lockPush(backupdir)
        var push = try Push(of: source, to: jail)
        try push.send()
        let record = try jail.commit(push.staging, at: Timestamp(seconds: 2))
        try jail.tidy()
        return record
    }

    /// The trees.
    static func lock(_ backupdir: Backupdir) throws -> LockedBackupdir {
        try patiently { try backupdir.lock(holder: "test") }
    }

    static func lockPush(_ backupdir: Backupdir) throws -> PushingBackupdir {
        try patiently { try backupdir.lockPush(holder: "test") }
    }

    /// A program that another test starts at this moment has a copy of every descriptor, locks too, for an instant.
    private static func patiently<Answer>(_ body: () throws -> Answer) throws -> Answer {
        for _ in 0..<100 {
            do {
                return try body()
            } catch let error as StorageError where error.problem == .busy {
                pause(seconds: 0.01)
            }
        }
        return try body()
    }

    mutating func send() throws {
        try put(
            Row(
                directory: .aboveRoot, name: nil, stamp: source.status().stamp,
                attributes: source.attributes().attributes, child: .root))
        try send(source, as: .root)
        try jail.catalog.flush()
    }

    private func put(_ row: Row) throws {
        let held =
            try row.place.map { try jail.catalog.row(at: $0) } ?? jail.catalog.row(of: .root)
        if let held, held.stamp == row.stamp, held.object == row.object, held.child == row.child { return }
        try jail.catalog.put(row)
    }

    private mutating func send(_ directory: Directory, as number: DirectoryNumber) throws {
        let names = try directory.entries()
        for row in try jail.catalog.rows(in: number) {
            guard let place = row.place, !names.contains(place.name) else { continue }
            try jail.catalog.remove(place)
            try staging.discard(place)
        }
        for name in names {
            let place = Place(number, name)
            let status = try directory.status(of: name)
            let attributes = try directory.attributes(of: name, kind: status.kind).attributes
            guard status.kind == .directory else {
                try send(place, status.stamp, attributes, in: directory)
                continue
            }
            let child = try jail.catalog.row(at: place)?.child ?? jail.catalog.nextDirectory()
            try put(
                Row(directory: number, name: name, stamp: status.stamp, attributes: attributes, child: child))
            try staging.discard(place)
            try send(try directory.openDirectory(name), as: child)
        }
    }

    private mutating func send(
        _ place: Place, _ stamp: Stamp, _ attributes: Attributes, in directory: Directory
    ) throws {
        let catalog = jail.catalog
        let held = try catalog.row(at: place).flatMap { $0.child == nil ? $0 : nil }
        let metadata = stamp.metadata
        let content = metadata.kind == .regular ? try directory.openFile(place.name).readAll(atMost: 1 << 30) : []
        let target = metadata.kind == .symlink ? try directory.readLink(place.name) : nil
        let digest = metadata.kind == .regular ? ContentHasher.digest(of: content) : nil
        func row(_ object: ObjectNumber) -> Row {
            Row(
                directory: place.directory, name: place.name, stamp: stamp, digest: digest, target: target,
                attributes: attributes, object: object)
        }
        if let group = groups[stamp.inode] {
            if held?.object != group.object { try staging.link(place, to: group.source, of: group.object) }
            return try put(row(group.object))
        }
        let isStaged = held?.since == staging.generation
        let here: Staging.Source = isStaged ? .staged(place) : .newest(place)
        let isFree = held.map { inodes[$0.object] ?? stamp.inode == stamp.inode } ?? false
        if let held, isFree, held.stamp.metadata == metadata, held.attributes == attributes, held.digest == digest,
            held.target == target
        {
            inodes[held.object] = stamp.inode
            if stamp.links > 1 { groups[stamp.inode] = (held.object, try source(of: held)) }
            return try put(row(held.object))
        }
        if let held, held.digest != nil, held.digest == digest {
            try staging.copy(
                place, from: try catalog.isStaged(held) ? here : .newest(place), metadata: metadata,
                attributes: attributes)
        } else if metadata.kind == .regular {
            let file = try staging.createFile(place, sparse: true)
            try content.withUnsafeBytes { try file.write($0, at: 0, as: 0) }
            try file.finish(metadata: metadata, attributes: attributes, digest: ContentHasher.digest(of: content))
        } else {
            try staging.create(place, metadata: metadata, attributes: attributes, target: target)
        }
        let object = try catalog.takeObject()
        inodes[object] = stamp.inode
        if stamp.links > 1 { groups[stamp.inode] = (object, .staged(place)) }
        try put(row(object))
    }

    private func source(of row: Row) throws -> Staging.Source {
        guard let place = row.place else { throw StorageError(.refused, "the root is no file") }
        return try jail.catalog.isStaged(row) ? .staged(place) : .newest(place)
    }
}
