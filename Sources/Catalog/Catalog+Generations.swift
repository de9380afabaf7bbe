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
                    DELETE FROM adoption;
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
                try connection.database.execute(sql: "DELETE FROM adoption")
                try connection.database.execute(
                    sql: "UPDATE generation SET state = 2, committed_s = ?, committed_ns = ? WHERE number = ?",
                    arguments: [now.seconds, now.nanoseconds, number.rawValue])
                for (tree, state) in trees { try connection.setTree(tree, state) }
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
}

extension Connection {
    func stagingGeneration() throws -> OpenGeneration {
        _ = try writable()
        guard let open else { throw CatalogError(.refused, "catalog: no generation is open") }
        return open
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
