internal import Model

/// How a row lies in the table `entry`.
extension Row {
    static let columns = """
        directory, name, since, until, kind, mode, owner, grp, size, mtime_s, mtime_ns, major, minor, inode, links, \
        ctime_s, ctime_ns, digest, target, attributes, object, child
        """
    static let count: Int32 = 22

    /// The same columns of a table that has another name in a join.
    static func columns(of table: String) -> String {
        columns.split(separator: ", ").map { "\(table).\($0)" }.joined(separator: ", ")
    }

    /// Reads a row whose first column stands at `first`; throws `.damaged` for what no row can be.
    init(_ found: Statement, from first: Int32 = 0) throws {
        let directory = DirectoryNumber(found.int(first))
        let name = found.withBytes(first + 1) { Name($0) }
        guard let kind = FileKind(rawValue: UInt8(truncatingIfNeeded: found.int(first + 4))),
            (name == nil) == (directory == .aboveRoot), (kind == .directory) == !found.isNull(first + 21)
        else { throw CatalogError(.damaged, "catalog: broken row in directory \(directory.rawValue)") }
        let metadata = Metadata(
            kind: kind, mode: UInt16(truncatingIfNeeded: found.int(first + 5)), owner: found.small(first + 6),
            group: found.small(first + 7), size: found.unsigned(first + 8),
            modified: Timestamp(seconds: found.int(first + 9), nanoseconds: found.small(first + 10)),
            device: DeviceNumber(major: found.small(first + 11), minor: found.small(first + 12)))
        self.init(
            directory: directory, name: name, since: Generation(found.int(first + 2)),
            until: Generation(found.int(first + 3)),
            stamp: Stamp(
                metadata: metadata, inode: found.unsigned(first + 13), links: found.small(first + 14),
                changed: Timestamp(seconds: found.int(first + 15), nanoseconds: found.small(first + 16))),
            digest: found.isNull(first + 17) ? nil : found.withBytes(first + 17) { ContentDigest(stored: $0) },
            target: found.isNull(first + 18) ? nil : found.bytes(first + 18),
            attributes: found.isNull(first + 19) ? .none : try AttributesCodec.decode(found.bytes(first + 19)),
            object: ObjectNumber(found.int(first + 20)),
            child: found.isNull(first + 21) ? nil : DirectoryNumber(found.int(first + 21)))
    }

    /// Binds all columns, visible from `since` on.
    func bind(to statement: Statement, since: Generation) {
        let metadata = stamp.metadata
        statement.bind(directory, at: 1)
        statement.bind(name, at: 2)
        statement.bind(since, at: 3)
        statement.bind(Generation.open, at: 4)
        statement.bind(UInt32(metadata.kind.rawValue), at: 5)
        statement.bind(UInt32(metadata.mode), at: 6)
        statement.bind(metadata.owner, at: 7)
        statement.bind(metadata.group, at: 8)
        statement.bind(metadata.size, at: 9)
        statement.bind(metadata.modified.seconds, at: 10)
        statement.bind(metadata.modified.nanoseconds, at: 11)
        statement.bind(metadata.device.major, at: 12)
        statement.bind(metadata.device.minor, at: 13)
        statement.bind(stamp.inode, at: 14)
        statement.bind(stamp.links, at: 15)
        statement.bind(stamp.changed.seconds, at: 16)
        statement.bind(stamp.changed.nanoseconds, at: 17)
        if let digest { statement.bind(digest.stored, at: 18) } else { statement.bindNull(at: 18) }
        if let target { statement.bind(target, at: 19) } else { statement.bindNull(at: 19) }
        if let encoded = AttributesCodec.encode(attributes) {
            statement.bind(encoded, at: 20)
        } else {
            statement.bindNull(at: 20)
        }
        statement.bind(object.rawValue, at: 21)
        if let child { statement.bind(child, at: 22) } else { statement.bindNull(at: 22) }
    }
}

extension ContentDigest {
    /// Sixteen bytes, the low half first, each little-endian.
    var stored: [UInt8] {
        withUnsafeBytes(of: (low.littleEndian, high.littleEndian)) { Array($0) }
    }

    /// Nil unless there are sixteen.
    init?(stored bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 16 else { return nil }
        self.init(
            low: UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)),
            high: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}
