import GRDB
package import Model

/// Which trees there are, whatever they are called at the moment.
extension Catalog {
    /// Nil for a tree that it does not know.
    package func tree(_ identity: TreeIdentity) throws -> TreeState? {
        try use { connection in
            let found = try GRDB.Row.fetchOne(
                connection.database,
                sql: "SELECT generation, target, cleared FROM tree WHERE inode = ? AND birth_s = ? AND birth_ns = ?",
                arguments: identity.arguments)
            return found.map { found in
                TreeState(
                    generation: Generation(found["generation"] as Int64),
                    target: (found["target"] as Int64?).map(Generation.init(_:)), cleared: found["cleared"])
            }
        }
    }

    /// Durable when it returns.
    package func setTree(_ identity: TreeIdentity, _ state: TreeState) throws {
        try use { connection in try connection.durably { try connection.setTree(identity, state) } }
    }

    /// For a tree that is about to be removed; a hold that it was ends.
    package func forgetTree(_ identity: TreeIdentity) throws {
        try use { connection in
            try connection.durably {
                for table in ["tree", "hold"] {
                    try connection.database.execute(
                        sql: "DELETE FROM \(table) WHERE inode = ? AND birth_s = ? AND birth_ns = ?",
                        arguments: identity.arguments)
                }
            }
        }
    }

    /// Notes, durably and for good, that an inode took no more names, so that what is one object here may be several
    /// inodes: a tree in which a name of it changes has to be given one for all its names.
    package func noteRelinking(of object: ObjectNumber) throws {
        try use { connection in
            let isNoted = try Bool.fetchOne(
                connection.database, sql: "SELECT 1 FROM relinking WHERE object = ?", arguments: [object.rawValue])
            if isNoted != nil { return }
            try writeAside { database in
                // Another program may have noted it since.
                try database.execute(
                    sql: "INSERT OR IGNORE INTO relinking VALUES (?)", arguments: [object.rawValue])
            }
        }
    }

    /// What was noted.
    package func relinkings() throws -> [ObjectNumber] {
        try use { connection in
            try Int64.fetchAll(connection.database, sql: "SELECT object FROM relinking ORDER BY object")
                .map(ObjectNumber.init(_:))
        }
    }
}

extension Connection {
    func setTree(_ identity: TreeIdentity, _ state: TreeState) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO tree VALUES (?, ?, ?, ?, ?, ?)",
            arguments: identity.arguments + [state.generation.rawValue, state.target?.rawValue, state.cleared])
    }
}

extension TreeIdentity {
    /// Its three columns.
    var arguments: StatementArguments { [Int64(bitPattern: inode), birth.seconds, birth.nanoseconds] }

    init(stored: GRDB.Row) {
        self.init(
            inode: UInt64(bitPattern: stored["inode"] as Int64),
            birth: Timestamp(seconds: stored["birth_s"], nanoseconds: stored["birth_ns"]))
    }
}
