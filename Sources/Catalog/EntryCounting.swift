internal import Model

/// Counting what lies in each entry when a generation is committed: from the generation before it, and the rows that
/// began or ended with it.
extension Connection {
    /// Counts the entries of the generation that is about to be committed. One that was not opened this time is counted
    /// on for as long as something is there: what the server had of it stays.
    func countEntries(at generation: Generation) throws {
        try carryEntries(to: generation)
        let before = Dictionary(try entries(at: committed).map { ($0.path, $0.figures) }) { $1 }
        let entries = try entries(at: generation)
        var map = EntryMap(self)
        var counts: [Count?] = []
        var uncounted: [Int: DirectoryNumber] = [:]
        for (index, entry) in entries.enumerated() {
            let rows = (try resolve(entry.path, at: committed), try resolve(entry.path, at: generation))
            map.add(index, [rows.0?.child, rows.1?.child])
            counts.append(Count(rows.0, rows.1, before[entry.path]))
            if before[entry.path] == nil, rows.1?.child != nil, let directory = rows.0?.child {
                uncounted[index] = directory
            }
        }
        try countHeld(uncounted, &map, &counts)
        try eachMovement(of: generation) { directory, movement in
            for holder in try map.entries(around: directory) where counts[holder]?.isDirectory == true {
                counts[holder]?.add(movement)
            }
        }
        for (entry, count) in zip(entries, counts) { try store(count, of: entry.path, generation) }
        try forgetEntries(but: generation)
    }

    private func carryEntries(to generation: Generation) throws {
        let carry = try fresh(
            """
            INSERT OR IGNORE INTO entry_figures (generation, path, fs_kind, fs_number)
            SELECT ?1, path, fs_kind, fs_number FROM entry_figures WHERE generation = ?2
            """)
        carry.bind(generation, at: 1)
        carry.bind(committed, at: 2)
        try carry.run()
    }

    /// Counts the entries that are new to the config, but not to the tree, as they were before.
    private func countHeld(
        _ uncounted: [Int: DirectoryNumber], _ map: inout EntryMap, _ counts: inout [Count?]
    ) throws {
        for directory in uncounted.values {
            // What lies in another one is counted with it.
            if try map.entries(around: directory).dropFirst().contains(where: { uncounted[$0] != nil }) { continue }
            try eachHolding(below: directory, at: committed) { number, holding in
                for holder in try map.entries(around: number) where uncounted[holder] != nil {
                    counts[holder]?.add(holding)
                }
            }
        }
    }

    private static let sums = "count(*) - count(child), \(SizeSum.halves("bytes", of: "kind = 1"))"

    /// What each directory holds, of a directory and all below it. Reads every row.
    private func eachHolding(
        below directory: DirectoryNumber, at generation: Generation, _ body: (DirectoryNumber, Count) throws -> Void
    ) throws {
        let found = try fresh(
            """
            WITH RECURSIVE below(number) AS (
                SELECT ?1 UNION ALL
                SELECT e.child FROM below b CROSS JOIN entry e ON e.directory = b.number
                WHERE e.child IS NOT NULL AND e.since <= ?2 AND e.until > ?2)
            SELECT b.number, \(Connection.sums) FROM below b CROSS JOIN entry e ON e.directory = b.number
            WHERE e.since <= ?2 AND e.until > ?2 GROUP BY b.number
            """)
        found.bind(directory, at: 1)
        found.bind(generation, at: 2)
        while try found.step() {
            try body(DirectoryNumber(found.int(0)), Count(of: found))
        }
    }

    /// What came into and went from each directory with a generation.
    private func eachMovement(
        of generation: Generation, _ body: (DirectoryNumber, Count) throws -> Void
    ) throws {
        for (entries, end) in [(entriesBegun, "since"), ("entry INDEXED BY entry_until", "until")] {
            let found = try fresh(
                """
                SELECT directory, \(Connection.sums) FROM \(entries)
                WHERE \(end) = ?1 AND \(end) < 9223372036854775807 GROUP BY directory
                """)
            found.bind(generation, at: 1)
            let sign: Int64 = end == "since" ? 1 : -1
            while try found.step() {
                let count = Count(of: found)
                let movement = Count(files: count.files &* sign, bytes: count.bytes &* sign)
                try body(DirectoryNumber(found.int(0)), movement)
            }
        }
    }

