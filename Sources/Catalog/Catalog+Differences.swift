package import Model

/// What differs between two generations, either of which may be the later one.
extension Catalog {
    /// The directories in which a row began or ended between them, in ascending order: a superset of those with a
    /// `Difference`. Reads nothing but the ends of rows in question; all directories if one of both is `.empty`.
    package func touchedDirectories(from: Generation, to: Generation) throws -> [DirectoryNumber] {
        let (low, high) = (min(from, to), max(from, to))
        return try use { connection in
            let found: Statement
            if low == .empty {
                // In the empty tree nothing is; so all that is visible differs, and that is read at once.
                found = try connection.statement(
                    """
                    SELECT child FROM entry INDEXED BY entry_child
                    WHERE child IS NOT NULL AND since <= ?2 AND until > ?2 UNION ALL SELECT 0
                    """)
            } else {
                found = try connection.statement(
                    """
                    SELECT directory FROM entry INDEXED BY entry_since WHERE since > ?1 AND since <= ?2
                    UNION
                    SELECT directory FROM entry INDEXED BY entry_until
                    WHERE until > ?1 AND until <= ?2 AND until < 9223372036854775807
                    """)
                found.bind(low, at: 1)
            }
            found.bind(high, at: 2)
            var directories: [DirectoryNumber] = []
            while try found.step() { directories.append(DirectoryNumber(found.int(0))) }
            return directories.sorted()
        }
    }

    /// The names that are a directory at both ends, but not the same one: what a tree has there has to go first.
    package func replacedDirectories(from: Generation, to: Generation) throws -> [Place] {
        try use { connection in
            let found: Statement
            if from < to {
                found = try connection.statement(
                    """
                    SELECT n.directory, n.name FROM entry n INDEXED BY entry_since_child CROSS JOIN entry o
                        ON o.directory = n.directory AND o.name = n.name AND o.since <= ?1 AND o.until > ?1
                    WHERE n.child IS NOT NULL AND n.since > ?1 AND n.since <= ?2 AND n.until > ?2 AND o.child <> n.child
                    """)
            } else {
                found = try connection.statement(
                    """
                    SELECT n.directory, n.name FROM entry n INDEXED BY entry_until CROSS JOIN entry o
                        ON o.directory = n.directory AND o.name = n.name AND o.since <= ?1 AND o.until > ?1
                    WHERE n.until > ?2 AND n.until <= ?1 AND n.until < 9223372036854775807 AND n.since <= ?2
                        AND o.child <> n.child
                    """)
            }
            found.bind(from, at: 1)
            found.bind(to, at: 2)
            return try connection.places(found)
        }
    }

    /// What differs in a tree, in the order of directories and in each in the order of names. A directory has a higher
    /// number than the one that holds it, so it comes after its own row. `body` may call the catalog.
    ///
    /// Memory grows with what differs in some hundred directories, or in one.
    /// - Parameters:
    ///   - touched: what `touchedDirectories` answered for both ends.
    ///   - base: a third generation whose row comes with each difference.
    ///   - isWhole: may be asked of a directory before anything of it is told. If so, all in it has to have begun with
    ///     `to`, and of that only directories are told.
    package func differences(
        in touched: [DirectoryNumber], from: Generation, to: Generation, base: Generation? = nil,
        isWhole: (DirectoryNumber) -> Bool = { _ in false }, _ body: (Difference) throws -> Void
    ) throws {
        try use { connection in
            try connection.eachDifference(in: touched, from: from, to: to, base: base, isWhole: isWhole) { difference in
                try body(difference)
                return true
            }
        }
    }

    /// All that differs in a tree; the same otherwise.
    package func differences(from: Generation, to: Generation, _ body: (Difference) throws -> Void) throws {
        try differences(in: touchedDirectories(from: from, to: to), from: from, to: to, body)
    }

    /// Whether a tree looks different at all.
    package func differs(from: Generation, to: Generation) throws -> Bool {
        try use { connection in
            var isAny = false
            let touched = try touchedDirectories(from: from, to: to)
            try connection.eachDifference(in: touched, from: from, to: to, base: nil) { _ in
                isAny = true
                return false
            }
            return isAny
        }
    }

    /// All names of an inode, wherever they are. Reads every row: for the rare case only.
    package func places(of object: ObjectNumber, at generation: Generation) throws -> [Place] {
        try use { connection in
            let found = try connection.statement(
                "SELECT directory, name FROM entry WHERE object = ?1 AND since <= ?2 AND until > ?2")
            found.bind(object.rawValue, at: 1)
            found.bind(generation, at: 2)
            return try connection.places(found)
        }
    }
}

extension Difference {
    /// Nil where both ends look the same in a tree.
    fileprivate var ifReal: Difference? {
        switch (before, after) {
        case (nil, nil): nil
        case (let before?, let after?): before.isSameInTree(as: after) ? nil : self
        default: self
        }
    }
}

extension Connection {
    /// More generations than these are not looked up one by one.
    private static let fewGenerations: Int64 = 64

