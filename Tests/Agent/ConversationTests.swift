import Agent
import Model
import Platform
import Streams
import Testing
import Wire

/// An agent that asks a server which says what it likes.
@Suite struct `Talking with a hostile server` {
    /// Asks over a socket; the server hears hello and the question, says these, and closes.
    private func ask<Answer>(
        _ script: @escaping @Sendable (DescriptorStream) throws -> Void, patience: Int = 20,
        _ body: (Conversation) throws -> Answer
    ) throws -> Answer {
        var pair = try DescriptorPair.sockets()
        let near = try DescriptorStream(socket: pair.takeFirst())
        let far = try DescriptorStream(socket: pair.takeSecond(), patience: 20)
        let server = try Thread.spawn("server") {
            if var reader = try? MessageReader(far) { for _ in 0..<2 { _ = try? reader.nextFromAgent() } }
            try? script(far)
            far.close()
        }
        defer {
            near.close()
            server.join()
        }
        let hello = Hello(purpose: .questions, release: "test", host: [], backupdir: Array("/data/jail1".utf8))
        let conversation = try Conversation(over: near, hello, patience: patience)
        return try body(conversation)
    }

    private static func send(_ messages: [ServerMessage], to stream: DescriptorStream) throws {
        var builder = BlockBuilder()
        for message in messages {
            if let full = builder.add(message) { try stream.send(Block.sealed(full, compressor: nil)) }
        }
        if let rest = builder.flush() { try stream.send(Block.sealed(rest, compressor: nil)) }
    }

    private func saying(_ messages: ServerMessage...) -> @Sendable (DescriptorStream) throws -> Void {
        { stream in
            try stream.send(Preface.bytes)
            try Self.send(messages, to: stream)
        }
    }

    private static let path = Finding.path(FoundPath(path: Path(["a"]), nights: [0], holds: []))
    private static let order = RestoreOrder(night: .night(0), parts: [RestorePart(base: Path(), pattern: .empty)])

    private func trouble(_ body: () throws -> Void) throws -> AskError? {
        do {
            try body()
            return nil
        } catch let error as AskError {
            return error
        }
    }

    @Test func `lines are given on in their order, and signs of life are none`() throws {
        var found: [Finding] = []
        let script = saying(
            .working(.receiving, done: 0, total: 0), .finding(Self.path), .finding(Self.path), .answered(.answered))
        let outcome = try ask(script) { talk in
            try talk.ask(.find(try FindPattern(Array("a".utf8)), nil)) { found.append($0) }
        }
        #expect(outcome == .answered && found == [Self.path, Self.path])
    }

    @Test func `an answer that does not fit its question ends the session`() throws {
        let answers: [ServerMessage] = [
            .finding(Self.path), .archive([1]),
            .restored(RestoreSummary(generation: Generation(1), pushed: Timestamp(seconds: 0))),
            .committed(Generation(1), PushCounts()), .index([], isLast: true), .declined(RestoreRefusal(.words, "")),
        ]
        for answer in answers {
            let error = try trouble { try ask(saying(answer)) { _ = try $0.ask(.nights) { _ in } } }
            #expect(error == .wire(.malformed("a message out of turn")), "\(answer)")
        }
        for (deed, answer) in [
            (.count, .archive([1])), (.list, .archive([1])), (.count, .held(.unwanted)),
            (.archive, .answered(.answered)),
            (.archive, .finding(Self.path)),
            (.count, .member(ListedMember(path: [], metadata: Self.metadata, hasList: false, target: nil))),
        ] as [(WrittenOrder.Deed, ServerMessage)] {
            let error = try trouble { try ask(saying(answer)) { _ = try $0.order(Self.order, deed) } }
            #expect(error == .wire(.malformed("a message out of turn")), "\(deed) \(answer)")
        }
    }

    private static let metadata = Metadata(
        kind: .fifo, mode: 0, owner: 0, group: 0, modified: Timestamp(seconds: 0))

    @Test func `an end in the middle is none, and a refusal is told`() throws {
        let cut = try trouble { try ask(saying(.finding(Self.path))) { _ = try $0.ask(Self.search) { _ in } } }
        #expect(cut == .cut)
        let refusal = Refusal(code: .tryLater, text: "busy")
        let told = try trouble { try ask(saying(.refused(refusal))) { _ = try $0.ask(.nights) { _ in } } }
        #expect(told == .refused(refusal))
        let silent = try trouble {
            try ask({ stream in _ = try? stream.receive(atMost: 1) }, patience: 1) { talk in
                _ = try talk.ask(.nights) { _ in }
            }
        }
        #expect(silent == .silent(seconds: 1))
    }

    private static var search: Query { (try? FindPattern(Array("a".utf8))).map { .find($0, nil) } ?? .nights }

    @Test func `an archive without end ends with whoever takes it, and little of it is in memory`() throws {
        struct Enough: Error {}
        let sent = Monitor(0)
        let script: @Sendable (DescriptorStream) throws -> Void = { stream in
            try stream.send(Preface.bytes)
            while true {
                try Self.send([.archive([UInt8](repeating: 0, count: Limits.run))], to: stream)
                sent.with { $0 += Limits.run }
            }
        }
        var taken = 0
        #expect(throws: Enough.self) {
            try ask(script) { talk in
                _ = try talk.order(
                    Self.order, .archive,
                    onArchive: { bytes in
                        taken += bytes.count
                        if taken > 1 << 20 {
                            // Whatever is sent meanwhile waits at the server.
                            pause(seconds: 0.5)
                            throw Enough()
                        }
                    })
            }
        }
        #expect(taken < 2 << 20 && sent.with { $0 } < 16 << 20)
    }

    @Test func `damage that was named is damage, whatever the counts say`() throws {
        let damage = RestoreSummary.Damage(path: Path(["a"]), reason: "other content", goodNights: [])
        var summary = RestoreSummary(generation: Generation(1), pushed: Timestamp(seconds: 1))
        summary.members = 7
        let delivered = try ask(saying(.damaged(damage), .leftOut(Path(["s"])), .restored(summary))) {
            try $0.order(Self.order, .archive)
        }
        #expect(!delivered.summary.isSound && delivered.summary.damaged == [damage])
        #expect(delivered.summary.leftOut == [Path(["s"])] && delivered.summary.members == 7)
        let many = (0...RestoreSummary.mostNamed).map { _ in ServerMessage.leftOut(Path(["s"])) }
        let script: @Sendable (DescriptorStream) throws -> Void = { stream in
            try stream.send(Preface.bytes)
            try Self.send(many, to: stream)
        }
        let error = try trouble { try ask(script) { _ = try $0.order(Self.order, .count) } }
        #expect(error == .wire(.malformed("a message out of turn")))
    }

    @Test func `long paths without end are counted, and no longer named`() throws {
        let long = Path([Name](repeating: "n", count: Limits.text / 2))
        let damage = RestoreSummary.Damage(path: long, reason: "other content", goodNights: [])
        let half = RestoreSummary.mostNamed / 2
        let summary = RestoreSummary(generation: Generation(1), pushed: Timestamp(seconds: 1))
        let delivered = try ask({ stream in
            try stream.send(Preface.bytes)
            for _ in 0..<half { try Self.send([.leftOut(long), .damaged(damage)], to: stream) }
            try Self.send([.restored(summary)], to: stream)
        }) { try $0.order(Self.order, .archive).summary }
        #expect(delivered.leftOutCount == half && delivered.damagedCount == half && !delivered.isSound)
        // A name takes far more memory than its byte.
        #expect((1..<16).contains(delivered.leftOut.count + delivered.damaged.count))
    }
}
