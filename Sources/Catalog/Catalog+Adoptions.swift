package import Model

/// Names that took over an inode which the committed generation has under another name: a file that was renamed or moved.
///
/// That the jail's inode has the same number is no proof that it is the same file: another file system numbers its inodes
/// too, and a number is used again. So what is taken over is noted, in the same transaction as its row or before, and
/// before the generation is sealed `eachContest` says where two files would share one inode.
extension Catalog {
    /// The names that the committed generation has for an inode of the jail, or for several of that number: at most some
    /// hundred, none in a catalog that an earlier release wrote last. Directories are not among them.
    package func committedRows(inode: UInt64) throws -> [Row] {
        try use { connection in
            guard connection.committed != .empty else { return [] }
            return try connection.rows(ofInode: inode, at: connection.committed)
        }
    }

    /// A directory and those above it, the nearest first and as many as count; the same at every generation.
    package func ancestry(of directory: DirectoryNumber) throws -> [DirectoryNumber] {
        try use { connection in
            let found = try connection.statement("SELECT directory FROM entry WHERE child = ?1 LIMIT 1")
            defer { found.reset() }
            var ancestry: [DirectoryNumber] = []
            var next = directory
            // A jail decides how deep.
            while next != .aboveRoot, ancestry.count < 256 {
                ancestry.append(next)
                found.reset()
                found.bind(next, at: 1)
                next = try found.step() ? DirectoryNumber(found.int(0)) : .aboveRoot
            }
            return ancestry
        }
    }

    /// A number for the names of one file that take over an inode; not given before to the open generation.
    package func nextClaim() throws -> Int64 {
        try use { connection in
            let found = try connection.fresh("SELECT coalesce(max(claim), 0) + 1 FROM adoption")
            return try found.step() ? found.int(0) : 1
        }
    }

    /// Notes that a name of the open generation takes over an object. To be called before its row is put.
    /// - Parameter claim: the same for the names that are known to be of one file of the jail.
    package func noteAdoption(of object: ObjectNumber, by place: Place, claim: Int64) throws {
        try use { connection in
            _ = try connection.writable()
            let insert = try connection.statement("INSERT OR REPLACE INTO adoption VALUES (?1, ?2, ?3, ?4)")
            insert.bind(object.rawValue, at: 1)
            insert.bind(claim, at: 2)
            insert.bind(place.directory, at: 3)
            insert.bind(place.name, at: 4)
            try insert.run()
        }
    }

    /// Every file that shares an object with another one: `body` is given the rows of its names, and may put them anew
    /// with an object of their own. Memory grows with the names of one inode.
    package func eachContest(_ body: ([Row]) throws -> Void) throws {
        var last = ObjectNumber.none
        while let object = try adopted(after: last) {
            for rows in try Contest(object, self).losers { try body(rows) }
            last = object
        }
    }

    private func adopted(after object: ObjectNumber) throws -> ObjectNumber? {
        try use { connection in
            let found = try connection.statement(
                "SELECT object FROM adoption WHERE object > ?1 ORDER BY object LIMIT 1")
            found.bind(object.rawValue, at: 1)
            defer { found.reset() }
            return try found.step() ? ObjectNumber(found.int(0)) : nil
        }
    }
}

/// An object that was taken over: who has it now, and who had it.
struct Contest {
    /// The rows of each claim, in the order in which the claims were made.
    private(set) var claims: [[Row]] = []
    /// Names that had it and have it still, without a claim.
    private(set) var standing: [Row] = []
    /// How many names had it and have it no more.
    private(set) var lost = 0

    init(claims: [[Row]], standing: [Row], lost: Int) {
        self.claims = claims
        self.standing = standing
        self.lost = lost
    }

    fileprivate init(_ object: ObjectNumber, _ catalog: Catalog) throws {
        try catalog.use { connection in
            var claimed: Set<Place> = []
            var rows: [Int64: [Row]] = [:]
            // A name whose push broke off may have claimed it twice; the first time counts for nothing then.
            for (claim, place) in try connection.adoptions(of: object).reversed() {
                guard let row = try connection.row(place.directory, place.name, at: connection.staged),
                    row.object == object, claimed.insert(place).inserted
                else { continue }
                rows[claim, default: []].append(row)
            }
            claims = rows.sorted { $0.key < $1.key }.map { $0.value.reversed() }
            // One, but for what a push that broke off may have claimed first.
            for inode in Set(claims.joined().map(\.stamp.inode)) {
                for held in try connection.committedRows(of: object, inode: inode) {
                    guard let place = held.place, !claimed.contains(place) else { continue }
                    let row = try connection.row(place.directory, place.name, at: connection.staged)
                    if let row, row.object == object { standing.append(row) } else { lost += 1 }
                }
            }
        }
    }

    /// The claims that lose: what is another file than the one that has the object now.
    ///
    /// A file with one name that went from there has moved, and the first to claim it has it. Of a file with several names
    /// some may stand, where no directory was listed because nothing in it changed: then each name that claims the object
    /// has to take the place of one that went, and to have the same stamp whole. A further name, or one less, would have
    /// moved the ctime of all.
    var losers: [[Row]] {
        var losers: [[Row]] = []
        var stamps = Set(standing.map(\.stamp))
        var room = lost
        for rows in claims {
            let others = stamps.union(rows.map(\.stamp))
            let isSame = others.count == 1 && others.allSatisfy { $0.links > 1 && $0.changed.seconds != 0 }
            guard stamps.isEmpty || isSame && rows.count <= room else {
                losers.append(rows)
                continue
            }
            stamps = others
            room -= rows.count
        }
        return losers
    }
}

extension Connection {
    /// The names that a generation has for inodes of that number, and no directories: at most some hundred.
    func rows(ofInode inode: UInt64, at generation: Generation) throws -> [Row] {
        guard inode != 0, findsInodes else { return [] }
        // Bounded before all else: a jail may give all its files one number.
        let found = try statement(
            """
            SELECT \(Row.columns) FROM (
                SELECT * FROM entry INDEXED BY entry_inode WHERE inode = ?1 AND inode <> 0 AND child IS NULL LIMIT 256)
            WHERE since <= ?2 AND until > ?2
            """)
        found.bind(inode, at: 1)
        found.bind(generation, at: 2)
        return try rows(found)
    }

    /// Which names took over an object, in the order of their claims.
    func adoptions(of object: ObjectNumber) throws -> [(claim: Int64, place: Place)] {
        let found = try statement("SELECT claim, directory, name FROM adoption WHERE object = ?1 ORDER BY claim")
        found.bind(object.rawValue, at: 1)
        defer { found.reset() }
        var adoptions: [(claim: Int64, place: Place)] = []
        while try found.step() {
            guard let name = Name(found.bytes(2)) else { continue }
            adoptions.append((found.int(0), Place(DirectoryNumber(found.int(1)), name)))
        }
        return adoptions
    }

    /// All names of an object have the same inode of the jail.
    fileprivate func committedRows(of object: ObjectNumber, inode: UInt64) throws -> [Row] {
        let found = try statement(
            """
            SELECT \(Row.columns) FROM entry INDEXED BY entry_inode
            WHERE inode = ?1 AND inode <> 0 AND child IS NULL AND object = ?2 AND since <= ?3 AND until > ?3
            """)
        found.bind(inode, at: 1)
        found.bind(object.rawValue, at: 2)
        found.bind(committed, at: 3)
        return try rows(found)
    }
}
