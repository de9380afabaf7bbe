package import Model

/// What staff asked to keep of a night, and until when.
package struct Hold: Hashable, Sendable {
    /// Of its tree, below `holds`.
    package var name: Name
    package var generation: Generation
    /// What is held of the generation; the jail's `/` for all of it.
    package var path: Path
    package var made: Timestamp
    /// Nil for without end.
    package var until: Timestamp?

    package init(name: Name, generation: Generation, path: Path, made: Timestamp, until: Timestamp? = nil) {
        self.name = name
        self.generation = generation
        self.path = path
        self.made = made
        self.until = until
    }
}

extension Catalog {
    /// In the order of their names.
    package func holds() throws -> [Hold] {
        try use { connection in
            let found = try connection.statement(
                "SELECT name, generation, path, made_s, made_ns, until_s FROM hold ORDER BY name")
            defer { found.reset() }
            var holds: [Hold] = []
            while try found.step() {
                if let hold = Hold(found) { holds.append(hold) }
            }
            return holds
        }
    }

    /// The tree of a hold; nil if there is none of that name.
    package func tree(ofHold name: Name) throws -> TreeIdentity? {
        try use { connection in
            let found = try connection.statement("SELECT inode, birth_s, birth_ns FROM hold WHERE name = ?1")
            defer { found.reset() }
            found.bind(name, at: 1)
            guard try found.step() else { return nil }
            return TreeIdentity(
                inode: found.unsigned(0), birth: Timestamp(seconds: found.int(1), nanoseconds: found.small(2)))
        }
    }

    /// Durable when it returns. `forgetTree` ends a hold.
    package func add(_ hold: Hold, tree: TreeIdentity) throws {
        try use { connection in
            try connection.durably {
                let insert = try connection.statement("INSERT INTO hold VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
                insert.bind(hold.name, at: 1)
                insert.bind(hold.generation, at: 2)
                insert.bind(hold.path.bytes, at: 3)
                insert.bind(hold.made.seconds, at: 4)
                insert.bind(hold.made.nanoseconds, at: 5)
                if let until = hold.until { insert.bind(until.seconds, at: 6) } else { insert.bindNull(at: 6) }
                insert.bind(tree.inode, at: 7)
                insert.bind(tree.birth.seconds, at: 8)
                insert.bind(tree.birth.nanoseconds, at: 9)
                try insert.run()
            }
        }
    }

    /// Has a hold last until then. Durable when it returns.
    package func prolong(_ name: Name, until: Timestamp?) throws {
        try use { connection in
            try connection.durably {
                let update = try connection.statement("UPDATE hold SET until_s = ?2 WHERE name = ?1")
                update.bind(name, at: 1)
                if let until { update.bind(until.seconds, at: 2) } else { update.bindNull(at: 2) }
                try update.run()
                update.reset()
            }
        }
    }
}

extension Hold {
    fileprivate init?(_ found: Statement) {
        guard let name = Name(found.bytes(0)), let path = Path(absolute: found.bytes(2)) else { return nil }
        self.init(
            name: name, generation: Generation(found.int(1)), path: path,
            made: Timestamp(seconds: found.int(3), nanoseconds: found.small(4)),
            until: found.isNull(5) ? nil : Timestamp(seconds: found.int(5)))
    }
}
