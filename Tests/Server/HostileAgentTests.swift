import Catalog
import Digest
import Model
import Platform
import Server
import Storage
import Support
import Testing
import Wire

/// A broken-into jail holds its key and may say anything. It is refused, and no night is touched.
@Suite(.temporaryDirectory) struct `A hostile agent` {
    /// Something that no honest agent says, and what the refusal says of it.
    struct Lie: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var reason: String
        var bytes: [UInt8]
    }

    @Test(arguments: lies)
    func `is refused`(lie: Lie) throws {
        let root = try DataRoot.make(try #require(Path(absolute: Array(TemporaryDirectory.current.path.utf8))))
        let peer = try Peer(in: root)
        _ = try peer.greet()
        try? peer.send(raw: lie.bytes)
        guard case .refused(let refusal)? = peer.hangUp() else {
            Testing.Issue.record("the session was not refused")
            return
        }
        #expect(refusal.text.contains(lie.reason), "it said: \(refusal.text)")
        #expect(try Directory.open(peer.backupdir.path).statusIfPresent(of: "0") == nil)
        try pushOneFile(to: root)
    }

    @Test(.enabled(if: LoopFileSystem.isPossible(.ext4), "needs root, mkfs.ext4 and loop devices"))
    func `leaves the reserve free, though names alone fill the disk`() throws {
        let disk = try LoopFileSystem(.ext4, size: "256M")
        let place = try #require(Path(absolute: Array("\(disk.path)/data".utf8)))
        let root = try DataRoot.make(place)
        func free() throws -> UInt64 { try Directory.open(place).freeSpace() }
        let reserve = try free() - 32 << 20
        let peer = try Peer(in: root, reserve: reserve)
        _ = try peer.greet()
        // The server hangs up in the middle.
        try? listWithoutEnd(peer)
        guard case .refused(let refusal)? = peer.hangUp() else {
            Testing.Issue.record("the session was not refused")
            return
        }
        #expect(refusal.code == .tryLater && refusal.text.contains("stays free"), "it said: \(refusal.text)")
        #expect(try free() > reserve - 64 << 20)
    }

    /// One listing of the root, of more new directories with long names than the disk has room for.
    private func listWithoutEnd(_ peer: Peer) throws {
        let long = String(repeating: "z", count: 240)
        for part in 0..<400 {
            let entries = try (part * 800..<(part + 1) * 800).map { number in
                let name = try #require(Name(Array("\(1_000_000 + number)\(long)".utf8)))
                return Wire.Listing.Entry(name: name, what: .directory(DirectoryNumber(Int64(2 + number))))
            }
            let head = part == 0 ? Wire.Listing.Head(own: own, inodesLast: true, fileSystem: 1) : nil
            try peer.send(.listing(Wire.Listing(directory: .root, head: head, entries: entries, tail: nil)))
        }
    }

    @Test func `is refused in a dry run whose parts are out of order, or of another directory`() throws {
        let root = try DataRoot.make(try #require(Path(absolute: Array(TemporaryDirectory.current.path.utf8))))
        let first = Wire.Listing(
            directory: .root, head: .init(own: own, inodesLast: true, fileSystem: 1),
            entries: [.init(name: "m", what: .file(stamp(size: 1)))], tail: nil)
        let parts: [(String, Wire.Listing)] = [
            (
                "out of order",
                Wire.Listing(
                    directory: .root, head: nil, entries: [.init(name: "a", what: .file(stamp(size: 1)))],
                    tail: .init(digest: nil))
            ),
            ("not begun", Wire.Listing(directory: .root.next, head: nil, entries: [], tail: .init(digest: nil))),
        ]
        for (reason, second) in parts {
            let peer = try Peer(in: root)
            _ = try peer.greet(.dryRun)
            try? peer.send(.listing(first), .listing(second))
            guard case .refused(let refusal)? = peer.hangUp() else {
                Testing.Issue.record("the session was not refused")
                continue
            }
            #expect(refusal.text.contains(reason), "it said: \(refusal.text)")
        }
    }

    /// A push of one file that goes through: what was refused before it left nothing in its way.
    private func pushOneFile(to root: DataRoot) throws {
        let peer = try Peer(in: root)
        var reader = try peer.greet()
        let content = Array("hello".utf8)
        let seen = stamp(size: 5)
        try peer.send(.listing(listing(entries: [.init(name: "file", what: .file(seen))])))
        let wanted = try #require(try reader.requests()).items.map(\.ordinal)
        for ordinal in wanted {
            let body = Answer.Body.content(ContentHasher.digest(of: content), offset: 0, rest: content)
            try peer.send(.answer(ordinal == 0 ? answer(0, own, .none) : answer(1, seen, body)))
        }
        try peer.complete(listings: 1, answers: UInt64(wanted.count))
        while let message = try reader.nextFromServer() {
            if case .committed = message { break }
        }
        guard case .committed? = peer.hangUp() else {
            Testing.Issue.record("an honest push after it was not committed")
            return
        }
        let tree = try Directory.open(peer.backupdir.path).openDirectory("0")
        #expect(try tree.openFile("file").readAll(atMost: 100) == content)
    }
}

private func stamp(size: UInt64, kind: FileKind = .regular) -> Stamp {
    let metadata = Metadata(
        kind: kind, mode: 0o644, owner: 0, group: 0, size: size, modified: Timestamp(seconds: 1))
    return Stamp(metadata: metadata, inode: 3, links: 1, changed: Timestamp(seconds: 1))
}

private func listing(_ directory: Int64 = 1, entries: [Wire.Listing.Entry], isLast: Bool = true) -> Wire.Listing {
    Wire.Listing(
        directory: DirectoryNumber(directory), head: .init(own: own, inodesLast: true, fileSystem: 1),
        entries: entries, tail: isLast ? .init(digest: nil) : nil)
}

private func answer(_ ordinal: UInt64, _ stamp: Stamp, _ body: Answer.Body) -> Answer {
    Answer(
        place: Inquiry(directory: .root, ordinal: ordinal), stamp: stamp, attributes: .none, body: body,
        isUnsettled: false)
}

/// A root listing whose names are whatever bytes they are given as.
private func listing(rawNames: [[UInt8]]) -> [UInt8] {
    var body = Encoder()
    body.number(1)
    body.flags(true, true, true, false)
    body.stamp(own)
    body.number(1)
    body.number(UInt64(rawNames.count))
    for name in rawNames {
        body.byte(UInt8(truncatingIfNeeded: name.count))
        name.forEach { body.byte($0) }
        body.stamp(stamp(size: 5))
    }
    return raw(type: 2, body.bytes)
}

private func raw(type: UInt8, _ body: [UInt8]) -> [UInt8] {
    var message = Encoder()
    message.byte(type)
    message.text(body)
    return Block.sealed(message.bytes, compressor: nil)
}

private func blocks(_ messages: AgentMessage...) -> [UInt8] { blocks(messages) }

private func blocks(_ messages: [AgentMessage]) -> [UInt8] {
    var builder = BlockBuilder()
    let full = messages.compactMap { builder.add($0) } + [builder.flush()].compactMap { $0 }
    return full.flatMap { Block.sealed($0, compressor: nil) }
}

private let entry = EntrySighting(path: Path(), fileSystem: FileSystemIdentity(kind: 0, number: 0))

private let entryFile = Wire.Listing.Entry(name: "file", what: .file(stamp(size: 5)))

private let lies: [`A hostile agent`.Lie] = [
    .init(
        testDescription: "more entries than anybody has", reason: "entries with",
        bytes: blocks([AgentMessage](repeating: .entry(entry), count: Limits.sightings + 1))),
    .init(testDescription: "a name with a slash", reason: "not a name", bytes: listing(rawNames: [Array("a/b".utf8)])),
    .init(testDescription: "the name ..", reason: "not a name", bytes: listing(rawNames: [Array("..".utf8)])),
    .init(testDescription: "the name .", reason: "not a name", bytes: listing(rawNames: [Array(".".utf8)])),
    .init(testDescription: "an empty name", reason: "not a name", bytes: listing(rawNames: [[]])),
    .init(testDescription: "a name with NUL", reason: "not a name", bytes: listing(rawNames: [[0x61, 0]])),
    .init(
        testDescription: "names out of order", reason: "out of order",
        bytes: listing(rawNames: [Array("b".utf8), Array("a".utf8)])),
    .init(
        testDescription: "a name twice", reason: "out of order",
        bytes: listing(rawNames: [Array("a".utf8), Array("a".utf8)])),
    .init(
        testDescription: "a name again in the next part", reason: "out of order",
        bytes: blocks(
            .listing(listing(entries: [entryFile], isLast: false)),
            .listing(Wire.Listing(directory: .root, head: nil, entries: [entryFile], tail: .init(digest: nil))))),
    .init(
        testDescription: "a directory that nobody named", reason: "not known",
        bytes: blocks(.listing(listing(77, entries: [])))),
    .init(
        testDescription: "a directory's number out of turn", reason: "is next",
        bytes: blocks(.listing(listing(entries: [.init(name: "d", what: .directory(DirectoryNumber(77)))])))),
    .init(
        testDescription: "a directory within itself", reason: "is next",
        bytes: blocks(.listing(listing(entries: [.init(name: "d", what: .directory(.root))])))),
    .init(
        testDescription: "a directory listed twice", reason: "comes twice",
        bytes: blocks(.listing(listing(entries: [])), .listing(listing(entries: [])))),
    .init(
        testDescription: "what lies below a symlink", reason: "not known",
        bytes: blocks(
            .listing(listing(entries: [.init(name: "link", what: .file(stamp(size: 4, kind: .symlink)))])),
            .listing(listing(2, entries: [entryFile])))),
    .init(
        testDescription: "an answer that was not asked for", reason: "was not asked for",
        bytes: blocks(
            .answer(answer(1, stamp(size: 5), .content(ContentDigest(low: 1, high: 1), offset: 0, rest: []))))),
    .init(
        testDescription: "content that is not what its digest says", reason: "not what was read",
        bytes: blocks(
            .listing(listing(entries: [entryFile])),
            .answer(
                answer(
                    1, stamp(size: 5), .content(ContentDigest(low: 1, high: 1), offset: 0, rest: Array("hello".utf8)))),
            .answer(answer(0, own, .none)), .complete(PushCounts()))),
    .init(
        testDescription: "the end before its time", reason: "called complete",
        bytes: blocks(.listing(listing(entries: [entryFile])), .complete(PushCounts()))),
    .init(
        testDescription: "a root that was never listed", reason: "called complete",
        bytes: blocks(.complete(PushCounts()))),
    .init(testDescription: "a message of no kind", reason: "unknown message", bytes: raw(type: 200, [])),
    .init(
        testDescription: "a second hello", reason: "second hello",
        bytes: blocks(.hello(Hello(purpose: .push, release: "", host: [], backupdir: [])))),
    .init(
        testDescription: "a block of 4 GiB", reason: "the limit",
        bytes: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
    .init(
        testDescription: "a length of 2^63", reason: "over the limit",
        bytes: Block.sealed([2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1], compressor: nil)),
    .init(testDescription: "half a block", reason: "ended in the middle", bytes: [9, 0, 0, 0, 9, 0, 0, 0, 1]),
    .init(testDescription: "nothing more", reason: "ended in the middle", bytes: []),
    .init(
        testDescription: "a zstd bomb", reason: "declared length",
        bytes: [13, 0, 0, 0, 0, 0, 4, 0, 0x28, 0xB5, 0x2F, 0xFD, 0xA0, 0, 0, 0, 0x80, 0x02, 0, 0x10, 0]),
]
