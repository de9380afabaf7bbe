import Model
import Testing
import Wire

@testable import Agent

/// What the agent keeps of the server's index, which may be a false server's.
@Suite struct `The server's index` {
    private func entry(_ number: Int64, _ name: Name?) -> IndexEntry {
        IndexEntry(
            number: DirectoryNumber(number), parent: name == nil ? .aboveRoot : .root, name: name,
            digest: ListingDigest(rawValue: UInt64(number)))
    }

    @Test func `finds each directory that was put in, under its parent and name`() throws {
        var index = ServerIndex()
        try index.insert(entry(1, nil))
        let names = try (2...300).map { try #require(Name(Array("directory \($0)".utf8))) }
        for (name, number) in zip(names, Int64(2)...) { try index.insert(entry(number, name)) }
        #expect(index.root?.number == .root)
        for (name, number) in zip(names, Int64(2)...) {
            #expect(index.find(parent: .root, name)?.number == DirectoryNumber(number))
        }
        #expect(index.find(parent: DirectoryNumber(2), names[0]) == nil)
    }

    @Test func `takes no more directories than it may`() throws {
        var index = ServerIndex(mostRecords: 2)
        try index.insert(entry(1, nil))
        try index.insert(entry(2, "a"))
        #expect(throws: WireError.self) { try index.insert(entry(3, "b")) }
    }

    @Test func `takes no more bytes of names than it may`() throws {
        var index = ServerIndex(mostNameBytes: 5)
        try index.insert(entry(1, nil))
        try index.insert(entry(2, "abc"))
        #expect(throws: WireError.self) { try index.insert(entry(3, "def")) }
        try index.insert(entry(3, "de"))
    }

    @Test func `knows the way to a directory, and gives up where a false server sends it in circles`() throws {
        func entry(_ number: Int64, _ parent: Int64, _ name: Name) -> IndexEntry {
            IndexEntry(number: DirectoryNumber(number), parent: DirectoryNumber(parent), name: name, digest: nil)
        }
        var index = ServerIndex()
        // In no order.
        try index.insert(entry(9, 4, "c"))
        try index.insert(entry(4, 12, "b"))
        try index.insert(self.entry(1, nil))
        try index.insert(entry(12, 1, "a"))
        func ways(to number: Int64) -> [[Name]]? {
            var found: [[Name]] = []
            let isWhole = index.ways(to: { $0.number.rawValue == number }) { way in
                found.append(way)
                return true
            }
            return isWhole ? found : nil
        }
        #expect(ways(to: 9) == [["a", "b", "c"]])
        #expect(ways(to: 1) == [[]])
        #expect(ways(to: 77) == [])
        #expect(!index.ways(to: { _ in true }) { _ in false })
        try index.insert(entry(20, 999, "lost"))
        #expect(ways(to: 20) == nil)
        try index.insert(entry(30, 31, "x"))
        try index.insert(entry(31, 30, "y"))
        #expect(ways(to: 30) == nil)
    }
}
