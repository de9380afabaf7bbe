import Catalog
import Model
import Support
import Testing

private let disk = FileSystemIdentity(kind: 1, number: 2)

@Suite(.temporaryDirectory) struct `The figures of entries` {
    private let catalog: Catalog

    init() throws { catalog = try TemporaryDirectory.current.catalog() }

    private func path(_ text: String) throws -> Path { try #require(Path(absolute: Array(text.utf8))) }

    /// Commits a generation in which these entries were opened.
    private func generation(_ entries: [String], _ rows: [Row], removing places: [Place] = []) throws {
        _ = try catalog.begin(at: someTime, boot: "boot")
        for place in places { try catalog.remove(place) }
        for row in rows { try catalog.put(row) }
        try catalog.setEntries(try entries.map { EntrySighting(path: try path($0), fileSystem: disk) })
        let tree = TreeIdentity(inode: UInt64(try catalog.committed().rawValue) + 1, birth: someTime)
        try catalog.seal(tree: nil, holding: .empty)
        let record = try catalog.commit(at: someTime, trees: [:])
        try catalog.setTree(tree, TreeState(generation: record.number))
    }

    /// `path files bytes` of each.
    private func figures(_ generation: Int64) throws -> [String] {
        try catalog.entries(at: Generation(generation)).map { "\($0.path) \($0.figures.files) \($0.figures.bytes)" }
    }

    private let tree = [
        directory(0, nil, 1), directory(1, "home", 2), directory(2, "bob", 3), file(3, "a", object: 1, size: 100),
        file(3, "b", object: 2, size: 20), file(2, "c", object: 3, size: 3), file(1, "motd", object: 4, size: 4),
    ]

    @Test func `count what is below each, entries within entries and single files too`() throws {
        try generation(["/", "/home", "/home/bob", "/motd"], tree)
        #expect(try figures(1) == ["/ 4 127", "/home 3 123", "/home/bob 2 120", "/motd 1 4"])
        #expect(try catalog.entries(at: Generation(1)).allSatisfy { $0.figures.fileSystem == disk })
    }

    @Test func `follow what comes, goes and changes`() throws {
        try generation(["/home", "/motd"], tree)
        try generation(
            ["/home", "/motd"],
            [
                file(3, "a", object: 5, size: 1), directory(3, "d", 4), file(4, "e", object: 6, size: 1000),
                file(1, "motd", object: 7, size: 5),
            ], removing: [Place(DirectoryNumber(2), "c")])
        #expect(try figures(2) == ["/home 3 1021", "/motd 1 5"])
        try generation(["/home", "/motd"], [], removing: [Place(DirectoryNumber(2), "bob")])
        #expect(try figures(3) == ["/home 0 0", "/motd 1 5"])
    }

    @Test func `are right again when files of more bytes than a number has are gone`() throws {
        try generation(["/home"], tree)
        let most = UInt64(Int64.max)
        var vast = try (1...3).map { number in
            file(3, try #require(Name(Array("vast \(number)".utf8))), object: 10 + Int64(number), size: most)
        }
        vast[2].stamp.links = 2
        try generation(["/home"], vast)
        #expect(try figures(2) == ["/home 6 \(most &* 3 &+ 123)"])
        #expect(try catalog.generations().first?.newBytes == most &* 3)
        for row in vast { try generation(["/home"], [], removing: [try #require(row.place)]) }
        #expect(try figures(5) == ["/home 3 123"])
        let sums = [0, most, most &* 2, most &* 3, 0].map { $0 &+ 127 }
        #expect(try catalog.generations().map(\.bytes) == sums)
    }

    @Test func `of one that is new to the config count all that was there before`() throws {
        try generation(["/motd"], tree)
        try generation(["/home", "/home/bob", "/motd"], [file(3, "d", object: 9, size: 1)])
        #expect(try figures(2) == ["/home 4 124", "/home/bob 3 121", "/motd 1 4"])
        try generation(["/home/bob"], [])
        try generation(["/home/bob", "/home"], [file(2, "bob", object: 10, size: 6)])
        #expect(try figures(4) == ["/home 2 9", "/home/bob 1 6", "/motd 1 4"])
    }

    @Test func `of one that is new to the config, and became a file, count that`() throws {
        try generation(["/motd"], tree)
        try generation(["/home"], [file(1, "home", object: 9, size: 6)])
        #expect(try figures(2) == ["/home 1 6", "/motd 1 4"])
    }

    @Test func `of one that was not opened are kept while something is there`() throws {
        try generation(["/home", "/motd"], tree)
        try generation(["/motd"], [file(2, "x", object: 8, size: 7)])
        #expect(try figures(2) == ["/home 4 130", "/motd 1 4"])
        try generation(["/motd", "/nowhere"], [], removing: [Place(.root, "home")])
        #expect(try figures(3) == ["/motd 1 4"])
    }

    @Test func `begin anew where a directory took the place of a file or of another directory`() throws {
        try generation(["/home", "/motd"], tree)
        try generation(
            ["/home", "/motd"],
            [
                file(1, "home", object: 7, size: 9), directory(1, "motd", 5), file(5, "x", object: 8, size: 1),
                file(5, "y", object: 9, size: 1),
            ])
        #expect(try figures(2) == ["/home 1 9", "/motd 2 2"])
        try generation(["/home", "/motd"], [directory(1, "motd", 6), file(6, "z", object: 10, size: 5)])
        #expect(try figures(3) == ["/home 1 9", "/motd 1 5"])
    }

    @Test func `are kept of those generations only that a tree holds`() throws {
        try generation(["/home"], tree)
        try generation(["/home"], [])
        try catalog.forgetTree(TreeIdentity(inode: 1, birth: someTime))
        try generation(["/home"], [])
        #expect(try (1...3).map { try figures($0) } == [[], ["/home 3 123"], ["/home 3 123"]])
    }

    @Test func `of a push that broke off are those that the next one says`() throws {
        _ = try catalog.begin(at: someTime, boot: "boot")
        try catalog.setEntries([EntrySighting(path: path("/home"), fileSystem: disk)])
        try catalog.flush()
        try generation(["/motd"], tree)
        #expect(try figures(1) == ["/motd 1 4"])
    }

    @Test func `go round where a jail claims more bytes than there are numbers`() throws {
        let huge = [file(3, "x", object: 8, size: 1 << 62), file(3, "y", object: 9, size: 1 << 62)]
        try generation(["/home"], tree + huge + [file(3, "z", object: 10, size: UInt64(Int64.max))])
        try generation(["/home"], [], removing: [Place(DirectoryNumber(2), "bob")])
        #expect(try figures(2).map { $0.split(separator: " ")[1] } == ["1"])
    }

    @Test func `tell what became of each entry`() throws {
        try generation(["/home", "/home/bob", "/motd", "/gone"], tree + [file(1, "gone", object: 20)])
        var touched = file(3, "b", object: 12, size: 20)
        touched.digest = file(3, "b", object: 2).digest
        try generation(
            ["/home", "/home/bob", "/motd"],
            [
                // Content changed; sent again as it was; new.
                file(3, "a", object: 5, size: 100), touched, file(3, "new", object: 6),
            ], removing: [Place(DirectoryNumber(2), "c"), Place(.root, "gone")])
        let changes = try catalog.entryChanges(from: Generation(1), to: Generation(2))
        #expect(
            changes.map { "\($0.path) \($0.before.files) \($0.after?.files ?? 99) \($0.altered)" } == [
                "/gone 1 99 1", "/home 3 3 2", "/home/bob 2 3 1", "/motd 1 1 0",
            ])
    }

    @Test func `are what a count of all rows gives, whatever changed`() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = RandomSource(seed: seed)
        let entries = ["/", "/d2", "/d2/d3"]
        try generation(
            entries, [directory(0, nil, 1), directory(1, "d2", 2), directory(2, "d3", 3), directory(1, "d4", 4)])
        var object: Int64 = 100
        for round in 2...20 as ClosedRange<Int64> {
            var (rows, places): ([Row], [Place]) = ([], [])
            for _ in 0..<8 {
                let place = (Int64.random(in: 1...4, using: &random), Int.random(in: 0..<6, using: &random))
                let name = try #require(Name(Array("f\(place.1)".utf8)))
                object += 1
                if Bool.random(using: &random) {
                    rows.append(
                        file(place.0, name, object: object, size: .random(in: 0..<99, using: &random)))
                } else {
                    places.append(Place(DirectoryNumber(place.0), name))
                }
            }
            try generation(entries, rows, removing: places)
            let counted = try entries.map { try count(below: path($0), at: Generation(round)) }
            #expect(try figures(round) == zip(entries, counted).map { "\($0) \($1.0) \($1.1)" }, "seed \(seed)")
        }
    }

    private func count(below path: Path, at generation: Generation) throws -> (UInt64, UInt64) {
        var (files, bytes): (UInt64, UInt64) = (0, 0)
        var waiting = [try #require(try catalog.resolve(path, at: generation)?.child)]
        while let next = waiting.popLast() {
            for row in try catalog.rows(in: next, at: generation) {
                if let child = row.child { waiting.append(child) } else { files += 1 }
                if row.child == nil { bytes += row.stamp.metadata.size }
            }
        }
        return (files, bytes)
    }
}
