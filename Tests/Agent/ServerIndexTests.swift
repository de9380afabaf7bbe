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
}
