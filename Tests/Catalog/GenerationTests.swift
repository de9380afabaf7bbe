import Catalog
import Model
import Support
import Testing

@Suite(.temporaryDirectory) struct GenerationTests {
    @Test func `each generation keeps what it held`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        try catalog.generation([directory(0, nil, 1), file(1, "a", object: 1), file(1, "b", object: 2)])
        try catalog.generation([file(1, "a", object: 3)], removing: [Place(.root, "b")])
        try catalog.generation([file(1, "b", object: 4)])
        #expect(try catalog.names(at: Generation(1)) == ["1/a=1", "1/b=2"])
        #expect(try catalog.names(at: Generation(2)) == ["1/a=3"])
        #expect(try catalog.names(at: Generation(3)) == ["1/a=3", "1/b=4"])
        #expect(try catalog.generations().map(\.number.rawValue) == [3, 2, 1])
    }

    @Test func `a row comes back as it was put`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        var row = file(1, "a", object: 1)
        row.stamp.metadata.modified = Timestamp(seconds: -5, nanoseconds: 999_999_999)
        row.stamp.inode = .max
        row.attributes = Attributes(
            accessList: AccessControlList(entries: [.init(tag: .user, qualifier: .max, permissions: 5)]),
            defaultList: AccessControlList(entries: []),
            extended: [ExtendedAttribute(name: [1, 255], value: []), ExtendedAttribute(name: [2], value: [0, 0])])
        try catalog.generation([directory(0, nil, 1), row])
        var found = try #require(try catalog.row(at: Place(.root, "a"), at: Generation(1)))
        #expect(found.since == Generation(1))
        found.since = .empty
        #expect(found == row)
    }

    @Test func `readers see nothing of a generation that is open`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        try catalog.generation([directory(0, nil, 1), file(1, "a", object: 1)])
        _ = try catalog.begin(at: someTime, boot: "boot")
        try catalog.put(file(1, "a", object: 2))
        try catalog.put(file(1, "b", object: 3))
        try catalog.flush()
        let reader = try TemporaryDirectory.current.catalog(.reading)
        #expect(try reader.names(at: reader.committed()) == ["1/a=1"])
        #expect(try reader.generations().count == 1)
    }

    @Test func `a push that broke off is continued, and can be abandoned`() throws {
        let before: [String]
        do {
            let catalog = try TemporaryDirectory.current.catalog()
            try catalog.generation([
                directory(0, nil, 1), file(1, "a", object: 1), directory(1, "d", 2), file(2, "x", object: 9),
            ])
            before = try catalog.names()
            _ = try catalog.begin(at: someTime, boot: "first")
            try catalog.put(file(1, "a", object: 2))
            try catalog.remove(Place(.root, "d"))
            try catalog.flush()
            try catalog.put(file(1, "lost", object: 3))
        }
        let catalog = try TemporaryDirectory.current.catalog()
        #expect(try catalog.openGeneration()?.number == Generation(2))
        #expect(try catalog.begin(at: someTime, boot: "second").boot == "first")
        #expect(try catalog.names() == ["1/a=2"])
        try catalog.abandon()
        #expect(try catalog.names() == before)
        #expect(try catalog.openGeneration() == nil)
    }

    @Test func `a directory that goes takes all below it along`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        try catalog.generation([
            directory(0, nil, 1), directory(1, "d", 2), directory(2, "e", 3), file(3, "deep", object: 1),
            file(2, "x", object: 2),
        ])
        _ = try catalog.begin(at: someTime, boot: "")
        try catalog.setListingDigest(ListingDigest(rawValue: 5), of: DirectoryNumber(3))
        try catalog.put(file(1, "d", object: 3))
        #expect(try catalog.rows(in: DirectoryNumber(3)).isEmpty)
        try catalog.index { #expect($0.number != DirectoryNumber(3) || $0.digest == nil) }
        #expect(try catalog.path(of: DirectoryNumber(3), at: Generation(2)) == nil)
        try catalog.reopen(Place(.root, "d"))
        #expect(try catalog.names() == ["1/d=0", "2/e=0", "3/deep=1", "2/x=2"])
    }

    @Test func `a directory number that stands elsewhere is refused`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        try catalog.generation([directory(0, nil, 1), directory(1, "d", 2)])
        _ = try catalog.begin(at: someTime, boot: "")
        for row in [directory(1, "other", 2), directory(1, "root", 1), directory(2, "d", 2)] {
            #expect(throws: CatalogError.self) { try catalog.put(row) }
        }
    }

    @Test func `nothing is written to a generation that is sealed`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        _ = try catalog.begin(at: someTime, boot: "")
        try catalog.put(directory(0, nil, 1))
        try catalog.seal(tree: TreeIdentity(inode: 3, birth: someTime), holding: .empty)
        #expect(throws: CatalogError.self) { try catalog.put(file(1, "a", object: 1)) }
        #expect(throws: CatalogError.self) { try catalog.begin(at: someTime, boot: "") }
        #expect(throws: CatalogError.self) { try catalog.abandon() }
        #expect(
            try catalog.tree(TreeIdentity(inode: 3, birth: someTime))
                == TreeState(generation: .empty, target: Generation(1)))
    }

    @Test func `what a generation counts`() throws {
        let catalog = try TemporaryDirectory.current.catalog()
        let objects = try {
            _ = try catalog.begin(at: someTime, boot: "")
            return try (1...4).map { _ in try catalog.takeObject().rawValue }
        }()
        try catalog.generation([
            directory(0, nil, 1), file(1, "a", object: objects[0], size: 100),
            file(1, "b", object: objects[1], size: 10),
        ])
        _ = try catalog.begin(at: someTime, boot: "")
        let new = try catalog.takeObject().rawValue
        // A new stamp of the same inode is no change; a changed file, a new name and a removed one are.
        let record = try catalog.generation(
            [
                file(1, "a", object: objects[0], size: 100, inode: 8), file(1, "c", object: new, size: 5),
                directory(1, "d", 2),
            ],
            removing: [Place(.root, "b")])
        #expect(record.files == 2)
        #expect(record.directories == 2)
        #expect(record.bytes == 105)
        #expect(record.changed == 3)
        #expect(record.removed == 1)
        #expect(record.newBytes == 5)
    }
}