    fileprivate func places(_ found: Statement) throws -> [Place] {
        defer { found.reset() }
        var places: [Place] = []
        while try found.step() {
            guard let name = Name(found.bytes(1)) else { continue }
            places.append(Place(DirectoryNumber(found.int(0)), name))
        }
        return places
    }

    /// More directories than these are not looked at with one question, for the sake of memory.
    private static let batch = 256

    /// Until `body` answers false.
    fileprivate func eachDifference(
        in touched: [DirectoryNumber], from: Generation, to: Generation, base: Generation?,
        isWhole: (DirectoryNumber) -> Bool = { _ in false }, _ body: (Difference) throws -> Bool
    ) throws {
        // From an empty tree each is asked for by itself, since what is told of one may make the next one whole.
        let most = min(from, to) == .empty ? 1 : Connection.batch
        var rest = touched[...]
        while let first = rest.first {
            if isWhole(first) {
                rest = rest.dropFirst()
                if try !eachDirectory(in: first, since: to, body) { return }
                continue
            }
            let batch = rest.prefix(most)
            rest = rest.dropFirst(most)
            let isWanted = try eachDifference(
                in: first...(batch.last ?? first), from: from, to: to, base: base, body)
            if !isWanted { return }
        }
    }

    /// False if `body` answered false.
    private func eachDifference(
        in directories: ClosedRange<DirectoryNumber>, from: Generation, to: Generation, base: Generation?,
        _ body: (Difference) throws -> Bool
    ) throws -> Bool {
        let (low, high) = (min(from, to), max(from, to))
        guard low < high else { return true }
        let isFew = low != .empty && high.rawValue - low.rawValue <= Connection.fewGenerations
        var isWanted = true
        try borrowing(isFew ? Connection.fewVersions : Connection.allVersions) { found in
            found.bind(directories.lowerBound, at: 1)
            found.bind(directories.upperBound, at: 2)
            found.bind(from, at: 3)
            found.bind(to, at: 4)
            found.bind(base ?? to, at: 5)
            if isFew {
                found.bind(low, at: 6)
                found.bind(high, at: 7)
            }
            // Rows of a name follow one another.
            var gathered: Difference?
            while try found.step() {
                let row = try Row(found)
                if let difference = gathered, difference.name != row.name || difference.directory != row.directory {
                    if let real = difference.ifReal, try !body(real) {
                        isWanted = false
                        return
                    }
                    gathered = nil
                }
                var difference =
                    gathered ?? Difference(directory: row.directory, name: row.name, before: nil, after: nil)
                if row.isVisible(at: from) { difference.before = row }
                if row.isVisible(at: to) { difference.after = row }
                if let base, row.isVisible(at: base) { difference.base = row }
                gathered = difference
            }
            if let real = gathered?.ifReal { isWanted = try body(real) }
        }
        return isWanted
    }

    /// False if `body` answered false.
    private func eachDirectory(
        in directory: DirectoryNumber, since: Generation, _ body: (Difference) throws -> Bool
    ) throws -> Bool {
        var isWanted = true
        try borrowing(Connection.newDirectories) { found in
            found.bind(directory, at: 1)
            found.bind(since, at: 2)
            while isWanted, try found.step() {
                let row = try Row(found)
                isWanted = try body(Difference(directory: directory, name: row.name, before: nil, after: row))
            }
        }
        return isWanted
    }

    private static let newDirectories = """
        SELECT \(Row.columns) FROM entry INDEXED BY entry_since_child
        WHERE child IS NOT NULL AND since = ?2 AND directory = ?1 ORDER BY name
        """

    private static let visible =
        "(since <= ?3 AND until > ?3 OR since <= ?4 AND until > ?4 OR since <= ?5 AND until > ?5)"

    /// The rows of the directories that are visible at either end or at the base.
    private static let allVersions = """
        SELECT \(Row.columns) FROM entry WHERE directory BETWEEN ?1 AND ?2 AND \(visible)
        ORDER BY directory, name, since
        """

    /// Of them, those of names of which a row began or ended in between. Each generation is one short range of each index,
    /// as those carry the directory behind the generation.
    private static let fewVersions = """
        WITH RECURSIVE
            span(number) AS (SELECT ?6 + 1 UNION ALL SELECT number + 1 FROM span WHERE number < ?7),
            moved(directory, name) AS (
                SELECT directory, name FROM span CROSS JOIN entry INDEXED BY entry_since
                ON since = number AND directory BETWEEN ?1 AND ?2
                UNION
                SELECT directory, name FROM span CROSS JOIN entry INDEXED BY entry_until
                ON until = number AND directory BETWEEN ?1 AND ?2 AND until < 9223372036854775807
                ORDER BY directory, name)
        SELECT \(Row.columns(of: "e")) FROM moved m CROSS JOIN entry e
        ON e.directory = m.directory AND e.name = m.name AND \(visible)
        """
}

extension Row {
    fileprivate func isVisible(at generation: Generation) -> Bool { since <= generation && generation < until }
}
