package import Model

/// Filling the open generation. All throw `.refused` if none is open or it is sealed.
extension Catalog {
    /// Makes the row visible from the open generation on; its own `since` and `until` count for nothing. An older row of
    /// the name ends, one that this generation began is replaced. What a directory held ends with it when its name
    /// becomes something else or another directory. Throws `.refused` for a directory number that stands, or stood,
    /// elsewhere.
    /// - Parameter isNew: the caller knows that no row of the name is visible, and that a directory's number is fresh.
    package func put(_ row: Row, isNew: Bool = false) throws {
        try use { connection in
            let generation = try connection.writable()
            if let child = row.child {
                if isNew { connection.directoryUsed(child) } else { try connection.claim(child, for: row) }
            }
            if !isNew, let newest = try connection.newest(row.directory, row.name) {
                let isVisible = newest.until == .open
                if isVisible, let child = newest.child, child != row.child {
                    try connection.endAll(below: child, with: generation)
                }
                if isVisible, newest.since < generation { try connection.end(row.directory, row.name, generation) }
            }
            let insert = try connection.statement(Connection.insertion)
            row.bind(to: insert, since: generation)
            try insert.run()
        }
    }

    /// Ends the row of a name, and all below it if it is a directory. Nothing happens if there is none.
    package func remove(_ place: Place) throws {
        try use { connection in
            let generation = try connection.writable()
            guard let newest = try connection.newest(place.directory, place.name), newest.until == .open else { return }
            if newest.since == generation {
                try connection.delete(place.directory, place.name, generation)
            } else {
                try connection.end(place.directory, place.name, generation)
            }
            if let child = newest.child { try connection.endAll(below: child, with: generation) }
        }
    }

    /// Makes a name, and all below it, what it was at the committed generation; listing digests below it are cleared.
    package func reopen(_ place: Place) throws {
        try use { connection in
            let generation = try connection.writable()
            if let newest = try connection.newest(place.directory, place.name), newest.since == generation {
                try connection.delete(place.directory, place.name, generation)
                if let child = newest.child { try connection.endAll(below: child, with: generation) }
            }
            let again = try connection.statement(
                "UPDATE entry SET until = 9223372036854775807 WHERE directory = ?1 AND name = ?2 AND until = ?3")
            again.bind(place.directory, at: 1)
            again.bind(place.name, at: 2)
            again.bind(generation, at: 3)
            try again.run()
            if let child = try connection.newest(place.directory, place.name)?.child {
                try connection.reopenAll(below: child, from: generation)
            }
        }
    }

    /// Notes that the visible rows of a directory are exactly what the agent listed, with all that it asked for.
    package func setListingDigest(_ digest: ListingDigest, of directory: DirectoryNumber) throws {
        try use { connection in
            _ = try connection.writable()
            let insert = try connection.statement("INSERT OR REPLACE INTO directory VALUES (?1, ?2)")
            insert.bind(directory, at: 1)
            insert.bind(digest.rawValue, at: 2)
            try insert.run()
        }
    }

    /// To be called before the first row of a listing is written.
    package func clearListingDigest(of directory: DirectoryNumber) throws {
        try use { connection in
            _ = try connection.writable()
            try connection.forgetDigest(of: directory)
        }
    }

    /// Ends the transaction: what was written until now is still there after this program is killed.
    package func flush() throws { try use { try $0.flush() } }
}

extension Connection {
    static let insertion = """
        INSERT OR REPLACE INTO entry (\(Row.columns)) VALUES \
        (\((1...Row.count).map { "?\($0)" }.joined(separator: ", ")))
        """

    /// The generation that may be written to, inside a transaction.
    func writable() throws -> Generation {
        guard let open, open.state == .staging else {
            throw CatalogError(.refused, "catalog: no generation is open")
        }
        try beginWriting()
        return open.number
    }

    /// The newest row of a name, whether it has ended or not.
    func newest(
        _ directory: DirectoryNumber, _ name: Name?
    ) throws -> (since: Generation, until: Generation, child: DirectoryNumber?)? {
        let found = try statement(
            """
            SELECT since, until, child FROM entry WHERE directory = ?1 AND name = ?2 ORDER BY since DESC LIMIT 1
            """)
        found.bind(directory, at: 1)
        found.bind(name, at: 2)
        defer { found.reset() }
        guard try found.step() else { return nil }
        return (
            Generation(found.int(0)), Generation(found.int(1)), found.isNull(2) ? nil : DirectoryNumber(found.int(2))
        )
    }

