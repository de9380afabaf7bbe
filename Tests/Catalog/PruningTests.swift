import Catalog
import Model
import Support
import Testing

@Suite(.temporaryDirectory) struct PruningTests {
    /// Twenty generations, in each of which one file changes and one comes that goes with the next.
    private func catalog() throws -> Catalog {
        let catalog = try TemporaryDirectory.current.catalog()
        try catalog.generation([directory(0, nil, 1), file(1, "still", object: 1), file(1, "moving", object: 2)])
        for number in 2...20 {
            let passing = try #require(Name(Array("passing\(number)".utf8)))
            let old = try #require(Name(Array("passing\(number - 1)".utf8)))
            try catalog.generation(
                [file(1, "moving", object: Int64(10 + number)), file(1, passing, object: Int64(100 + number))],
                removing: number > 2 ? [Place(.root, old)] : [])
        }
        return catalog
    }

    private func seen(_ catalog: Catalog, _ generations: [Int64]) throws -> [[Row]] {
        try generations.map { try catalog.rows(in: .root, at: Generation($0)) }
    }

    @Test func `what a kept generation sees stays, and nothing else does`() throws {
        let catalog = try catalog()
        let kept: [Int64] = [5, 13, 14, 20]
        let before = try seen(catalog, kept)
        // Of 20 rows of the moving file and 19 of passing ones, each kept generation sees one of both.
        #expect(try catalog.prune(keeping: Set(kept.map(Generation.init(_:)))) == 39 - 8)
        #expect(try seen(catalog, kept) == before)
        #expect(try catalog.rows(in: .root, at: Generation(10)).map(\.name) == ["still"])
        var differing: [Name?] = []
        try catalog.differences(from: Generation(5), to: Generation(20)) { differing.append($0.name) }
        #expect(differing == ["moving", "passing20", "passing5"])
    }

    @Test func `again and again, as generations come and are let go`() throws {
        let catalog = try catalog()
        var kept: Set<Generation> = [Generation(3), Generation(9), Generation(20)]
        #expect(try catalog.prune(keeping: kept) == 39 - 6)
        #expect(try catalog.prune(keeping: kept) == 0)
        kept.remove(Generation(9))
        #expect(try catalog.prune(keeping: kept) == 2)
        kept.remove(Generation(3))
        #expect(try catalog.prune(keeping: kept) == 2)
        #expect(try catalog.rows(in: .root, at: Generation(20)).count == 3)
        #expect(try catalog.generations().count == 20)
    }

    @Test func `never what the committed generation sees`() throws {
        let catalog = try catalog()
        #expect(throws: CatalogError.self) { try catalog.prune(keeping: [Generation(3)]) }
        #expect(try catalog.rows(in: .root, at: Generation(20)).count == 3)
    }
}

@Suite(.temporaryDirectory) struct `A catalog of the first form` {
    @Test(.enabled(if: isInstalled("sqlite3"), "needs sqlite3"))
    func `can be read as it is, and is brought to the newest by who writes`() throws {
        let temporary = try TemporaryDirectory.current
        try temporary.catalog().close()
        let file = "\(temporary.path)/catalog.sqlite"
        try Command("sqlite3", file, "DROP TABLE hold; DROP TABLE rotation; PRAGMA user_version = 1")
            .check()
        do {
            let catalog = try temporary.catalog(.reading)
            #expect(try catalog.holds() == [])
            #expect(try catalog.rotation() == nil)
            #expect(try catalog.lastRotation() == LastRotation())
        }
        let hold = Hold(name: "a", generation: Generation(1), path: Path(), made: someTime)
        try temporary.catalog().add(hold, tree: TreeIdentity(inode: 1, birth: someTime))
        #expect(try temporary.catalog(.reading).holds().map(\.name) == ["a"])
    }
}
