package import Model

/// Which rows of the open or sealed generation rest on an inode of their own under `incoming`.
extension Catalog {
    /// The directories in which a staged inode is expected.
    package func stagedDirectories() throws -> [DirectoryNumber] {
        try use { connection in
            guard let open = connection.open else { return [] }
            let found = try connection.statement("SELECT DISTINCT n.directory \(Connection.staged)")
            found.bind(open.number, at: 1)
            var directories: [DirectoryNumber] = []
            while try found.step() { directories.append(DirectoryNumber(found.int(0))) }
            return directories
        }
    }

    /// The rows of a directory that need a staged inode, in the order of their names.
    package func stagedRows(in directory: DirectoryNumber) throws -> [Row] {
        try use { connection in
            guard let open = connection.open else { return [] }
            let found = try connection.statement(
                "SELECT \(Row.columns(of: "n")) \(Connection.staged) AND n.directory = ?2 ORDER BY n.name")
            found.bind(open.number, at: 1)
            found.bind(directory, at: 2)
            return try connection.rows(found)
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
        FROM entry n INDEXED BY entry_since LEFT JOIN entry o
            ON o.directory = n.directory AND o.name = n.name AND o.since < ?1 AND o.until = ?1
        WHERE n.since = ?1 AND n.child IS NULL AND (o.directory IS NULL OR o.object <> n.object)
        """
}
