import GRDB
package import Model

/// Generations: begun, filled, sealed, committed, told of.
extension Catalog {
    /// The newest generation that is committed; `.empty` before the first.
    package func committed() throws -> Generation { try use { $0.committed } }

    /// The generation after it, if a push began to fill it.
    package func openGeneration() throws -> OpenGeneration? { try use { $0.open } }

    /// Every generation that is committed, newest first.
    package func generations() throws -> [GenerationRecord] {
        try use { connection in
            try GRDB.Row.fetchAll(
                connection.database, sql: "SELECT * FROM generation WHERE state = 2 ORDER BY number DESC"
            ).map(GenerationRecord.init(stored:))
        }
    }

    /// Opens the generation after the committed one, or continues it; what was written to it before is still there, and
    /// the answer has the boot under which that was. Throws `.refused` if it is sealed: then it has to be finished first.
    package func begin(at now: Timestamp, boot: String) throws -> OpenGeneration {
        try use { connection in
            if let open = connection.open {
                guard open.state == .staging else {
                    throw CatalogError(.refused, "catalog: generation \(open.number.rawValue) is sealed")
                }
                return open
            }
            let opened = OpenGeneration(
                number: connection.committed.next, state: .staging, started: now, boot: boot,
                firstObject: connection.nextObject)
            try connection.beginWriting()
            try connection.database.execute(
                sql: """
                    INSERT INTO generation (number, state, uuid, started_s, started_ns, boot, first_object)
                    VALUES (?, 0, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    opened.number.rawValue, randomUUID(), now.seconds, now.nanoseconds, boot,
                    opened.firstObject.rawValue,
                ])
            try connection.flush()
            connection.open = opened
            return opened
        }
    }

    /// Notes that what is staged has been checked under this boot, and flushes.
    package func confirm(boot: String) throws {
        try use { connection in
            let generation = try connection.writable()
            try connection.database.execute(
                sql: "UPDATE generation SET boot = ? WHERE number = ?", arguments: [boot, generation.rawValue])
            try connection.flush()
            connection.open?.boot = boot
        }
    }

    /// Forgets what was written to the open generation. Throws `.refused` if it is sealed.
    package func abandon() throws {
        try use { connection in
            guard connection.open != nil else { return }
            let generation = try connection.writable().rawValue
            try connection.database.execute(
                sql: """
                    DELETE FROM directory WHERE number IN (
                        SELECT directory FROM entry WHERE since = :g OR until = :g
                        UNION SELECT child FROM entry WHERE child IS NOT NULL AND (since = :g OR until = :g));
                    DELETE FROM entry WHERE since = :g;
                    DELETE FROM entry_figures WHERE generation = :g;
                    UPDATE entry SET until = 9223372036854775807 WHERE until = :g AND until < 9223372036854775807;
                    DELETE FROM generation WHERE number = :g
                    """,
                arguments: ["g": generation])
            try connection.flush()
            connection.open = nil
        }
    }

    /// Freezes the open generation, durably. From here `put` and its kind throw, and recovery only goes forward.
    /// - Parameter tree: the tree that is now being brought to it, and what it holds.
    @discardableResult
    package func seal(tree: TreeIdentity?, holding held: Generation) throws -> OpenGeneration {
        try use { connection in
            var sealed = try connection.stagingGeneration()
            sealed.state = .sealed
            try connection.durably {
                try connection.database.execute(
                    sql: "UPDATE generation SET state = 1 WHERE number = ?", arguments: [sealed.number.rawValue])
                guard let tree else { return }
                try connection.setTree(tree, TreeState(generation: held, target: sealed.number))
            }
            connection.open = sealed
            return sealed
        }
    }

    /// Makes the sealed generation the committed one, and says of trees what is true from now on; durable when it
    /// returns. The record's figures are counted from the rows that began or ended with it.
    @discardableResult
    package func commit(at now: Timestamp, trees: [TreeIdentity: TreeState]) throws -> GenerationRecord {
        try use { connection in
            guard let sealed = connection.open, sealed.state == .sealed else {
                throw CatalogError(.refused, "catalog: no generation is sealed")
            }
            let number = sealed.number
            try connection.durably {
                try connection.count(sealed)
                try connection.countEntries(at: number)
                try connection.database.execute(
                    sql: "UPDATE generation SET state = 2, committed_s = ?, committed_ns = ? WHERE number = ?",
                    arguments: [now.seconds, now.nanoseconds, number.rawValue])
                for (tree, state) in trees { try connection.setTree(tree, state) }
                try connection.database.execute(sql: "DELETE FROM relinking")
            }
            connection.open = nil
            connection.committed = number
            guard
                let stored = try GRDB.Row.fetchOne(
                    connection.database, sql: "SELECT * FROM generation WHERE number = ?", arguments: [number.rawValue])
            else { throw CatalogError(.damaged, "catalog: generation \(number.rawValue) is gone") }
            return GenerationRecord(stored: stored)
        }
    }

    /// Marks a generation in which damage was found, or clears the mark.
    package func setValid(_ valid: Bool, _ generation: Generation) throws {
        try use { connection in
            try connection.beginWriting()
            try connection.database.execute(
                sql: "UPDATE generation SET valid = ? WHERE number = ?", arguments: [valid, generation.rawValue])
            try connection.flush()
        }
    }
}

extension Connection {
    func stagingGeneration() throws -> OpenGeneration {
        _ = try writable()
        guard let open else { throw CatalogError(.refused, "catalog: no generation is open") }
        return open
    }

    /// Counts a generation, from the one before and the rows that began or ended with it.
    fileprivate func count(_ sealed: OpenGeneration) throws {
        let isFirst = committed == .empty
        // In the first generation all is new; asking each row for the one before it would cost as much as inserting it.
        let changed =
            isFirst
            ? "(SELECT count(*) FROM entry WHERE since = :g)"
            : """
            (SELECT count(*) FROM entry n INDEXED BY entry_since LEFT JOIN entry o
                ON o.directory = n.directory AND o.name = n.name AND o.since < :g AND o.until = :g
             WHERE n.since = :g AND (o.directory IS NULL OR o.child IS NOT n.child OR o.object <> n.object
                OR o.kind <> n.kind OR n.child IS NOT NULL AND (o.mode, o.owner, o.grp, o.mtime_s, o.mtime_ns)
                    <> (n.mode, n.owner, n.grp, n.mtime_s, n.mtime_ns)
                OR n.child IS NOT NULL AND o.attributes IS NOT n.attributes))
            """
        try database.execute(
            sql: """
                UPDATE generation SET
                    (files, directories, bytes) = (
                        SELECT coalesce(p.files, 0) + b.files - e.files,
                            coalesce(p.directories, 0) + b.directories - e.directories,
                            coalesce(p.bytes, 0) + b.bytes - e.bytes
                        FROM (SELECT count(*) - count(child) AS files, count(child) AS directories,
                                CAST(total(CASE kind WHEN 1 THEN size END) AS INTEGER) AS bytes
                            FROM entry INDEXED BY entry_since WHERE since = :g) b,
                            (SELECT count(*) - count(child) AS files, count(child) AS directories,
                                CAST(total(CASE kind WHEN 1 THEN size END) AS INTEGER) AS bytes
                            FROM entry INDEXED BY entry_until
                            WHERE until = :g AND until < 9223372036854775807) e
                            LEFT JOIN generation p ON p.number = :p),
                    removed = (SELECT count(*) FROM entry o INDEXED BY entry_until
                        WHERE o.until = :g AND o.until < 9223372036854775807 AND NOT EXISTS (
                            SELECT 1 FROM entry n
                            WHERE n.directory = o.directory AND n.name = o.name AND n.since = :g)),
                    new_bytes = (SELECT CAST(total(size) AS INTEGER) FROM entry INDEXED BY entry_since
                            WHERE since = :g AND kind = 1 AND object >= :o AND links = 1)
                        + (SELECT CAST(total(size) AS INTEGER) FROM (
                            SELECT max(size) AS size FROM entry INDEXED BY entry_since
                            WHERE since = :g AND kind = 1 AND object >= :o AND links <> 1 GROUP BY object)),
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
    fileprivate init(stored: GRDB.Row) {
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

/// A random UUID (version 4) in its usual form.
private func randomUUID() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
}
