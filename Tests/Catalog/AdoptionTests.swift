import Catalog
import Model
import Support
import Testing

/// Objects whose names changed between two generations.
@Suite(.temporaryDirectory) struct `An object that was taken over` {
    private let catalog: Catalog

    init() throws { catalog = try TemporaryDirectory.current.catalog() }

    private func row(_ name: Name, object: Int64 = 5, links: UInt32 = 1, changed: Int64 = 1) -> Row {
        var row = file(1, name, object: object, inode: 42)
        row.stamp.links = links
        row.stamp.changed = Timestamp(seconds: changed)
        return row
    }

    /// The names that lose their claim, after a generation that held `before` and one in which `names` are gone, `again`
    /// was put anew, and each of `claims` claims object 5.
    private func losers(
        before: [Row], gone: [Name] = [], again: [Row] = [], claims: [[Row]]
    ) throws -> [[String]] {
        try catalog.generation([directory(0, nil, 1)] + before)
        _ = try catalog.begin(at: someTime, boot: "boot")
        for name in gone { try catalog.remove(Place(.root, name)) }
        for row in again { try catalog.put(row) }
        for (number, rows) in claims.enumerated() {
            for row in rows {
                try catalog.noteAdoption(of: ObjectNumber(5), by: #require(row.place), claim: Int64(number) + 1)
                try catalog.put(row)
            }
        }
        var losers: [[String]] = []
        try catalog.eachContest { losers.append($0.compactMap { $0.name?.description }) }
        return losers
    }

    @Test func `has one name more if the old one went`() throws {
        #expect(try losers(before: [row("a")], gone: ["a"], claims: [[row("b")]]) == [])
    }

    @Test func `goes to nobody while the old name stands, listed or not`() throws {
        #expect(try losers(before: [row("a")], claims: [[row("b")]]) == [["b"]])
    }

    @Test func `goes to nobody while the old name has it by another inode`() throws {
        var again = row("a")
        again.stamp.inode = 43
        #expect(try losers(before: [row("a")], again: [again], claims: [[row("b")]]) == [["b"]])
    }

    @Test func `goes to the first of two`() throws {
        #expect(try losers(before: [row("a")], gone: ["a"], claims: [[row("b")], [row("c")]]) == [["c"]])
    }

    @Test func `goes to all names that are known to be of one file`() throws {
        let (a, b, c) = (row("a", links: 3), row("b", links: 3), row("c", links: 3))
        #expect(try losers(before: [a], gone: ["a"], claims: [[b, c]]) == [])
    }

    @Test func `stays with its other names, and a new one takes the place of one that went`() throws {
        let (a, b, c, d) = (row("a", links: 2), row("b", links: 2), row("c", links: 2), row("d", links: 2))
        #expect(try losers(before: [a, b], gone: ["b"], claims: [[c], [d]]) == [["d"]])
    }

    @Test func `does not go to more names than went, nor to one whose ctime moved`() throws {
        let (a, b, c) = (row("a", links: 2), row("b", links: 2), row("c", links: 2, changed: 2))
        #expect(try losers(before: [a], claims: [[b]]) == [["b"]])
        try catalog.abandon()
        #expect(try losers(before: [a, b], gone: ["b"], claims: [[c]]) == [["c"]])
    }

    @Test func `is not one that a claim before a break had, and then something else took`() throws {
        try catalog.generation([directory(0, nil, 1), row("a")])
        _ = try catalog.begin(at: someTime, boot: "boot")
        try catalog.noteAdoption(of: ObjectNumber(5), by: Place(.root, "b"), claim: 1)
        try catalog.put(row("b", object: 9))
        try catalog.eachContest { Testing.Issue.record("\($0)") }
    }

    @Test func `is forgotten with the generation, and numbers of claims go on with it`() throws {
        #expect(try catalog.nextClaim() == 1)
        _ = try losers(before: [row("a")], claims: [[row("b")], [row("c")]])
        #expect(try catalog.nextClaim() == 3)
        try catalog.abandon()
        #expect(try catalog.nextClaim() == 1)
        _ = try losers(before: [], claims: [[row("b")]])
        try catalog.seal(tree: nil, holding: .empty)
        try catalog.commit(at: someTime, trees: [:])
        #expect(try catalog.nextClaim() == 1)
    }

    @Test func `is found by its inode at the committed generation alone`() throws {
        #expect(try catalog.committedRows(inode: 42) == [])
        try catalog.generation([directory(0, nil, 1), row("a")])
        try catalog.generation([row("b", object: 6)], removing: [Place(.root, "a")])
        _ = try catalog.begin(at: someTime, boot: "boot")
        try catalog.put(row("c", object: 7))
        try catalog.remove(Place(.root, "b"))
        #expect(try catalog.committedRows(inode: 42).map(\.name) == ["b"])
        #expect(try catalog.committedRows(inode: 0) == [])
    }
}

/// A catalog that an earlier release wrote.
@Suite(.temporaryDirectory, .enabled(if: isInstalled("sqlite3"), "needs sqlite3")) struct `A catalog of form 1` {
    private let path: String

    private func sqlite(_ sql: String) throws -> String { try Command("sqlite3", path, sql).check().text }

    /// With one generation in it.
    init() throws {
        path = "\(try TemporaryDirectory.current.path)/catalog.sqlite"
        let catalog = try TemporaryDirectory.current.catalog()
        try catalog.generation([directory(0, nil, 1), file(1, "a", object: 1, inode: 42)])
        try catalog.close()
        _ = try sqlite(
            """
            DROP INDEX entry_inode; DROP TABLE adoption;
            CREATE INDEX entry_linked ON entry (inode) WHERE links > 1 AND child IS NULL AND inode <> 0;
            PRAGMA user_version = 1
            """)
    }

    @Test func `is read as it is, but that nothing is found by its inode`() throws {
        let catalog = try TemporaryDirectory.current.catalog(.reading)
        #expect(try catalog.names(at: Generation(1)) == ["1/a=1"])
        #expect(try catalog.committedRows(inode: 42) == [])
    }

    @Test func `becomes one of this release, and holds what it held`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        #expect(try catalog.names(at: Generation(1)) == ["1/a=1"])
        #expect(try catalog.committedRows(inode: 42).map(\.name) == ["a"])
        try catalog.generation([file(1, "b", object: 2)])
        try catalog.close()
        let tables = "SELECT sql FROM sqlite_schema ORDER BY name; PRAGMA user_version"
        let updated = try sqlite(tables)
        try Command("rm", path).check()
        try TemporaryDirectory.current.catalog().close()
        #expect(try sqlite(tables) == updated)
    }
}
