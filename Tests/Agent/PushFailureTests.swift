import Agent
import Glibc
import Model
import Platform
import Streams
import Support
import Synchronization
import Testing
import Wire

@Suite(.temporaryDirectory)
struct PushFailureTests {
    let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory.current }

    /// A push against a server that says these messages, whatever it hears, and goes.
    private func push(toldOnly messages: [ServerMessage], preface: [UInt8] = Preface.bytes) throws -> PushReport {
        var pair = try DescriptorPair.sockets()
        let near = try DescriptorStream(socket: pair.takeFirst())
        let far = try DescriptorStream(socket: pair.takeSecond())
        var builder = BlockBuilder()
        for message in messages { _ = builder.add(message) }
        let block = builder.flush().map { Block.sealed($0, compressor: nil) } ?? []
        let thread = try Thread.spawn("peer") {
            try? far.send(preface + block)
            // The agent's first words are taken, as a real server would.
            _ = try? far.receive(atMost: 10)
            usleep(50_000)
            far.close()
        }
        let settings = PushSettings(
            hello: Hello(purpose: .push, release: "1", host: [], backupdir: []), clock: clock(ahead: 10))
        let report = Push.run(try EntryOpening([entry(place.path)]), over: near, settings)
        thread.join()
        return report
    }

    private let welcome = ServerMessage.welcome(
        Welcome(
            release: "1", generation: Generation(1), nextDirectory: DirectoryNumber(2), seed: 1, room: 0,
            continues: false))

    @Test func `a refusal is the outcome, with what the server said`() throws {
        let refusal = Refusal(code: .tryLater, text: "another push is under way")
        let report = try push(toldOnly: [.refused(refusal)])
        #expect(report.outcome == .failed(.refused(refusal)))
    }

    @Test func `the end of the stream is no success`() throws {
        let report = try push(toldOnly: [welcome, .index([], isLast: true)])
        #expect(report.outcome == .failed(.cut))
        #expect(report.generation == Generation(1))
    }

    @Test func `of a server that goes while it commits nobody knows whether it did`() throws {
        let peer = Peer(dropsAtCommit: true)
        var pair = try DescriptorPair.sockets()
        let near = try DescriptorStream(socket: pair.takeFirst())
        let far = try DescriptorStream(socket: pair.takeSecond())
        let thread = try Thread.spawn("peer") {
            _ = peer.serve(far)
            far.close()
        }
        let settings = PushSettings(
            hello: Hello(purpose: .push, release: "1", host: [], backupdir: []), clock: clock(ahead: 10))
        let report = Push.run(try EntryOpening([entry(place.path)]), over: near, settings)
        thread.join()
        #expect(report.outcome == .failed(.duringCommit(.cut)))
    }

    @Test func `what is said to be committed before all was said is no success`() throws {
        let early = try push(toldOnly: [welcome, .index([], isLast: true), .committed(Generation(1), PushCounts())])
        #expect(early.outcome == .failed(.wire(.malformed("a message out of turn"))))
    }

    @Test func `requests to what was never listed end the push`() throws {
        let requests = Requests(directory: DirectoryNumber(99), items: [.init(ordinal: 1, want: .content)])
        let report = try push(toldOnly: [welcome, .index([], isLast: true), .requests(requests)])
        guard case .failed(.wire(.malformed)) = report.outcome else {
            Testing.Issue.record("\(report.outcome)")
            return
        }
    }

    @Test func `an index that names a directory twice ends the push`() throws {
        let entry = IndexEntry(number: .root, parent: .aboveRoot, name: nil, digest: nil)
        let report = try push(toldOnly: [welcome, .index([entry, entry], isLast: true)])
        #expect(report.outcome == .failed(.wire(.malformed("directory 1 stands in the index twice"))))
    }

    @Test func `a greeting in place of a server is quoted`() throws {
        let report = try push(toldOnly: [], preface: Array("Welcome to backup1!\n".utf8))
        #expect(report.outcome == .failed(.wire(.stranger(quote: "Welcome to backup1!\\n"))))
    }

    @Test func `trouble that only the server sees is in the report and its counts`() throws {
        let trouble = Issue(path: Array("/a".utf8), reason: .unreadable, detail: "another name of it was lost")
        let refusal = Refusal(code: .tryLater, text: "enough")
        let report = try push(toldOnly: [welcome, .index([], isLast: true), .issue(trouble), .refused(refusal)])
        #expect(report.issues.contains(trouble))
        #expect(report.counts.leftOut == 1)
    }

    @Test func `a check asks, hears whether a push would be let in, and hangs up`() throws {
        let peer = Peer()
        var pair = try DescriptorPair.sockets()
        let near = try DescriptorStream(socket: pair.takeFirst())
        let far = try DescriptorStream(socket: pair.takeSecond())
        let purpose = Mutex<Hello.Purpose?>(nil)
        let thread = try Thread.spawn("peer") {
            let brought = peer.serve(far)
            purpose.withLock { $0 = brought.hello?.purpose }
        }
        let settings = PushSettings(
            hello: Hello(purpose: .push, release: "1", host: [], backupdir: []), clock: clock(ahead: 10))
        #expect(try Push.check(over: near, settings).generation == Generation(1))
        thread.join()
        #expect(purpose.withLock { $0 } == .check)
    }

    @Test func `the server is told why the agent gives up`() throws {
        let interrupted = Atomic<Bool>(false)
        let peer = Peer(onListing: { _ in
            // While the server takes its time, so that the push cannot be over before it looks.
            if !interrupted.exchange(true, ordering: .relaxed) { usleep(600_000) }
        })
        var pair = try DescriptorPair.sockets()
        let near = try DescriptorStream(socket: pair.takeFirst())
        let far = try DescriptorStream(socket: pair.takeSecond())
        let told = Mutex<String?>(nil)
        let thread = try Thread.spawn("peer") {
            let brought = peer.serve(far)
            far.close()
            told.withLock { $0 = brought.abortion }
        }
        try place.write("a", "a")
        var settings = PushSettings(
            hello: Hello(purpose: .push, release: "1", host: [], backupdir: []), clock: clock(ahead: 10))
        settings.isInterrupted = { interrupted.load(ordering: .relaxed) }
        let report = Push.run(try EntryOpening([entry(place.path)]), over: near, settings)
        thread.join()
        #expect(report.outcome == .failed(.interrupted))
        #expect(told.withLock { $0 } == PushError.interrupted.description)
    }
}
