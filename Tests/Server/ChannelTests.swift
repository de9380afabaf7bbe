import Digest
import Glibc
import Model
import Platform
import Server
import Storage
import Support
import Testing
import Wire

/// A push over several channels: each is a session of its own, that hands its stream over to the push.
@Suite(.temporaryDirectory) struct `A further channel` {
    private static let place = Inquiry(directory: .root, ordinal: 1)
    private static let runs = RunCount(first: 0, next: 1) ?? RunCount()

    private func peer(_ jail: Name = "jail1") throws -> Peer {
        let place = try #require(Path(absolute: Array(TemporaryDirectory.current.path.utf8)))
        return try Peer(in: try (try? DataRoot.open(place)) ?? DataRoot.make(place), jail: jail)
    }

    /// A push that has listed one file of five bytes, and owes its content: a run, and an answer that counts it.
    private func begun(_ jail: Name = "jail1") throws -> Begun {
        let peer = try peer(jail)
        let reader = try peer.greet()
        try peer.send(.listing(listing(["a": file(inode: 5)])), .answer(directoryAnswer))
        return Begun(peer: peer, reader: reader, token: try #require(peer.token))
    }

    private struct Begun: ~Copyable {
        let peer: Peer
        var reader: MessageReader
        let token: ChannelToken
    }

    private var run: AgentMessage { .run(ContentRun(place: Self.place, offset: 0, bytes: Array(content[..<3]))) }

    private var ending: AgentMessage {
        var ending = answer(1, file(inode: 5))
        ending.runs = Self.runs
        ending.body = .content(ContentHasher.digest(of: content), offset: 3, rest: Array(content[3...]))
        return .answer(ending)
    }

    @Test func `brings content of its push, though the answer came first, and all was said to be complete`() throws {
        var push = try begun()
        let (peer, token) = (push.peer, push.token)
        let channel = try FurtherChannel(of: peer, token)
        #expect(channel.isJoined)
        try peer.send(ending)
        try peer.complete(listings: 1, answers: 2)
        pause(seconds: 0.2)
        try channel.send(run)
        #expect(try push.reader.committed() == Generation(1))
        #expect(peer.hangUp().map(isCommitted) == true)
        guard case .answered? = channel.ending() else {
            Testing.Issue.record("the channel did not hear of the commit")
            return
        }
        #expect(try peer.newest().openFile("a").readAll(atMost: 100) == content)
        // Nothing of the door is left.
        let own = try Directory.open(peer.backupdir.path).openDirectory(".nightjar")
        #expect(try own.statusIfPresent(of: "channels") == nil)
    }

    @Test func `is sent away with another token, and the push goes on`() throws {
        var push = try begun()
        let (peer, token) = (push.peer, push.token)
        for wrong in [
            ChannelToken(high: token.high, low: token.low ^ 1),
            ChannelToken(high: token.high ^ 1 << 63, low: token.low),
            ChannelToken(high: 0, low: 0),
        ] {
            let channel = try FurtherChannel(of: peer, wrong)
            #expect(!channel.isJoined)
            guard case .refused? = channel.ending() else {
                Testing.Issue.record("not refused")
                return
            }
        }
        try peer.send(run, ending)
        try peer.complete(listings: 1, answers: 2)
        #expect(try push.reader.committed() == Generation(1))
        _ = peer.hangUp()
    }

    @Test func `is sent away where no push is under way`() throws {
        let peer = try peer()
        let channel = try FurtherChannel(of: peer, ChannelToken(high: 1, low: 2))
        #expect(!channel.isJoined)
        _ = peer.hangUp()
    }

    @Test func `is sent away by the push of another jail, for the token is of its own jail`() throws {
        let push = try begun()
        let (peer, token) = (push.peer, push.token)
        let root = try DataRoot.open(try #require(Path(absolute: Array(TemporaryDirectory.current.path.utf8))))
        let neighbour = try Peer(in: root, jail: "jail2")
        _ = try neighbour.greet()
        let channel = try FurtherChannel(of: neighbour, token)
        #expect(!channel.isJoined)
        _ = (peer.hangUp(), neighbour.hangUp())
    }

    @Test func `is let in fifteen times, and no more`() throws {
        var push = try begun()
        let (peer, token) = (push.peer, push.token)
        var channels: [FurtherChannel] = []
        for number in 0..<20 {
            let channel = try FurtherChannel(of: peer, token)
            #expect(channel.isJoined == (number < 15))
            channels.append(channel)
        }
        try channels[14].send(run)
        try channels[0].send(ending)
        try peer.complete(listings: 1, answers: 2)
        #expect(try push.reader.committed() == Generation(1))
        _ = peer.hangUp()
        for channel in channels { _ = channel.ending() }
    }

    @Test func `that says nothing is in nobody's way, unless content is due`() throws {
        var push = try begun()
        let (peer, token) = (push.peer, push.token)
        let channel = try FurtherChannel(of: peer, token)
        try peer.send(run, ending)
        try peer.complete(listings: 1, answers: 2)
        #expect(try push.reader.committed() == Generation(1))
        _ = (peer.hangUp(), channel.ending())

        let owing = try begun("jail2")
        let silent = try FurtherChannel(of: owing.peer, owing.token)
        try owing.peer.send(ending)
        try owing.peer.complete(listings: 1, answers: 2)
        guard case .refused? = silent.ending() else {
            Testing.Issue.record("the push went on without its content")
            return
        }
        _ = owing.peer.hangUp()
    }

    @Test(arguments: [
        AgentMessage.listing(listing(["b": file(inode: 6)])), .complete(PushCounts()), .directoryGone(.root),
        .issue(Issue(path: [0x2F], reason: .missing, detail: "")), .abort("no more"), .progress(entries: 1, bytes: 1),
    ])
    func `that brings more than content ends the push`(message: AgentMessage) throws {
        let push = try begun()
        let (peer, token) = (push.peer, push.token)
        let channel = try FurtherChannel(of: peer, token)
        try channel.send(message)
        guard case .refused(let refusal)? = peer.outcomeAtOnce() else {
            Testing.Issue.record("the push was not refused")
            return
        }
        #expect(refusal.text.contains("more than content"), "it said: \(refusal.text)")
        _ = channel.ending()
    }

    /// The channels are read by threads of their own: the end of one may be seen before what came earlier on another.
    private func waitUntilStaged(_ peer: Peer) throws {
        let incoming = try Directory.open(peer.backupdir.path).openDirectory(".nightjar").openDirectory("incoming")
        for _ in 0..<500 {
            let staged = try? incoming.openDirectory("1").openDirectory("1").statusIfPresent(of: "a")
            if staged?.stamp.metadata.size == UInt64(content.count) { return }
            pause(seconds: 0.02)
        }
        Testing.Issue.record("the file of the first channel was not staged")
    }

    @Test(arguments: [[], [9, 0, 0, 0, 9, 0, 0, 0, 1]] as [[UInt8]])
    func `that ends before the push breaks it off, and what came whole is kept`(last: [UInt8]) throws {
        let push = try begun()
        let (peer, token) = (push.peer, push.token)
        try peer.send(run, ending)
        try waitUntilStaged(peer)
        let channel = try FurtherChannel(of: peer, token)
        try channel.send(raw: last)
        channel.end()
        guard case .refused(let refusal)? = peer.outcomeAtOnce() else {
            Testing.Issue.record("the push was not refused")
            return
        }
        #expect(refusal.text.contains("ended in the middle"), "it said: \(refusal.text)")
        _ = channel.ending()
        #expect(try Directory.open(peer.backupdir.path).statusIfPresent(of: "0") == nil)

        // The next push is asked for nothing but the directory itself, or for nothing.
        let root = try DataRoot.open(try #require(Path(absolute: Array(TemporaryDirectory.current.path.utf8))))
        let next = try Peer(in: root)
        var reader = try next.greet()
        try next.send(.listing(listing(["a": file(inode: 5)])))
        #expect(try reader.requests()?.items.contains { $0.ordinal == 1 } == false)
        _ = next.hangUp()
    }
}

private func isCommitted(_ outcome: Session.Outcome) -> Bool { if case .committed = outcome { true } else { false } }
