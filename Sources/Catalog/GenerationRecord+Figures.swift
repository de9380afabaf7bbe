import GRDB
internal import Model

extension Connection {
    /// Counts a generation, from the one before and the rows that began or ended with it.
    func count(_ sealed: OpenGeneration) throws {
        let begun = entriesBegun
        // In the first generation all is new; asking each row for the one before it would cost as much as inserting it.
        let changed =
            committed == .empty
            ? "(SELECT count(*) FROM entry WHERE since = :g)"
            : """
            (SELECT count(*) FROM entry n INDEXED BY entry_since LEFT JOIN entry o
                ON o.directory = n.directory AND o.name = n.name AND o.since < :g AND o.until = :g
             WHERE n.since = :g AND (o.directory IS NULL OR o.child IS NOT n.child OR o.object <> n.object
                OR o.kind <> n.kind OR n.child IS NOT NULL AND (o.mode, o.owner, o.grp, o.mtime_s, o.mtime_ns)
                    <> (n.mode, n.owner, n.grp, n.mtime_s, n.mtime_ns)
                OR n.child IS NOT NULL AND o.attributes IS NOT n.attributes))
            """
        // An inode of which several names are new counts once.
        try database.execute(
            sql: """
                UPDATE generation SET
                    (files, directories, bytes, new_bytes) = (
                        WITH sums AS MATERIALIZED (SELECT coalesce(p.files, 0) + b.files - e.files AS files,
                            coalesce(p.directories, 0) + b.directories - e.directories AS directories,
                            (coalesce(p.bytes, 0) >> 32) + b.bytes_upper - e.bytes_upper AS bytes_upper,
                            (coalesce(p.bytes, 0) & 0xFFFFFFFF) + b.bytes_lower - e.bytes_lower AS bytes_lower,
                            b.alone_upper, b.alone_lower,
                            iif(b.linked = 0, 0, (
                                SELECT \(SizeSum.whole("own_upper", "own_lower")) FROM (
                                    SELECT \(SizeSum.halves("own")) FROM (SELECT max(size) AS size FROM \(begun)
                                    WHERE since = :g AND kind = 1 AND object >= :o AND links <> 1 GROUP BY object)))
                            ) AS linked
                        FROM (SELECT count(*) - count(child) AS files, count(child) AS directories,
                                \(SizeSum.halves("bytes", of: "kind = 1")),
                                \(SizeSum.halves("alone", of: "kind = 1 AND object >= :o AND links = 1")),
                                count(*) FILTER (WHERE kind = 1 AND links <> 1) AS linked
                            FROM \(begun) WHERE since = :g) b,
                            (SELECT count(*) - count(child) AS files, count(child) AS directories,
                                \(SizeSum.halves("bytes", of: "kind = 1"))
                            FROM entry INDEXED BY entry_until
                            WHERE until = :g AND until < 9223372036854775807) e
                            LEFT JOIN generation p ON p.number = :p)
                        SELECT files, directories, \(SizeSum.whole("bytes_upper", "bytes_lower")),
                            \(SizeSum.whole("alone_upper + (linked >> 32)", "alone_lower + (linked & 0xFFFFFFFF)"))
                        FROM sums),
                    removed = (SELECT count(*) FROM entry o INDEXED BY entry_until
                        WHERE o.until = :g AND o.until < 9223372036854775807 AND NOT EXISTS (
                            SELECT 1 FROM entry n
                            WHERE n.directory = o.directory AND n.name = o.name AND n.since = :g)),
                    changed = \(changed)
                WHERE number = :g
                """,
            arguments: ["g": sealed.number.rawValue, "p": committed.rawValue, "o": sealed.firstObject.rawValue])
        try database.execute(
            sql: "UPDATE generation SET changed = changed + removed WHERE number = ?",
            arguments: [sealed.number.rawValue])
    }
}

extension GenerationRecord {
    init(stored: GRDB.Row) {
        func unsigned(_ column: String) -> UInt64 { UInt64(bitPattern: stored[column] as Int64) }
        var committed: Timestamp?
        if let seconds = stored["committed_s"] as Int64? {
            committed = Timestamp(seconds: seconds, nanoseconds: stored["committed_ns"])
        }
        self.init(
            number: Generation(stored["number"] as Int64), state: State(rawValue: stored["state"]) ?? .staging,
            uuid: stored["uuid"],
            started: Timestamp(seconds: stored["started_s"], nanoseconds: stored["started_ns"]), committed: committed,
            valid: stored["valid"], files: unsigned("files"), bytes: unsigned("bytes"),
            directories: unsigned("directories"), changed: unsigned("changed"), removed: unsigned("removed"),
            newBytes: unsigned("new_bytes"))
    }
}
