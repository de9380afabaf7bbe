package import Model

/// What names are, and were.
extension Catalog {
    /// Every directory that is visible in the staged state (the committed one, if no push is under way), the root too,
    /// in no particular order. `body` may call the catalog.
    /// - Parameter withIdentities: for which each directory's row has to be looked up.
    package func index(withIdentities: Bool = false, _ body: (IndexEntry) throws -> Void) throws {
        try use { connection in
            let found = try connection.fresh(
                """
                SELECT e.child, e.directory, e.name, d.digest, \(withIdentities ? "e.inode, e.ctime_s, e.ctime_ns" : "0")
                FROM entry e INDEXED BY entry_child LEFT JOIN directory d ON d.number = e.child
                WHERE e.child IS NOT NULL AND e.since <= ?1 AND e.until > ?1
                """)
            found.bind(connection.staged, at: 1)
            while try found.step() {
                try body(
                    IndexEntry(
                        number: DirectoryNumber(found.int(0)), parent: DirectoryNumber(found.int(1)),
                        name: Name(found.bytes(2)),
                        digest: found.isNull(3) ? nil : ListingDigest(rawValue: found.unsigned(3)),
                        identity: found.unsigned(4) == 0
                            ? nil
                            : IndexEntry.Identity(
                                inode: found.unsigned(4),
                                changed: Timestamp(seconds: found.int(5), nanoseconds: found.small(6)))))
            }
        }
    }

    /// The rows of a directory in the order of their names, beyond `after` and up to and with `through`, at most
    /// `limit`.
    /// - Parameter generation: nil for the staged state.
    package func rows(
        in directory: DirectoryNumber, at generation: Generation? = nil, after: Name? = nil, through: Name? = nil,
        limit: Int = .max
    ) throws -> [Row] {
        try use { connection in
            let found = try connection.statement(
                """
                SELECT \(Row.columns) FROM entry WHERE directory = ?1 AND name > ?2 AND name <= ?3
                AND since <= ?4 AND until > ?4 ORDER BY name LIMIT ?5
                """)
            found.bind(directory, at: 1)
            found.bind(after, at: 2)
            found.bind(through?.bytes ?? Connection.beyondEveryName, at: 3)
            found.bind(generation ?? connection.staged, at: 4)
            found.bind(Int64(limit), at: 5)
            return try connection.rows(found)
        }
    }

    /// The row of one name, nil if there is none.
    /// - Parameter generation: nil for the staged state.
    package func row(at place: Place, at generation: Generation? = nil) throws -> Row? {
        try use { try $0.row(place.directory, place.name, at: generation ?? $0.staged) }
    }

    /// The row that a directory itself has, in its parent; nil if it is not visible.
    /// - Parameter generation: nil for the staged state.
    package func row(of directory: DirectoryNumber, at generation: Generation? = nil) throws -> Row? {
        try use { connection in
            let found = try connection.statement(
                "SELECT \(Row.columns) FROM entry WHERE child = ?1 AND since <= ?2 AND until > ?2")
            found.bind(directory, at: 1)
            found.bind(generation ?? connection.staged, at: 2)
            return try connection.rows(found).first
        }
    }

    /// Every name that the staged state has for the very inode of the jail that a stamp is of. Only for what has several names: every
    /// change of an inode, a further name too, moves its ctime.
    package func rows(stamped stamp: Stamp) throws -> [Row] {
        guard stamp.links > 1, stamp.inode != 0, stamp.changed.seconds != 0 else { return [] }
        return try use { connection in
            let found = try connection.statement(
                """
                SELECT \(Row.columns) FROM entry INDEXED BY entry_inode
                WHERE inode = ?1 AND inode <> 0 AND links > 1 AND child IS NULL AND since <= ?2 AND until > ?2
                """)
            found.bind(stamp.inode, at: 1)
            found.bind(connection.staged, at: 2)
            return try connection.rows(found).filter { $0.stamp == stamp }
        }
    }

    /// Follows a path name by name; the jail's `/` for the empty one. Nil if it leads nowhere.
    package func resolve(_ path: Path, at generation: Generation) throws -> Row? {
        try use { try $0.resolve(path, at: generation) }
    }

    /// Where a directory stands; nil if it is not visible.
    package func path(of directory: DirectoryNumber, at generation: Generation) throws -> Path? {
        var names: [Name] = []
        var next = directory
        while true {
            guard let (parent, name) = try parent(of: next, at: generation) else { return nil }
            guard let name else { return Path(names.reversed()) }
            names.append(name)
            next = parent
        }
    }

    /// The directory that holds another one, and the name it has there (nil for the jail's `/`); nil if it is not
    /// visible.
    package func parent(
        of directory: DirectoryNumber, at generation: Generation
    ) throws -> (parent: DirectoryNumber, name: Name?)? {
        try use { connection in
            let found = try connection.statement(
                "SELECT directory, name FROM entry WHERE child = ?1 AND since <= ?2 AND until > ?2")
            found.bind(directory, at: 1)
            found.bind(generation, at: 2)
            defer { found.reset() }
            guard try found.step() else { return nil }
            return (DirectoryNumber(found.int(0)), Name(found.bytes(1)))
        }
    }
}

extension Connection {
    /// Sorts after every name: those have at most 255 bytes.
    static let beyondEveryName = [UInt8](repeating: 0xFF, count: Name.longest + 1)

    func rows(_ found: Statement) throws -> [Row] {
        defer { found.reset() }
        var rows: [Row] = []
        while try found.step() { rows.append(try Row(found)) }
        return rows
    }

    func resolve(_ path: Path, at generation: Generation) throws -> Row? {
        var row = try row(.aboveRoot, nil, at: generation)
        for name in path.names {
            guard let directory = row?.child else { return nil }
            row = try self.row(directory, name, at: generation)
        }
        return row
    }

    func row(_ directory: DirectoryNumber, _ name: Name?, at generation: Generation) throws -> Row? {
        let found = try statement(
            "SELECT \(Row.columns) FROM entry WHERE directory = ?1 AND name = ?2 AND since <= ?3 AND until > ?3")
        found.bind(directory, at: 1)
        found.bind(name, at: 2)
        found.bind(generation, at: 3)
        return try rows(found).first
    }
}
