package import Model

/// Which rows of the open or sealed generation rest on an inode of their own under `incoming`.
extension Catalog {
    /// The directories in which a staged inode may be expected.
    package func stagedDirectories() throws -> [DirectoryNumber] {
        try use { connection in
            guard let open = connection.open else { return [] }
            let found = try connection.fresh(
                "SELECT DISTINCT directory FROM \(connection.entriesBegun) WHERE since = ?1")
            found.bind(open.number, at: 1)
            var directories: [DirectoryNumber] = []
            while try found.step() { directories.append(DirectoryNumber(found.int(0))) }
            return directories
        }
    }

    /// The names in a directory that need a staged inode, in order.
    package func stagedNames(in directory: DirectoryNumber) throws -> [Name] {
        try use { connection in
            guard let open = connection.open else { return [] }
            // In the first generation all is new, and the rows of a directory lie side by side.
            let isFirst = connection.committed == .empty
            var names: [Name] = []
            try connection.borrowing(isFirst ? Connection.stagedFirst : Connection.staged) { found in
                found.bind(open.number, at: 1)
                found.bind(directory, at: 2)
                while try found.step() {
                    if let name = found.withBytes(0, { Name($0) }) { names.append(name) }
                }
            }
            return names
        }
    }

    /// Whether anything began with the open generation: where a push has only just opened it, one that broke off did.
    package func hasBegun() throws -> Bool {
        try use { connection in
            guard let open = connection.open else { return false }
            let found = try connection.fresh("SELECT 1 FROM entry INDEXED BY entry_since WHERE since = ?1 LIMIT 1")
            found.bind(open.number, at: 1)
            return try found.step()
        }
    }

    /// A name that the open generation has for an inode of the jail, by this very stamp, and the claim to an object under
    /// which it has it, if there is one. It is one of at most some hundred: a jail may give all its files one number.
    package func begunRow(of stamp: Stamp) throws -> (row: Row, claim: Int64?)? {
        try use { connection in
            guard let open = connection.open,
                let row = try connection.rows(ofInode: stamp.inode, at: open.number)
                    .first(where: { $0.since == open.number && $0.stamp == stamp }),
                let place = row.place
            else { return nil }
            return (row, try connection.adoptions(of: row.object).last { $0.place == place }?.claim)
        }
    }

    /// Whether this row, which began with the open or sealed generation, has its inode under `incoming` rather than in
    /// the tree of the generation before: a row whose stamp alone moved keeps its object.
    package func isStaged(_ row: Row) throws -> Bool {
        try use { connection in
            guard let open = connection.open, row.since == open.number, row.child == nil, let place = row.place else {
                return false
            }
            return try connection.row(place.directory, place.name, at: connection.committed)?.object != row.object
        }
    }
}

extension Connection {
    fileprivate static let staged = """
        SELECT n.name FROM entry n INDEXED BY entry_since LEFT JOIN entry o
            ON o.directory = n.directory AND o.name = n.name AND o.since < ?1 AND o.until = ?1
        WHERE n.since = ?1 AND n.directory = ?2 AND n.child IS NULL AND (o.directory IS NULL OR o.object <> n.object)
        ORDER BY n.name
        """

    fileprivate static let stagedFirst = """
        SELECT name FROM entry WHERE +since = ?1 AND directory = ?2 AND child IS NULL ORDER BY name
        """

    /// The entries, to be asked for those that began with the open generation. At the first that is all of them: to read
    /// them in their order takes half as long as to find each by the index.
    var entriesBegun: String { committed == .empty ? "entry NOT INDEXED" : "entry INDEXED BY entry_since" }
}
