import Catalog
import Model
import Support
import Testing

@Suite(.temporaryDirectory) struct `What changed between two generations` {
    private let catalog: Catalog

    init() throws { catalog = try TemporaryDirectory.current.catalog() }

    private func changes(_ from: Int64, _ to: Int64, at path: String = "/") throws -> [String] {
        let path = try #require(Path(absolute: Array(path.utf8)))
        // As the commands read it: beside whoever writes.
        let reader = try TemporaryDirectory.current.catalog(.reading)
        var lines: [String] = []
        let isThere = try reader.changes(from: Generation(from), to: Generation(to), at: path) { change in
            let origin = change.origin.map { " from \($0)" } ?? ""
            let what = change.aspects.isEmpty ? "" : ": " + change.aspects.map(\.rawValue).joined(separator: ",")
            lines.append("\(change.kind.rawValue) \(change.path)\(origin)\(what)")
        }
        #expect(isThere || lines.isEmpty)
        return isThere ? lines : ["nowhere"]
    }

    @Test func `is what is added, changed and removed, in the order of the directories' names`() throws {
        try catalog.generation([
            directory(0, nil, 1), directory(1, "d", 2), file(2, "x", object: 1, inode: 1), directory(1, "z", 3),
            file(3, "y", object: 2, inode: 2), file(1, "a", object: 3, inode: 3), file(1, "b", object: 4, inode: 4),
        ])
        var mode = file(2, "x", object: 6, inode: 1)
        mode.digest = file(2, "x", object: 1).digest
        mode.stamp.metadata.mode = 0o600
        try catalog.generation(
            [mode, file(3, "y", object: 5, inode: 2), file(1, "c", object: 7, inode: 7)],
            removing: [Place(.root, "b")])
        #expect(
            try changes(1, 2) == ["removed /b", "added /c", "changed /d/x: mode", "changed /z/y: content"])
        #expect(
            try changes(2, 1) == ["added /b", "removed /c", "changed /d/x: mode", "changed /z/y: content"])
        #expect(try changes(2, 2) == [])
    }

    @Test func `names what differs of the metadata`() throws {
        var row = file(1, "a", object: 1)
        try catalog.generation([directory(0, nil, 1), row])
        row.object = ObjectNumber(2)
        row.stamp.metadata.owner = 9
        row.stamp.metadata.group = 9
        row.stamp.metadata.modified.nanoseconds += 1
        row.stamp.links = 2
        row.attributes.extended = [ExtendedAttribute(name: [1], value: [])]
        try catalog.generation([directory(0, nil, 1, mode: 0o700), row])
        #expect(try changes(1, 2) == ["changed /: mode", "changed /a: owner,group,mtime,attributes,links"])
    }

    @Test func `is nothing where a file was sent again as it was`() throws {
        var row = file(1, "a", object: 1)
        try catalog.generation([directory(0, nil, 1), row])
        row.object = ObjectNumber(2)
        row.stamp.inode = 99
        try catalog.generation([row])
        #expect(try changes(1, 2) == [])
    }

    @Test func `is one line for a directory that moved, and what changed in it under its new path`() throws {
        try catalog.generation([
            directory(0, nil, 1), moved(1, "site", 2, inode: 50), moved(2, "htdocs", 3, inode: 51),
            file(3, "index", object: 1, inode: 1), file(3, "logo", object: 2, inode: 2),
            file(2, "old", object: 3, inode: 3),
        ])
        try catalog.generation(
            [
                moved(1, "away", 4, inode: 50), moved(4, "htdocs", 5, inode: 51),
                file(5, "index", object: 11, inode: 1), file(5, "logo", object: 13, inode: 2, digest: 2),
                file(5, "new", object: 14, inode: 14),
            ], removing: [Place(.root, "site")])
        #expect(
            try changes(1, 2) == [
                "renamed /away from /site", "removed /site/old", "changed /away/htdocs/index: content",
                "added /away/htdocs/new",
            ])
        #expect(
            try changes(2, 1) == [
                "renamed /site from /away", "added /site/old", "changed /site/htdocs/index: content",
                "removed /away/htdocs/new",
            ])
    }

    @Test func `knows a directory that moved and changed by one of its names`() throws {
        try catalog.generation([
            directory(0, nil, 1), moved(1, "a", 2, inode: 50), file(2, "kept", object: 1, inode: 1),
            moved(1, "b", 3, inode: 60), file(3, "gone", object: 2, inode: 2),
        ])
        var later = moved(1, "c", 4, inode: 50)
        later.stamp.metadata.modified.seconds += 1
        // The inode of b is used again by a directory that is another one.
        var other = moved(1, "d", 5, inode: 60)
        other.stamp.metadata.modified.seconds += 1
        try catalog.generation(
            [later, other, file(4, "kept", object: 8, inode: 1, digest: 1), file(5, "fresh", object: 9, inode: 9)],
            removing: [Place(.root, "a"), Place(.root, "b")])
        #expect(
            try changes(1, 2) == [
                "removed /b", "renamed /c from /a: mtime", "added /d", "removed /b/gone", "added /d/fresh",
            ])
    }

    @Test func `knows a file under another name, but not one that took over a free inode number`() throws {
        try catalog.generation([
            directory(0, nil, 1), directory(1, "d", 2), file(1, "log", object: 1, inode: 1),
            file(1, "log.1", object: 2, size: 20, inode: 2), file(1, "old", object: 3, size: 30, inode: 3),
        ])
        try catalog.generation(
            [
                file(1, "log", object: 4, size: 40, inode: 4), file(1, "log.1", object: 5, inode: 1, digest: 1),
                file(2, "log.2", object: 6, size: 20, inode: 2, digest: 2),
                file(1, "new", object: 7, size: 31, inode: 3),
            ], removing: [Place(.root, "old")])
        #expect(
            try changes(1, 2) == [
                "added /log", "renamed /log.1 from /log", "added /new", "removed /old",
                "renamed /d/log.2 from /log.1",
            ])
    }

    @Test func `pairs the names of one inode, and a directory's in the directory that it became`() throws {
        func link(_ directory: Int64, _ name: Name) -> Row {
            var row = file(directory, name, object: 1, inode: 1)
            row.stamp.links = 3
            return row
        }
        try catalog.generation([
            directory(0, nil, 1), moved(1, "z", 2, inode: 50), link(2, "a"), link(2, "b"), link(1, "c"),
        ])
        try catalog.generation(
            [moved(1, "y", 3, inode: 50), link(3, "b"), link(1, "c"), link(1, "x")], removing: [Place(.root, "z")])
        #expect(try changes(1, 2) == ["renamed /x from /z/a", "renamed /y from /z"])
    }

    @Test func `is limited to a path, and names where that which left it went`() throws {
        try catalog.generation([
            directory(0, nil, 1), directory(1, "d", 2), file(2, "f", object: 1, inode: 1),
            file(2, "g", object: 2, inode: 2), file(1, "h", object: 3, inode: 3),
        ])
        try catalog.generation(
            [
                file(1, "f", object: 4, inode: 1, digest: 1), file(2, "k", object: 6, inode: 2, digest: 2),
                file(1, "h", object: 5, inode: 3),
            ], removing: [Place(DirectoryNumber(2), "f"), Place(DirectoryNumber(2), "g")])
        #expect(try changes(1, 2, at: "/d") == ["renamed /f from /d/f", "renamed /d/k from /d/g"])
        #expect(try changes(1, 2, at: "/h") == ["changed /h: content"])
        #expect(try changes(1, 2, at: "/d/g") == ["renamed /d/k from /d/g"])
        #expect(try changes(1, 2, at: "/no") == ["nowhere"])
    }

    @Test func `is a change of type where a directory took a file's place, and the other way round`() throws {
        try catalog.generation([
            directory(0, nil, 1), file(1, "a", object: 1, inode: 1), moved(1, "b", 2, inode: 50),
            file(2, "x", object: 2, inode: 2),
        ])
        try catalog.generation([
            moved(1, "a", 3, inode: 51), file(3, "y", object: 3, inode: 3), file(1, "b", object: 4, inode: 4),
        ])
        #expect(try changes(1, 2) == ["changed /a: type", "changed /b: type", "added /a/y", "removed /b/x"])
    }

    @Test func `names each of a thousand and one names of a directory that came and went`() throws {
        let names = (0...1000).compactMap { Name(Array("f\($0)".utf8)) }
        try catalog.generation([directory(0, nil, 1)])
        try catalog.generation(
            [directory(1, "d", 2)]
                + names.enumerated().map { file(2, $1, object: Int64($0) + 1, inode: UInt64($0) + 100) })
        let sorted = names.map(\.description).sorted()
        #expect(try changes(1, 2) == ["added /d"] + sorted.map { "added /d/\($0)" })
        #expect(try changes(2, 1) == ["removed /d"] + sorted.map { "removed /d/\($0)" })
    }
}

private func moved(_ parent: Int64, _ name: Name, _ child: Int64, inode: UInt64) -> Row {
    var row = directory(parent, name, child)
    row.stamp.inode = inode
    return row
}

private func file(
    _ directory: Int64, _ name: Name, object: Int64, size: UInt64 = 10, inode: UInt64, digest: UInt64
) -> Row {
    var row = file(directory, name, object: object, size: size, inode: inode)
    row.digest = ContentDigest(low: digest, high: .max)
    return row
}
