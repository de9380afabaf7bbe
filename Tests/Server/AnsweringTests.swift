import Model
import Server
import Storage
import Support
import Testing
import Wire

/// Sessions in which an agent asks.
@Suite(.temporaryDirectory) struct `A session of questions` {
    private func root() throws -> DataRoot {
        try DataRoot.make(try #require(Path(absolute: Array(TemporaryDirectory.current.path.utf8))))
    }

    /// A jail with one file in its first generation.
    private func pushed(_ name: Name = "a") throws -> DataRoot {
        let root = try root()
        let peer = try Peer(in: root)
        var reader = try peer.greet()
        try peer.send(
            .listing(listing([name: file(inode: 5)])), .answer(directoryAnswer), .answer(answer(1, file(inode: 5))))
        try peer.complete(listings: 1, answers: 2)
        #expect(try reader.committed() == Generation(1))
        _ = peer.hangUp()
        return root
    }

    private func all(_ reader: inout MessageReader) throws -> [ServerMessage] {
        var messages: [ServerMessage] = []
        while let message = try reader.nextFromServer() {
            if case .working = message { continue }
            messages.append(message)
            switch message {
            case .answered, .refused, .restored, .declined: return messages
            default: break
            }
        }
        return messages
    }

    @Test func `answers one question after the other, and changes nothing`() throws {
        let peer = try Peer(in: try pushed())
        var reader = try peer.ask()
        for _ in 0..<3 {
            try peer.send(.question(.list(.night(0), Path())))
            let told = try all(&reader)
            #expect(told.count == 2 && told.last == .answered(.answered))
            guard case .finding(.file(let found))? = told.first else { return }
            #expect(found.name == "a" && found.metadata == file(inode: 5).metadata)
        }
        try peer.send(.question(.list(.night(0), Path(["no"]))))
        #expect(try all(&reader) == [.answered(.notFound)])
        try peer.send(.question(.list(.night(3), Path())))
        #expect(try all(&reader) == [.answered(.noNight)])
        guard case .answered? = peer.hangUp() else {
            Testing.Issue.record("the session failed")
            return
        }
    }

    @Test func `has an end, however many questions an agent has`() throws {
        let peer = try Peer(in: try pushed())
        var reader = try peer.ask()
        for _ in 0..<Limits.questions {
            try peer.send(.question(.versions(Path(["no"]))))
            #expect(try all(&reader) == [.answered(.notFound)])
        }
        try peer.send(.question(.nights))
        guard case .refused(let refusal)? = try all(&reader).last else {
            Testing.Issue.record("answered")
            return
        }
        #expect(refusal.code == .protocolBroken && refusal.text.contains("more than 10000 questions"))
    }

    @Test func `takes no word of a push, and a push no question`() throws {
        for message in [AgentMessage.progress(entries: 0, bytes: 0), .complete(PushCounts()), .listing(listing([:]))] {
            let peer = try Peer(in: try root())
            var reader = try peer.ask()
            try peer.send(message)
            guard case .refused(let refusal)? = try all(&reader).last else { continue }
            #expect(refusal.code == .protocolBroken && refusal.text.contains("out of turn"), "\(message)")
        }
        let peer = try Peer(in: try root())
        var reader = try peer.greet()
        try peer.send(.question(.nights))
        guard case .refused(let refusal)? = try all(&reader).last else { return }
        #expect(refusal.text.contains("a question in a push"))
    }

    @Test func `declines what cannot be had, and goes on`() throws {
        let peer = try Peer(in: try pushed())
        var reader = try peer.ask()
        func order(_ pattern: String, _ deed: WrittenOrder.Deed) throws -> AgentMessage {
            let part = RestorePart(base: Path(), pattern: try PathPattern(Array(pattern.utf8)))
            return .order(
                WrittenOrder(RestoreOrder(night: .night(0), parts: [part], format: .tar, holdDays: nil), deed))
        }
        try peer.send(try order("no", .archive))
        guard case .declined(let refusal)? = try all(&reader).last else {
            Testing.Issue.record("not declined")
            return
        }
        #expect(refusal.reason == .notFound && refusal.description.contains("/no is not in night 0"))
        try peer.send(try order("a", .count))
        guard case .restored(let summary)? = try all(&reader).last else {
            Testing.Issue.record("not counted")
            return
        }
        #expect(summary.members == 1 && summary.bytes == UInt64(content.count))
        try peer.send(try order("a", .archive))
        let told = try all(&reader)
        let archive = told.reduce(into: [UInt8]()) { if case .archive(let bytes) = $1 { $0 += bytes } }
        #expect(archive.count % 512 == 0 && archive.prefix(2) == [UInt8(ascii: "a"), 0])
        #expect(told.contains(.held(.unwanted)))
    }

    @Test func `serves four orders of a jail at a time, and asks who comes then to come later`() throws {
        let root = try pushed()
        let backupdir = try root.backupdir("jail1")
        let part = RestorePart(base: Path(), pattern: .empty)
        let order = AgentMessage.order(
            WrittenOrder(RestoreOrder(night: .night(0), parts: [part], format: .tar, holdDays: nil), .count))
        func outcome(beside others: Int) throws -> ServerMessage? {
            try self.outcome(of: order, root, others, backupdir)
        }
        guard case .restored? = try outcome(beside: 3) else {
            Testing.Issue.record("not served")
            return
        }
        guard case .refused(let refusal)? = try outcome(beside: 4) else {
            Testing.Issue.record("not refused")
            return
        }
        #expect(refusal.code == .tryLater && refusal.text.contains("restores of this jail are under way"))
        guard case .restored? = try outcome(beside: 0) else {
            Testing.Issue.record("not served again")
            return
        }
    }

    /// What comes of an order beside so many others.
    private func outcome(
        of order: AgentMessage, _ root: DataRoot, _ others: Int, _ backupdir: Backupdir
    ) throws -> ServerMessage? {
        if others > 0 {
            var outcome: ServerMessage?
            try backupdir.ordering { outcome = try self.outcome(of: order, root, others - 1, backupdir) }
            return outcome
        }
        let peer = try Peer(in: root)
        var reader = try peer.ask()
        try peer.send(order)
        return try all(&reader).last
    }
}

extension Peer {
    /// Says who it is, and that it has questions.
    fileprivate func ask() throws -> MessageReader {
        try send(raw: Preface.bytes)
        try send(.hello(Hello(purpose: .questions, release: "test", host: [], backupdir: backupdir.path.bytes)))
        return try MessageReader(stream)
    }
}
