import Digest
import Glibc
import Model
import Platform
import Server
import Storage
import Support
import Testing
import Wire

/// Content of which the parts arrive in any order, as several channels bring them.
@Suite(.temporaryDirectory) struct `Content out of order` {
    private static let place = Inquiry(directory: .root, ordinal: 1)

    private func root() throws -> DataRoot {
        try DataRoot.make(try #require(Path(absolute: Array(TemporaryDirectory.current.path.utf8))))
    }

    /// A file in runs with holes between: what an earlier attempt sent of it, what counts, and its answer.
    private struct Parts {
        var content: [UInt8]
        var seen: Stamp
        var messages: [AgentMessage]

        init(_ random: inout RandomSource, restarting: Bool) throws {
            content = []
            messages = []
            var runs = RunCount()
            if restarting {
                for number in 0..<1 + random.below(4) {
                    let bytes = random.bytes(1_000)
                    messages.append(
                        .run(ContentRun(place: place, runs: runs, offset: UInt64(number) * 1_700, bytes: bytes)))
                    runs.count()
                }
                runs.restart()
            }
            for _ in 0..<random.below(12) {
                content += [UInt8](repeating: 0, count: random.below(3) * random.below(100_000))
                // Zeros within a run, and at its end, become holes as well.
                let bytes = random.bytes(random.below(60_000)) + [UInt8](repeating: 0, count: random.below(9_000))
                messages.append(
                    .run(ContentRun(place: place, runs: runs, offset: UInt64(content.count), bytes: bytes)))
                runs.count()
                content += bytes
            }
            let rest = random.bytes(random.below(2) * 5_000)
            let offset = UInt64(content.count)
            content += rest
            seen = Stamp(
                metadata: Metadata(
                    kind: .regular, mode: 0o644, owner: 0, group: 0, size: UInt64(content.count),
                    modified: Timestamp(seconds: 1)), inode: 5, links: 1, changed: Timestamp(seconds: 1))
            messages.append(
                .answer(
                    Answer(
                        place: place, runs: runs, stamp: seen, attributes: .none,
                        body: .content(ContentHasher.digest(of: content), offset: offset, rest: rest),
                        isUnsettled: false)))
        }
    }

    @Test func `is put together, whatever the order, and however often the file was begun`() throws {
        let root = try root()
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = RandomSource(seed: seed)
        for turn in 0..<20 {
            let peer = try Peer(in: root)
            var reader = try peer.greet()
            let parts = try Parts(&random, restarting: turn % 2 == 1)
            var seen = parts.seen
            seen.inode = UInt64(100 + turn)
            try peer.send(.listing(listing(["a": seen])))
            let isOwnAsked = try reader.requests()?.items.contains { $0.ordinal == 0 } == true
            if isOwnAsked { try peer.send(.answer(directoryAnswer)) }
            for message in parts.messages.shuffled(using: &random) { try peer.send(message) }
            try peer.complete(listings: 1, answers: isOwnAsked ? 2 : 1)
            #expect(try reader.committed() != nil, "seed \(seed)")
            _ = peer.hangUp()
            let found = try peer.newest().openFile("a").readAll(atMost: 10 << 20)
            #expect(found == parts.content, "seed \(seed), turn \(turn)")
        }
    }

    @Test func `is begun of no more files than an agent has under way`() throws {
        let peer = try Peer(in: try root())
        _ = try peer.greet()
        var files: [Name: Stamp] = [:]
        for number in 0..<1100 { files[try #require(Name(Array("\(number)".utf8)))] = file(inode: UInt64(10 + number)) }
        try peer.send(.listing(listing(files)), .answer(directoryAnswer))
        // The server may have hung up by then.
        for ordinal in 1...1100 {
            let place = Inquiry(directory: .root, ordinal: UInt64(ordinal))
            try? peer.send(.run(ContentRun(place: place, runs: RunCount(), offset: 0, bytes: [1])))
        }
        guard case .refused(let refusal)? = peer.outcomeAtOnce() else {
            Testing.Issue.record("the push was not refused")
            return
        }
        #expect(refusal.text.contains("1025 files are begun"), "it said: \(refusal.text)")
    }

    @Test func `counts for nothing before an answer that there is none, and after it`() throws {
        let peer = try Peer(in: try root())
        var reader = try peer.greet()
        try peer.send(.listing(listing(["a": file(inode: 5)])), .answer(directoryAnswer))
        var runs = RunCount()
        let first = ContentRun(place: Self.place, runs: runs, offset: 0, bytes: [1])
        runs.count()
        let second = ContentRun(place: Self.place, runs: runs, offset: 9, bytes: [1])
        runs.count()
        try peer.send(.run(second), .unavailable(Self.place, .vanished, runs), .run(first))
        try peer.complete(listings: 1, answers: 1)
        #expect(try reader.committed() != nil)
        _ = peer.hangUp()
        #expect(try peer.newest().statusIfPresent(of: "a") == nil)
    }

    /// What an agent says of a file of five bytes, and why it is refused.
    struct Lie: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var messages: [AgentMessage]
    }

    @Test(arguments: lies)
    func `that cannot be right is refused`(lie: Lie) throws {
        let peer = try Peer(in: try root())
        var reader = try peer.greet()
        try peer.send(.listing(listing(["a": file(inode: 5)])), .answer(directoryAnswer))
        for message in lie.messages { try? peer.send(message) }
        try? peer.complete(listings: 1, answers: 2)
        let committed = try? reader.committed()
        #expect(committed ?? nil == nil)
        guard case .refused? = peer.hangUp() else {
            Testing.Issue.record("the session was not refused")
            return
        }
    }

    private static func run(_ first: UInt64, _ next: UInt64, _ offset: UInt64, _ count: Int) throws -> AgentMessage {
        let runs = try #require(RunCount(first: first, next: next))
        return .run(ContentRun(place: place, runs: runs, offset: offset, bytes: Array(content[..<count])))
    }

    private static func ending(_ first: UInt64, _ next: UInt64) throws -> AgentMessage {
        var ending = answer(1, file(inode: 5))
        ending.runs = try #require(RunCount(first: first, next: next))
        return .answer(ending)
    }

    static let lies: [Lie] = {
        do {
            return [
                Lie(testDescription: "a run that never comes", messages: [try ending(0, 1)]),
                Lie(testDescription: "more runs than are counted", messages: [try run(0, 0, 0, 0), try ending(0, 0)]),
                Lie(
                    testDescription: "a run twice, another never",
                    messages: [try run(0, 0, 0, 0), try run(0, 0, 0, 0), try ending(0, 2)]),
                Lie(
                    testDescription: "a run of an attempt after the last",
                    messages: [try ending(0, 3), try run(1, 1, 0, 0)]),
                Lie(testDescription: "a run over the rest", messages: [try run(0, 0, 0, 5), try ending(0, 1)]),
                Lie(
                    testDescription: "two answers, while content is due",
                    messages: [try ending(0, 1), try ending(0, 1)]),
                Lie(
                    testDescription: "a run number beyond those counted",
                    messages: [try ending(0, 2), try run(0, 2, 0, 0)]),
            ]
        } catch {
            return []
        }
    }()
}