    private func store(_ count: Count?, of path: Path, _ generation: Generation) throws {
        let change: Statement
        if let count {
            change = try statement(
                "UPDATE entry_figures SET files = ?3, bytes = ?4 WHERE generation = ?1 AND path = ?2")
            change.bind(max(0, count.files), at: 3)
            change.bind(count.bytes, at: 4)
        } else {
            change = try statement("DELETE FROM entry_figures WHERE generation = ?1 AND path = ?2")
        }
        change.bind(generation, at: 1)
        change.bind(path.bytes, at: 2)
        try change.run()
    }

    /// Drops the figures of generations that no tree holds any more.
    private func forgetEntries(but generation: Generation) throws {
        let delete = try fresh(
            """
            DELETE FROM entry_figures WHERE generation <> ?1 AND generation NOT IN (
                SELECT generation FROM tree UNION SELECT target FROM tree WHERE target IS NOT NULL)
            """)
        delete.bind(generation, at: 1)
        try delete.run()
    }
}

/// Files and bytes. A jail claims sizes as it likes: their sums go round rather than trap.
private struct Count {
    var files: Int64 = 0
    var bytes: Int64 = 0
    /// Whether what moves in directories moves it.
    var isDirectory = true

    init(files: Int64, bytes: Int64) {
        self.files = files
        self.bytes = bytes
    }

    /// - Parameter found: `Connection.sums`, behind a first column.
    init(of found: Statement) {
        self.init(files: found.int(1), bytes: found.int(2) << 32 &+ found.int(3))
    }

    /// Where the counting of an entry begins; nil if there is nothing at its path any more.
    init?(_ before: Row?, _ after: Row?, _ figures: EntryFigures?) {
        guard let after else { return nil }
        isDirectory = after.child != nil
        if !isDirectory {
            files = 1
            bytes = after.stamp.metadata.kind == .regular ? Int64(clamping: after.stamp.metadata.size) : 0
        } else if before?.child != nil, let figures {
            files = Int64(clamping: figures.files)
            bytes = Int64(bitPattern: figures.bytes)
        }
    }

    mutating func add(_ other: Count) {
        files &+= other.files
        bytes &+= other.bytes
    }
}

/// Finds the entries that a directory lies in. Remembers each directory on the way: as many as are asked for, and those
/// above them.
struct EntryMap {
    /// Entries within entries beyond these are passed over: nobody writes such a config.
    private static let deepest = 32

    private let connection: Connection
    private var entries: [DirectoryNumber: Int] = [:]
    /// The nearest directory of an entry at or above each; `.aboveRoot` if there is none.
    private var nearest: [DirectoryNumber: DirectoryNumber] = [.aboveRoot: .aboveRoot]

    init(_ connection: Connection) { self.connection = connection }

    /// - Parameter directories: the entry's own, which may have had another number before.
    mutating func add(_ entry: Int, _ directories: [DirectoryNumber?]) {
        for directory in directories { if let directory { entries[directory] = entry } }
    }

    /// The innermost first, as an entry may lie within another.
    mutating func entries(around directory: DirectoryNumber) throws -> [Int] {
        var around: [Int] = []
        var next = try nearest(directory)
        while around.count < EntryMap.deepest, let entry = entries[next] {
            around.append(entry)
            next = try nearest(try parent(of: next))
        }
        return around
    }

    private mutating func nearest(_ directory: DirectoryNumber) throws -> DirectoryNumber {
        var way: [DirectoryNumber] = []
        var next = directory
        while nearest[next] == nil, entries[next] == nil {
            way.append(next)
            next = try parent(of: next)
        }
        let found = nearest[next] ?? next
        for directory in way { nearest[directory] = found }
        return found
    }

    /// A directory has one place for as long as its number lives, whatever the generation.
    private func parent(of directory: DirectoryNumber) throws -> DirectoryNumber {
        let found = try connection.statement("SELECT directory FROM entry WHERE child = ?1 LIMIT 1")
        found.bind(directory, at: 1)
        defer { found.reset() }
        return try found.step() ? DirectoryNumber(found.int(0)) : .aboveRoot
    }
}
