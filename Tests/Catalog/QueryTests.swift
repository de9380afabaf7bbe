import Catalog
import Model
import Support
import Testing

@Suite(.temporaryDirectory) struct QueryTests {
    @Test func `rows come in the order of their names, in parts`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        let longest = try #require(Name([UInt8](repeating: 0xFF, count: 255)))
        let high = try #require(Name([0xFF, 0x01]))
        let names: [Name] = ["B", "a", "a.b", "aa", "é", high, longest]
        try catalog.generation([directory(0, nil, 1)] + names.reversed().map { file(1, $0, object: 1) })
        #expect(try catalog.rows(in: .root).map(\.name) == names)
        #expect(try catalog.rows(in: .root, after: "a").map(\.name) == Array(names[2...]))
        #expect(try catalog.rows(in: .root, after: "a", through: "aa").map(\.name) == ["a.b", "aa"])
        #expect(try catalog.rows(in: .root, limit: 1).map(\.name) == ["B"])
    }

    @Test func `the index names every directory and its digest, if it has one`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        try catalog.generation([directory(0, nil, 1), directory(1, "d", 2), directory(2, "e", 3)])
        _ = try catalog.begin(at: someTime, boot: "")
        try catalog.setListingDigest(ListingDigest(rawValue: .max), of: DirectoryNumber(2))
        try catalog.put(directory(1, "new", 4))
        try catalog.remove(Place(DirectoryNumber(2), "e"))
        var found: Set<IndexEntry> = []
        try catalog.index { found.insert($0) }
        #expect(
            found == [
                IndexEntry(number: .root, parent: .aboveRoot, name: nil, digest: nil),
                IndexEntry(
                    number: DirectoryNumber(2), parent: .root, name: "d", digest: ListingDigest(rawValue: .max)),
                IndexEntry(number: DirectoryNumber(4), parent: .root, name: "new", digest: nil),
            ])
        #expect(try catalog.nextDirectory() == DirectoryNumber(5))
    }

    @Test func `the index tells which directory it was only where it is asked for that`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        try catalog.generation([directory(0, nil, 1), directory(1, "d", 2)])
        let inode = try #require(try catalog.row(of: DirectoryNumber(2))).stamp.inode
        for isAsked in [false, true] {
            var found: [DirectoryNumber: UInt64?] = [:]
            try catalog.index(withIdentities: isAsked) { found[$0.number] = .some($0.identity?.inode) }
            #expect(found.count == 2)
            #expect(found[DirectoryNumber(2)] == .some(isAsked && inode != 0 ? inode : nil))
        }
        #expect(inode != 0)
    }

    @Test func `the last full walk is known until it is forgotten`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        #expect(try catalog.fullWalk() == nil)
        try catalog.noteFullWalk(Timestamp(seconds: 7))
        #expect(try catalog.fullWalk() == Timestamp(seconds: 7))
        try catalog.noteFullWalk(nil)
        #expect(try catalog.fullWalk() == nil)
    }

    @Test func `differences, forward and back, are those that a tree would show`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        try catalog.generation([
            directory(0, nil, 1), file(1, "a", object: 1), file(1, "b", object: 2), directory(1, "d", 2),
        ])
        try catalog.generation([file(1, "a", object: 1, inode: 8), file(1, "c", object: 3)])
        try catalog.generation(
            [file(1, "c", object: 4), directory(1, "d", 2, mode: 0o700)], removing: [Place(.root, "b")])
        func names(_ from: Int64, _ to: Int64) throws -> [String] {
            var names: [String] = []
            try catalog.differences(from: Generation(from), to: Generation(to)) { found in
                let (before, after) = (found.before?.object.rawValue, found.after?.object.rawValue)
                names.append(
                    "\(found.name?.description ?? "/") \(before.map(String.init) ?? "-") \(after.map(String.init) ?? "-")"
                )
            }
            return names
        }
        #expect(try names(1, 2) == ["c - 3"])
        #expect(try names(1, 3) == ["b 2 -", "c - 4", "d 0 0"])
        #expect(try names(3, 1) == ["b - 2", "c 4 -", "d 0 0"])
        #expect(try names(2, 2) == [])
        #expect(try names(0, 3) == ["/ - 0", "a - 1", "c - 4", "d - 0"])
        #expect(try names(1, 0) == ["/ 0 -", "a 1 -", "b 2 -", "d 0 -"])
    }

    @Test func `of a directory that is there whole, only the directories are told that are new in it`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        try catalog.generation([directory(0, nil, 1), file(1, "a", object: 1)])
        try catalog.generation([
            file(1, "b", object: 2), directory(1, "d", 2), file(2, "c", object: 3), directory(2, "e", 3),
            file(3, "f", object: 4),
        ])
        func names(_ from: Int64) throws -> [String] {
            var names: [String] = []
            let touched = try catalog.touchedDirectories(from: Generation(from), to: Generation(2))
            try catalog.differences(
                in: touched, from: Generation(from), to: Generation(2),
                isWhole: { names.contains("d") && $0 == DirectoryNumber(2) }
            ) { difference in names.append(difference.name?.description ?? "/") }
            return names
        }
        #expect(try names(0) == ["/", "a", "b", "d", "e", "f"])
        // It may be asked too early, and then all are told.
        #expect(try names(1) == ["b", "d", "c", "e", "f"])
    }

    @Test func `paths lead to rows and directories to paths`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        try catalog.generation([directory(0, nil, 1), directory(1, "d", 2), file(2, "x", object: 1)])
        let path = try #require(Path(absolute: Array("/d/x".utf8)))
        #expect(try catalog.resolve(path, at: Generation(1))?.object == ObjectNumber(1))
        #expect(try catalog.resolve(Path(), at: Generation(1))?.child == .root)
        #expect(try catalog.resolve(path.appending("y"), at: Generation(1)) == nil)
        #expect(try catalog.path(of: DirectoryNumber(2), at: Generation(1)) == path.parent)
    }
}
