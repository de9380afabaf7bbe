import Catalog
import Delta
import Digest
import Glibc
import Model
import Platform
import Storage
import Support
import Testing
import Wire

@testable import Server

/// Files that are asked for as deltas, as an agent sees it.
@Suite(.temporaryDirectory) struct `A delta` {
    private static let place = Inquiry(directory: .root, ordinal: 1)
    private static let size = 400_000

    private func root() throws -> DataRoot {
        try DataRoot.make(try #require(Path(absolute: Array(TemporaryDirectory.current.path.utf8))))
    }

    private func stamp(_ size: Int, at seconds: Int64) -> Stamp {
        var stamp = file(inode: 5)
        stamp.metadata.size = UInt64(size)
        stamp.metadata.modified = Timestamp(seconds: seconds)
        return stamp
    }

    private func answer(_ content: [UInt8], _ runs: RunCount, at seconds: Int64) -> AgentMessage {
        .answer(
            Answer(
                place: Self.place, runs: runs, stamp: stamp(content.count, at: seconds), attributes: .none,
                body: .content(ContentHasher.digest(of: content), offset: UInt64(content.count), rest: []),
                isUnsettled: false))
    }

    /// Sends a file whole, in runs.
    private func sendRuns(_ content: [UInt8], to peer: Peer) throws -> RunCount {
        var runs = RunCount()
        for start in stride(from: 0, to: content.count, by: 100_000) {
            let bytes = Array(content[start..<min(start + 100_000, content.count)])
            try peer.send(.run(ContentRun(place: Self.place, runs: runs, offset: UInt64(start), bytes: bytes)))
            runs.count()
        }
        return runs
    }

    private struct Changed: ~Copyable {
        let peer: Peer
        var reader: MessageReader
        let requests: Requests
    }

    /// A night with the file, and a session in which it is listed as changed and asked for.
    private func changed(_ content: [UInt8], to size: Int) throws -> Changed {
        let root = try root()
        let first = try Peer(in: root)
        var reader = try first.greet()
        try first.send(.listing(listing(["a": stamp(content.count, at: 1)])), .answer(directoryAnswer))
        try first.send(answer(content, sendRuns(content, to: first), at: 1))
        try first.complete(listings: 1, answers: 2)
        try #require(try reader.committed() != nil)
        _ = first.hangUp()
        let peer = try Peer(in: root)
        reader = try peer.greet()
        try peer.send(.listing(listing(["a": stamp(size, at: 2)])))
        let requests = try #require(try reader.requests())
        return Changed(peer: peer, reader: reader, requests: requests)
    }

    private func signature(_ reader: inout MessageReader) throws -> [SignaturePart] {
        var parts: [SignaturePart] = []
        while parts.last?.isLast != true, let message = try reader.nextFromServer() {
            if case .signatures(let part) = message { parts.append(part) }
        }
        return parts
    }

    /// What the server says next of the file, and the issues before it.
    private func verdict(_ reader: inout MessageReader) throws -> (DeltaVerdict?, [Model.Issue]) {
        var issues: [Model.Issue] = []
        while let message = try reader.nextFromServer() {
            if case .issue(let issue) = message { issues.append(issue) }
            if case .verdict(let place, let verdict) = message, place == Self.place { return (verdict, issues) }
        }
        return (nil, issues)
    }

    private func copied(_ runs: RunCount, _ offset: Int, from source: Int, _ length: Int) -> AgentMessage {
        .copied(
            CopiedRun(
                place: Self.place, runs: runs, offset: UInt64(offset), source: UInt64(source), length: UInt64(length)))
    }

    @Test func `is put together from the copy that is there, in whatever order its parts come`() throws {
        var random = RandomSource(seed: 1)
        let old = random.bytes(Self.size)
        let inserted = random.bytes(1_000)
        let new = Array(old[..<200_000] + inserted + old[200_000...])
        var scene = try changed(old, to: new.count)
        let peer = scene.peer
        #expect(scene.requests.items == [.init(ordinal: 1, want: .delta(unless: ContentHasher.digest(of: old)))])
        let parts = try signature(&scene.reader)
        #expect(parts.map(\.length) == [UInt64(Self.size)])
        #expect(parts[0].entries.count == Blocks(of: UInt64(Self.size))?.weight)
        var runs = RunCount()
        var messages = [copied(runs, 0, from: 0, 200_000)]
        runs.count()
        messages.append(.run(ContentRun(place: Self.place, runs: runs, offset: 200_000, bytes: inserted)))
        runs.count()
        messages.append(copied(runs, 201_000, from: 200_000, 200_000))
        runs.count()
        for message in messages.reversed() { try peer.send(message) }
        try peer.send(answer(new, runs, at: 2))
        #expect(try verdict(&scene.reader).0 == .taken)
        try peer.complete(listings: 1, answers: 1)
        #expect(try scene.reader.committed() == Generation(2))
        #expect(try peer.newest().openFile("a").readAll(atMost: 1 << 20) == new)
    }

    @Test func `may be against what a push that broke off had staged`() throws {
        var random = RandomSource(seed: 5)
        let old = random.bytes(Self.size)
        let new = [1] + old
        let root = try root()
        let first = try Peer(in: root)
        var reader = try first.greet()
        try first.send(.listing(listing(["a": stamp(old.count, at: 1)])), .answer(directoryAnswer))
        try first.send(answer(old, sendRuns(old, to: first), at: 1), .progress(entries: 0, bytes: 0))
        _ = try reader.requests()
        _ = first.hangUp()
        let peer = try Peer(in: root)
        reader = try peer.greet()
        try peer.send(.listing(listing(["a": stamp(new.count, at: 2)])))
        let items = try #require(try reader.requests()).items
        #expect(items.last == .init(ordinal: 1, want: .delta(unless: ContentHasher.digest(of: old))))
        _ = try signature(&reader)
        var runs = RunCount()
        // The new file takes the place of what it is made from.
        try peer.send(.run(ContentRun(place: Self.place, runs: runs, offset: 0, bytes: [1])))
        runs.count()
        try peer.send(copied(runs, 1, from: 0, Self.size))
        runs.count()
        try peer.send(answer(new, runs, at: 2))
        #expect(try verdict(&reader).0 == .taken)
        if items.count == 2 { try peer.send(.answer(directoryAnswer)) }
        try peer.complete(listings: 1, answers: UInt64(items.count))
        #expect(try reader.committed() == Generation(1))
        #expect(try peer.newest().openFile("a").readAll(atMost: 1 << 20) == new)
    }

    @Test func `is told by sums of a seed that is drawn anew in each session`() throws {
        var random = RandomSource(seed: 6)
        let old = random.bytes(Self.size)
        var scene = try changed(old, to: Self.size + 1)
        let first = try #require(signature(&scene.reader).first)
        _ = scene.peer.hangUp()
        let again = try Peer(in: root())
        var reader = try again.greet()
        try again.send(.listing(listing(["a": stamp(Self.size + 1, at: 2)])))
        let second = try #require(signature(&reader).first)
        #expect(first.seed != second.seed && first.entries != second.entries)
        #expect(first.length == second.length && first.entries.count == second.entries.count)
    }

    @Test func `that does not become what the agent has read is taken whole, and noted`() throws {
        var random = RandomSource(seed: 2)
        let old = random.bytes(Self.size)
        var new = old
        new[7] ^= 1
        var scene = try changed(old, to: new.count)
        let peer = scene.peer
        _ = try signature(&scene.reader)
        // The copy is another by now.
        let path = "\(peer.backupdir.path)/0/a"
        let copy = open(path, O_WRONLY)
        try #require(pwrite(copy, [1, 2, 3], 3, 300_000) == 3)
        close(copy)
        var runs = RunCount()
        try peer.send(.run(ContentRun(place: Self.place, runs: runs, offset: 0, bytes: Array(new[..<4_096]))))
        runs.count()
        try peer.send(copied(runs, 4_096, from: 4_096, Self.size - 4_096))
        runs.count()
        try peer.send(answer(new, runs, at: 2))
        #expect(try verdict(&scene.reader).0 == .sendWhole)
        try peer.send(answer(new, sendRuns(new, to: peer), at: 2))
        try peer.complete(listings: 1, answers: 2)
        var issues: [Model.Issue] = []
        while let message = try scene.reader.nextFromServer() {
            if case .issue(let issue) = message { issues.append(issue) }
            guard case .committed(_, let counts) = message else { continue }
            #expect(counts.notes == 1 && counts.leftOut == 0)
            break
        }
        #expect(issues.map(\.reason) == [.sentWhole])
        #expect(issues.map(\.path) == [Array("/a".utf8)])
        #expect(try peer.newest().openFile("a").readAll(atMost: 1 << 20) == new)
    }

    @Test func `of a copy that is gone is asked for all the same, and all of it sent`() throws {
        var random = RandomSource(seed: 3)
        let new = random.bytes(Self.size + 1)
        var scene = try changed(random.bytes(Self.size), to: new.count)
        let peer = scene.peer
        _ = try signature(&scene.reader)
        unlink("\(peer.backupdir.path)/0/a")
        try peer.send(answer(new, sendRuns(new, to: peer), at: 2))
        // Before the copy was missed, or after it.
        var sent: UInt64 = 1
        if try verdict(&scene.reader).0 == .sendWhole {
            try peer.send(answer(new, sendRuns(new, to: peer), at: 2))
            sent += 1
        }
        try peer.complete(listings: 1, answers: sent)
        #expect(try scene.reader.committed() == Generation(2))
        #expect(try peer.newest().openFile("a").readAll(atMost: 1 << 20) == new)
    }

    @Test func `beyond the end of the copy ends the session, and so does one that was not asked for`() throws {
        var random = RandomSource(seed: 4)
        let old = random.bytes(Self.size)
        var scene = try changed(old, to: Self.size + 10)
        let peer = scene.peer
        _ = try signature(&scene.reader)
        try peer.send(copied(RunCount(), 0, from: 10, Self.size), .progress(entries: 0, bytes: 0))
        var refusal: Refusal?
        try? peer.send(answer(old + [UInt8](repeating: 1, count: 10), RunCount(first: 0, next: 1)!, at: 2))
        try? peer.complete(listings: 1, answers: 1)
        while let message = try scene.reader.nextFromServer() {
            if case .refused(let said) = message { refusal = said }
        }
        #expect(refusal?.text.contains("beyond the end") == true)
        _ = peer.hangUp()

        let other = try Peer(in: DataRoot.make(try #require(Path(absolute: Array("\(peer.backupdir.path)-2".utf8)))))
        var reader = try other.greet()
        try other.send(.listing(listing(["a": stamp(Self.size, at: 1)])))
        _ = try reader.requests()
        try other.send(copied(RunCount(), 0, from: 0, 1))
        while let message = try reader.nextFromServer() {
            if case .refused(let said) = message { refusal = said }
        }
        #expect(refusal?.text.contains("not asked for as a delta") == true)
    }

    // MARK: Whether one is asked for

    private func row(_ size: Int, at seconds: Int64, digest: ContentDigest? = ContentDigest(low: 1, high: 2)) -> Row {
        var row = Row(directory: .root, name: "a", stamp: stamp(size, at: seconds), attributes: .none)
        row.digest = digest
        return row
    }

    @Test func `is asked for where a long file changed, and its copy is known`() {
        let rule = DeltaRule()
        let delta = Want.delta(unless: ContentDigest(low: 1, high: 2))
        let known = Want.contentUnless(ContentDigest(low: 1, high: 2))
        #expect(rule.delta(held: row(Self.size, at: 1), seen: stamp(500_000, at: 2), want: .content) == delta)
        #expect(rule.delta(held: row(Self.size, at: 1), seen: stamp(Self.size, at: 2), want: known) == delta)
        // Only its ctime moved.
        #expect(rule.delta(held: row(Self.size, at: 1), seen: stamp(Self.size, at: 1), want: known) == nil)
        #expect(rule.delta(held: nil, seen: stamp(Self.size, at: 2), want: .content) == nil)
        #expect(rule.delta(held: row(Self.size, at: 1, digest: nil), seen: stamp(1, at: 2), want: .content) == nil)
        #expect(rule.delta(held: row(1_000, at: 1), seen: stamp(Self.size, at: 2), want: .content) == nil)
        #expect(rule.delta(held: row(Self.size, at: 1), seen: stamp(1_000, at: 2), want: .content) == nil)
        #expect(
            DeltaRule(wholeFiles: true).delta(held: row(Self.size, at: 1), seen: stamp(500_000, at: 2), want: .content)
                == nil)
    }

    @Test(arguments: [
        (100.0, 200.0, true), (200.0, 100.0, false), (100.0, 100.0, true),
    ])
    func `is asked for unless the link is faster than the disk`(link: Double, disk: Double, isAsked: Bool) {
        var rule = DeltaRule()
        let seen = stamp(500_000, at: 2)
        rule.arrival.note(DeltaRule.Rate.telling, in: Double(DeltaRule.Rate.telling) / link)
        rule.reading.note(DeltaRule.Rate.telling - 1, in: Double(DeltaRule.Rate.telling) / disk)
        #expect(rule.delta(held: row(Self.size, at: 1), seen: seen, want: .content) != nil, "it is too early to tell")
        rule.reading.note(1, in: 0)
        #expect((rule.delta(held: row(Self.size, at: 1), seen: seen, want: .content) != nil) == isAsked)
    }
}
