internal import Model

/// Which names between two generations are the same file or directory at another place.
///
/// Pairs what is gone from one end with what came at the other, by the inode that the jail or the trees have for it. An
/// inode's number is used again once a file is gone, so the number alone is no proof: a file has to have kept its time
/// and size too, a directory its time or one of the names in it.
///
/// All of it lies in temporary tables on disk: half of a jail may have moved.
struct Moves {
    private let connection: Connection

    init(from: Generation, to: Generation, _ connection: Connection) throws {
        self.connection = connection
        let ends = Ends(from: from, to: to)
        try run("PRAGMA temp_store = FILE", ends)
        for table in ["gone", "come"] {
            try run("DROP TABLE IF EXISTS temp.\(table)", ends)
            try run(
                """
                CREATE TEMP TABLE \(table) (directory, name, kind, inode, mtime_s, mtime_ns, size, object, child,
                    PRIMARY KEY (directory, name)) WITHOUT ROWID
                """, ends)
        }
        try run("DROP TABLE IF EXISTS temp.move", ends)
        try run(
            """
            CREATE TEMP TABLE move (from_directory, from_name, from_child, to_directory, to_name, to_child,
                PRIMARY KEY (from_directory, from_name)) WITHOUT ROWID
            """, ends)
        try run("CREATE UNIQUE INDEX temp.move_to ON move (to_directory, to_name)", ends)
        try run(Moves.ended(into: from < to ? "gone" : "come"), ends)
        try run(Moves.begun(into: from < to ? "come" : "gone"), ends)
        try pairDirectories(ends)
        try pairFiles(ends)
    }

    /// Where a name of the one end is at the other; nil if it is gone, or never left.
    func destination(of place: Place) throws -> Place? {
        let found = try connection.statement(
            "SELECT to_directory, to_name FROM temp.move WHERE from_directory = ?1 AND from_name = ?2")
        return try look(found, place)?.place
    }

    /// Where a name of the other end comes from, and the number that it had if it is a directory.
    func origin(of place: Place) throws -> (place: Place, child: DirectoryNumber?)? {
        let found = try connection.statement(
            "SELECT from_directory, from_name, from_child FROM temp.move WHERE to_directory = ?1 AND to_name = ?2")
        return try look(found, place)
    }

    private func look(_ found: Statement, _ place: Place) throws -> (place: Place, child: DirectoryNumber?)? {
        found.bind(place.directory, at: 1)
        found.bind(place.name, at: 2)
        defer { found.reset() }
        guard try found.step(), let name = Name(found.bytes(1)) else { return nil }
        return (
            Place(DirectoryNumber(found.int(0)), name), found.isNull(2) ? nil : DirectoryNumber(found.int(2))
        )
    }

    // MARK: - What is gone, and what came

    private struct Ends {
        var from: Generation
        var to: Generation
        var low: Generation { min(from, to) }
        var high: Generation { max(from, to) }
    }

    /// Every statement may use ?1 and ?2 for the earlier and the later end, ?3 and ?4 for this and the other.
    private func run(_ sql: String, _ ends: Ends) throws {
        let statement = try connection.fresh(sql)
        for (index, end) in [ends.low, ends.high, ends.from, ends.to].enumerated() {
            statement.bind(end, at: Int32(index + 1))
        }
        try statement.run()
    }

    private static let columns = "directory, name, kind, inode, mtime_s, mtime_ns, size, object, child"

    /// The same file at the same place, as far as a move is concerned.
    private static let stays = """
        o.directory = n.directory AND o.name = n.name AND o.kind = n.kind
            AND (o.inode = n.inode OR o.child = n.child OR o.child IS NULL AND o.object = n.object)
        """

    private static func ended(into table: String) -> String {
        """
        INSERT INTO temp.\(table) SELECT \(columns) FROM entry o INDEXED BY entry_until
        WHERE o.until > ?1 AND o.until <= ?2 AND o.until < 9223372036854775807 AND o.since <= ?1 AND NOT EXISTS (
            SELECT 1 FROM entry n WHERE \(stays) AND n.since <= ?2 AND n.until > ?2)
        """
    }

    private static func begun(into table: String) -> String {
        """
        INSERT INTO temp.\(table) SELECT \(columns) FROM entry n INDEXED BY entry_since
        WHERE n.since > ?1 AND n.since <= ?2 AND n.until > ?2 AND NOT EXISTS (
            SELECT 1 FROM entry o WHERE \(stays) AND o.since <= ?1 AND o.until > ?1)
        """
    }

    // MARK: - Pairing

    private func pairDirectories(_ ends: Ends) throws {
        let directories = "x.child IS NOT NULL AND x.inode <> 0"
        try run(Moves.pairing(by: ["inode", "mtime_s", "mtime_ns"], among: directories), ends)
        try run(
            Moves.pairing(
                by: ["inode"], among: directories,
                if: """
                    EXISTS (SELECT 1 FROM entry o JOIN entry n
                        ON n.directory = c.child AND n.name = o.name AND n.kind = o.kind AND n.inode = o.inode
                            AND n.since <= ?4 AND n.until > ?4
                        WHERE o.directory = g.child AND o.inode <> 0 AND o.since <= ?3 AND o.until > ?3)
                    """), ends)
    }

    private func pairFiles(_ ends: Ends) throws {
        // What moved with its directory has the first claim: an inode may have other names elsewhere.
        try run(
            """
            INSERT OR IGNORE INTO temp.move
            SELECT g.directory, g.name, NULL, c.directory, c.name, NULL
            FROM temp.move m CROSS JOIN temp.gone g ON g.directory = m.from_child
                CROSS JOIN temp.come c ON c.directory = m.to_child AND c.name = g.name
            WHERE g.child IS NULL AND c.child IS NULL AND g.inode <> 0 AND c.inode = g.inode AND c.kind = g.kind
            """, ends)
        try run(Moves.pairing(by: ["object"], among: "x.child IS NULL AND x.object <> 0"), ends)
        try run(
            Moves.pairing(
                by: ["kind", "inode", "mtime_s", "mtime_ns", "size"], among: "x.child IS NULL AND x.inode <> 0"), ends)
    }

    /// The first with the first, the second with the second: an inode with many names would else have their square.
    private static func pairing(by keys: [String], among condition: String, if proof: String = "TRUE") -> String {
        func ranked(_ table: String, _ end: String) -> String {
            """
            (SELECT *, row_number() OVER (PARTITION BY \(keys.joined(separator: ", ")) ORDER BY directory, name) AS rank
             FROM temp.\(table) x WHERE \(condition) AND NOT EXISTS (
                SELECT 1 FROM temp.move m WHERE m.\(end)_directory = x.directory AND m.\(end)_name = x.name))
            """
        }
        let equal = (keys + ["rank"]).map { "c.\($0) = g.\($0)" }.joined(separator: " AND ")
        return """
            INSERT OR IGNORE INTO temp.move
            SELECT g.directory, g.name, g.child, c.directory, c.name, c.child
            FROM \(ranked("gone", "from")) g JOIN \(ranked("come", "to")) c ON \(equal) WHERE \(proof)
            """
    }
}
