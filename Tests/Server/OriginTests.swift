import Catalog
import Digest
import Model
import Platform
import Storage
import Support
import Testing
import Wire

@testable import Server

private let digest = ContentHasher.digest(of: content)

private func row(_ stamp: Stamp, object: Int64 = 9) -> Row {
    Row(
        directory: .root, name: "old", since: Generation(1), stamp: stamp,
        digest: stamp.metadata.kind == .regular ? digest : nil, object: ObjectNumber(object))
}

private func changed(_ stamp: Stamp, _ change: (inout Stamp) -> Void) -> Stamp {
    var copy = stamp
    change(&copy)
    return copy
}

/// Whether a name stands for a file that the committed generation has under another.
@Suite struct `The origin of a new name` {
    let old = file(inode: 5)

    @Test func `is a row with the same stamp whole`() {
        #expect(origin(of: old, among: [row(old)]) == .same(row(old)))
        let symlink = changed(old) { $0.metadata.kind = .symlink }
        #expect(origin(of: symlink, among: [row(symlink)]) == .same(row(symlink)))
    }

    @Test func `is a file of the same time and size, if its content is the same too`() {
        let seen = changed(old) { $0.changed = Timestamp(seconds: 2) }
        #expect(origin(of: seen, among: [row(old)]) == .alike(row(old), digest))
        #expect(origin(of: seen, among: [row(old), row(seen, object: 8)]) == .same(row(seen, object: 8)))
        // A mode may change with the name.
        let closed = changed(seen) { $0.metadata.mode = 0o600 }
        #expect(origin(of: closed, among: [row(old)]) == .alike(row(old), digest))
    }

    @Test(arguments: [
        changed(file(inode: 5)) { $0.metadata.size += 1 },
        changed(file(inode: 5)) { $0.metadata.modified.seconds += 1 },
        changed(file(inode: 5)) { $0.metadata.modified.nanoseconds += 1 },
        changed(file(inode: 5)) { ($0.metadata.kind, $0.changed.seconds) = (.symlink, 2) },
    ])
    func `is none whose number was given to another file since`(seen: Stamp) {
        #expect(origin(of: seen, among: [row(old)]) == nil)
    }

    @Test func `is not taken for unchanged by a stamp that is not settled`() {
        let unsettled = changed(old) { $0.changed.seconds = 0 }
        #expect(origin(of: unsettled, among: [row(unsettled)]) == .alike(row(unsettled), digest))
    }

    @Test func `is looked for only where inodes last, and the name did not have this one`() {
        let head = Listing.Head(own: own, inodesLast: true, fileSystem: 1)
        func lack(_ seen: Stamp, held: Row? = nil) -> Lack {
            Lack(name: "new", ordinal: 1, seen: seen, want: .content, held: held)
        }
        #expect(mayHaveMoved(lack(old), head))
        #expect(mayHaveMoved(lack(old, held: row(file(inode: 6))), head))
        #expect(!mayHaveMoved(lack(old, held: row(old)), head))
        #expect(!mayHaveMoved(lack(file(inode: 0)), head))
        #expect(!mayHaveMoved(lack(old), Listing.Head(own: own, inodesLast: false, fileSystem: 1)))
    }
}

/// What an answer means where it was another name's content that was asked about.
@Suite struct `An answer about a renamed file` {
    private let old = file(inode: 5)

    private func deed(_ seen: Stamp, _ digest: ContentDigest = digest) throws -> Deed {
        try Server.deed(
            for: Answer(
                place: Inquiry(directory: .root, ordinal: 1), stamp: seen, attributes: .none, body: .known(digest),
                isUnsettled: false), held: row(file(inode: 6)), origin: row(old),
            asked: .contentUnless(ServerTests.digest),
            open: Generation(2))
    }

    @Test func `links what is the same in all that a tree carries`() throws {
        let old = Staging.Source.newest(Place(.root, "old"))
        #expect(try deed(changed(self.old) { $0.changed.seconds = 2 }) == .link(old))
        #expect(try deed(changed(self.old) { $0.metadata.mode = 0o600 }) == .copy(old))
        #expect(try deed(changed(self.old) { $0.metadata.owner = 7 }) == .copy(old))
        // Between the listing and the answer another file took the name.
        #expect(try deed(file(inode: 77)) == .copy(old))
    }

    @Test func `cannot name another digest`() {
        #expect(throws: WireError.self) { try deed(old, ContentDigest(low: 9, high: 9)) }
    }
}

/// A server that is told of new names, word by word.
@Suite(.temporaryDirectory) struct `Names that share an inode number` {
    /// A push of these files, all of whose content the agent sends if it is asked.
    /// - Returns: what it was asked for.
    private func push(_ names: [Name: Stamp], to root: DataRoot) throws -> (wants: [Want], tree: Directory) {
        let peer = try Peer(in: root)
        var reader = try peer.greet()
        try peer.send(.listing(listing(names)))
        let items = try #require(try reader.requests()).items
        let sorted = names.sorted { $0.key < $1.key }
        for item in items {
            try peer.send(
                .answer(item.ordinal == 0 ? directoryAnswer : answer(item.ordinal, sorted[Int(item.ordinal) - 1].value))
            )
        }
        try peer.complete(listings: 1, answers: UInt64(items.count))
        #expect(try reader.committed() != nil)
        _ = peer.hangUp()
        return (items.map(\.want), try peer.newest())
    }

    private func root() throws -> DataRoot {
        try DataRoot.make(try #require(Path(absolute: Array(TemporaryDirectory.current.path.utf8))))
    }

    private func inodes(_ tree: Directory, _ names: Name...) throws -> [UInt64] {
        try names.map { try tree.status(of: $0).stamp.inode }
    }

    @Test func `are one file, if the one went and the other came`() throws {
        let root = try root()
        let before = try inodes(push(["a": file(inode: 5)], to: root).tree, "a")
        let (wants, tree) = try push(["b": file(inode: 5)], to: root)
        #expect(wants == [])
        #expect(try inodes(tree, "b") == before)
    }

    @Test func `are two files where both are listed, and three where two claim what went`() throws {
        let root = try root()
        _ = try push(["a": file(inode: 5)], to: root)
        var (wants, tree) = try push(["a": file(inode: 5), "b": file(inode: 5)], to: root)
        #expect(wants == [])
        #expect(try Set(inodes(tree, "a", "b")).count == 2)
        (wants, tree) = try push(["c": file(inode: 5), "d": file(inode: 5), "e": file(inode: 5)], to: root)
        #expect(wants == [])
        #expect(try Set(inodes(tree, "c", "d", "e")).count == 3)
    }

    @Test func `are one where they are links of one another`() throws {
        let root = try root()
        let linked = file(inode: 5, links: 2)
        let before = try inodes(push(["a": linked, "b": linked], to: root).tree, "a")
        let (wants, tree) = try push(["c": linked, "d": linked], to: root)
        #expect(wants == [])
        #expect(try inodes(tree, "c", "d") == before + before)
    }
}
