import Catalog
import Model
import Platform
import Server
import Storage
import Support
import Testing
import Wire

/// What a session leaves in the record of pushes, however it ends.
@Suite(.temporaryDirectory) struct `A session's record` {
    private func root() throws -> DataRoot {
        try DataRoot.make(try #require(Path(absolute: Array(TemporaryDirectory.current.path.utf8))))
    }

    @Test func `is there from the push's first moment`() throws {
        let peer = try Peer(in: try root())
        _ = try peer.greet()
        let push = try #require(try peer.backupdir.pushes(limit: 10).first)
        #expect(push.outcome == .running)
        #expect(push.generation == Generation(1))
        #expect(push.ended == nil)
        _ = peer.hangUp()
        let ended = try peer.backupdir.pushes(limit: 10)
        #expect(ended.map(\.outcome) == [.failed])
        #expect(ended[0].ended != nil)
        #expect(!ended[0].reason.isEmpty)
    }

    @Test func `tells of a push that was refused because another was under way`() throws {
        let root = try root()
        let first = try Peer(in: root)
        _ = try first.greet()
        let second = try Peer(in: root)
        #expect(throws: Refusal.Code.tryLater) { try second.refusal() }
        _ = second.hangUp()
        let pushes = try first.backupdir.pushes(limit: 10)
        #expect(pushes.map(\.outcome) == [.failed, .running])
        #expect(pushes[0].reason.contains("locked by"))
        _ = first.hangUp()
    }

    @Test func `tells of a config that names another backupdir, and of an agent that said nothing of use`() throws {
        let root = try root()
        let wrong = try Peer(in: root)
        #expect(throws: Refusal.Code.configuration) { try wrong.refusal(backupdir: Array("/data/other".utf8)) }
        _ = wrong.hangUp()
        let silent = try Peer(in: root)
        try silent.send(raw: Array("SSH-2.0-x\r\n".utf8))
        _ = silent.hangUp()
        let pushes = try wrong.backupdir.pushes(limit: 10)
        #expect(pushes.map(\.outcome) == [.failed, .failed])
        #expect(pushes[1].reason.contains("/data/other"))
        #expect(pushes.map(\.generation) == [nil, nil])
    }

    @Test func `tells of a catalog that cannot be read`() throws {
        let peer = try Peer(in: try root())
        let own = try Directory.open(peer.backupdir.path).openDirectory(".nightjar")
        try own.createFile("catalog.sqlite").write([UInt8](repeating: 0x58, count: 8192))
        #expect(throws: Refusal.Code.damaged) { try peer.refusal() }
        _ = peer.hangUp()
        #expect(try peer.backupdir.pushes(limit: 10).map(\.outcome) == [.failed])
    }

    @Test func `is not left by a rehearsal or a check`() throws {
        let root = try root()
        for purpose in [Hello.Purpose.dryRun, .check] {
            let peer = try Peer(in: root)
            _ = try peer.greet(purpose)
            _ = peer.hangUp()
            #expect(try peer.backupdir.pushes(limit: 10) == [])
        }
    }

    /// As a further channel does that is opened when its push has just ended.
    @Test(arguments: [[], Preface.bytes, Preface.bytes + [9, 0, 0, 0, 9]])
    func `is not left by one who leaves before it has said what it wants`(words: [UInt8]) throws {
        let peer = try Peer(in: try root())
        if !words.isEmpty { try peer.send(raw: words) }
        guard case .refused? = peer.hangUp() else {
            Testing.Issue.record("the session did not fail")
            return
        }
        #expect(try peer.backupdir.pushes(limit: 10) == [])
    }

    @Test func `tells why the agent gave up`() throws {
        let peer = try Peer(in: try root())
        var reader = try peer.greet()
        try peer.send(.abort("interrupted\u{1B}"))
        var refusal: Refusal?
        while let message = try reader.nextFromServer() {
            if case .refused(let said) = message { refusal = said }
        }
        #expect(refusal?.code == .tryLater)
        let push = try #require(try peer.backupdir.pushes(limit: 1).first)
        #expect(push.outcome == .failed)
        #expect(push.reason == #"the agent gave the push up: interrupted\e"#)
        _ = peer.hangUp()
    }
}