    /// A directory keeps its place: its number is its path, for whoever opens it in a tree.
    func claim(_ child: DirectoryNumber, for row: Row) throws {
        let elsewhere = try statement(
            "SELECT 1 FROM entry WHERE child = ?1 AND (directory <> ?2 OR name <> ?3) LIMIT 1")
        elsewhere.bind(child, at: 1)
        elsewhere.bind(row.directory, at: 2)
        elsewhere.bind(row.name, at: 3)
        defer { elsewhere.reset() }
        if try elsewhere.step() {
            throw CatalogError(.refused, "catalog: directory \(child.rawValue) stands elsewhere")
        }
        directoryUsed(child)
    }

    func end(_ directory: DirectoryNumber, _ name: Name?, _ generation: Generation) throws {
        let update = try statement(
            "UPDATE entry SET until = ?3 WHERE directory = ?1 AND name = ?2 AND until = 9223372036854775807")
        update.bind(directory, at: 1)
        update.bind(name, at: 2)
        update.bind(generation, at: 3)
        try update.run()
    }

    func delete(_ directory: DirectoryNumber, _ name: Name?, _ generation: Generation) throws {
        let delete = try statement("DELETE FROM entry WHERE directory = ?1 AND name = ?2 AND since = ?3")
        delete.bind(directory, at: 1)
        delete.bind(name, at: 2)
        delete.bind(generation, at: 3)
        try delete.run()
    }

    func forgetDigest(of directory: DirectoryNumber) throws {
        let delete = try statement("DELETE FROM directory WHERE number = ?1")
        delete.bind(directory, at: 1)
        try delete.run()
    }

    /// Ends every visible row in a directory and below it. Goes by a list, not by recursion: a jail decides how deep.
    func endAll(below directory: DirectoryNumber, with generation: Generation) throws {
        var waiting = [directory]
        while let next = waiting.popLast() {
            waiting += try children(of: next, until: .open)
            try run("DELETE FROM entry WHERE directory = ?1 AND since = ?2", next, generation)
            try run(
                "UPDATE entry SET until = ?2 WHERE directory = ?1 AND until = 9223372036854775807", next, generation)
            try forgetDigest(of: next)
        }
    }

    func reopenAll(below directory: DirectoryNumber, from generation: Generation) throws {
        var waiting = [directory]
        while let next = waiting.popLast() {
            for child in try children(of: next, since: generation) { try endAll(below: child, with: generation) }
            try run("DELETE FROM entry WHERE directory = ?1 AND since = ?2", next, generation)
            try run(
                "UPDATE entry SET until = 9223372036854775807 WHERE directory = ?1 AND until = ?2", next, generation)
            try forgetDigest(of: next)
            waiting += try children(of: next, until: .open)
        }
    }

    private func run(_ sql: String, _ directory: DirectoryNumber, _ generation: Generation) throws {
        // Kept: a jail decides how many directories, and to compile each anew would take minutes.
        try borrowing(sql) { statement in
            statement.bind(directory, at: 1)
            statement.bind(generation, at: 2)
            try statement.run()
        }
    }

    private func children(of directory: DirectoryNumber, until: Generation) throws -> [DirectoryNumber] {
        try children("until = ?2", directory, until)
    }

    private func children(of directory: DirectoryNumber, since: Generation) throws -> [DirectoryNumber] {
        try children("since = ?2", directory, since)
    }

    private func children(
        _ condition: String, _ directory: DirectoryNumber, _ generation: Generation
    ) throws -> [DirectoryNumber] {
        var children: [DirectoryNumber] = []
        try borrowing("SELECT child FROM entry WHERE directory = ?1 AND child IS NOT NULL AND \(condition)") { found in
            found.bind(directory, at: 1)
            found.bind(generation, at: 2)
            while try found.step() { children.append(DirectoryNumber(found.int(0))) }
        }
        return children
    }
}
