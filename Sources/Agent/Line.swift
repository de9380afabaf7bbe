import Model
import Platform
import Synchronization
import Wire

/// The agent's end of the connection: a thread that sends, a thread that listens, and the first failure of any.
final class Line: Sendable {
    /// What the server has said so far.
    private struct Heard {
        var welcome: Welcome?
        var index = ServerIndex()
        var isIndexWhole = false
        var committed: (generation: Generation, counts: PushCounts)?
        var failure: PushError?
        /// Whether the server has said its last.
        var hasEnded = false
    }

    let settings: PushSettings
    let queue: SendQueue
    let ledger = Ledger()
    let tally = Tally()
    let issues: IssueLog
    let throttle: Throttle
    let stream: any ByteStream
    private let heard = Monitor(Heard())
    private let stack = Mutex<WalkStack?>(nil)
    private let received = Atomic<UInt64>(0)
    private let isCompleted = Atomic<Bool>(false)
    private let lastMove = Atomic<Int64>(0)

    init(_ stream: any ByteStream, _ settings: PushSettings, _ issues: [Issue]) {
        self.stream = stream
        self.settings = settings
        self.issues = IssueLog(issues)
        queue = SendQueue(stream, settings.compression)
        throttle = Throttle(rate: settings.readRate)
    }

    // MARK: What the main thread does

    /// Starts both threads, and introduces the agent.
    func open() throws(PushError) -> [Thread] {
        let threads = [
            try start("send") { (line) throws(PushError) in try line.send() },
            try start("listen") { (line) throws(PushError) in try line.listen() },
        ]
        var builder = BlockBuilder()
        _ = builder.add(.hello(settings.hello))
        _ = queue.push(Preface.bytes, .control)
        if let hello = builder.flush() { _ = queue.push(Block.sealed(hello, compressor: nil), .control) }
        return threads
    }

    /// Lets content go on further channels as well, where the server takes them and there is a way to open them.
    /// - Returns: nil where not.
    func openFurtherChannels(_ token: ChannelToken?) throws(PushError) -> FurtherChannels? {
        guard let token, let streams = settings.further else { return nil }
        let further = FurtherChannels(self, token, streams)
        _ = try start("channels") { _ in further.watch() }
        return further
    }

    func welcome() throws(PushError) -> Welcome { try wait { $0.welcome } }

    /// All of the index.
    func index() throws(PushError) -> ServerIndex { try wait { $0.isIndexWhole ? $0.index : nil } }

    /// To be called before `complete` is sent. What is said to be committed before that is a lie; from then on the server
    /// may commit, whatever becomes of this side.
    func willComplete() { isCompleted.store(true, ordering: .releasing) }

    /// The only success there is.
    func committed() throws(PushError) -> (generation: Generation, counts: PushCounts) { try wait { $0.committed } }

    /// Starts a thread whose failure is the push's.
    func start(_ name: String, _ body: @escaping @Sendable (Line) throws(PushError) -> Void) throws(PushError) -> Thread
    {
        do throws(SystemError) {
            return try Thread.spawn(name) { [self] in
                do throws(PushError) {
                    try body(self)
                } catch {
                    fail(error)
                }
            }
        } catch {
            throw .system(error)
        }
    }

    /// The first failure counts; everyone who waits anywhere is let go. A server that could not know why is told, and
    /// given a moment to take that in.
    func fail(_ cause: PushError) {
        let error = mayBeCommitted(despite: cause) ? PushError.duringCommit(cause) : cause
        let isNews = heard.with { heard in
            defer { heard.failure = heard.failure ?? error }
            return heard.failure == nil && heard.welcome != nil && error.isOwn
        }
        ledger.fail()
        throttle.fail()
        stack.withLock { $0?.fail() }
        if isNews { abort(error) }
        queue.fail()
        stream.close()
    }

    private func abort(_ error: PushError) {
        var builder = BlockBuilder()
        _ = builder.add(.abort(error.description))
        guard let last = builder.flush() else { return }
        queue.fail(leaving: Block.sealed(last, compressor: nil))
        _ = heard.wait(milliseconds: 2_000) { $0.hasEnded ? true : nil }
    }

    func attach(_ stack: WalkStack) {
        self.stack.withLock { $0 = stack }
        if failure != nil { stack.fail() }
    }

    var failure: PushError? { heard.with { $0.failure } }
    var bytesReceived: UInt64 { received.load(ordering: .relaxed) }

    /// Seconds since a byte was sent or a message came.
    var secondsStill: Int { Int(Int64(steadySeconds()) - lastMove.load(ordering: .relaxed)) }

    private func wait<Answer>(_ body: @escaping (Heard) -> Answer?) throws(PushError) -> Answer {
        moved()
        while true {
            let found: Result<Answer, PushError>? = heard.wait(milliseconds: 200) { heard in
                if let answer = body(heard) { return .success(answer) }
                return heard.failure.map { .failure($0) }
            }
            if let found { return try found.get() }
            try checkTheServer()
        }
    }

    /// - Throws: where the server owes an answer and has been silent for too long, or the program shall end.
    func checkTheServer() throws(PushError) {
        if settings.isInterrupted() { throw .interrupted }
        if secondsStill > settings.patience { throw .silent(seconds: secondsStill) }
    }

    /// Whether the server has all, and said nothing of what became of it.
    private func mayBeCommitted(despite error: PushError) -> Bool {
        guard settings.hello.purpose == .push, isCompleted.load(ordering: .acquiring) else { return false }
        return switch error {
        case .wire, .cut, .silent, .interrupted: true
        case .refused, .stalled, .noEntry, .system, .duringCommit: false
        }
    }

    func moved() { lastMove.store(Int64(steadySeconds()), ordering: .relaxed) }

    // MARK: What the two threads do

    private func send() throws(PushError) {
        do throws(StreamError) {
            try queue.run { moved() }
        } catch {
            throw explained(error)
        }
    }

    /// A further channel takes nothing any more.
    func failed(_ error: StreamError) { fail(explained(error)) }

    /// A server that refuses says why and goes; what it said may still be on its way to the other thread.
    private func explained(_ error: StreamError) -> PushError {
        _ = heard.wait(milliseconds: 2_000) { $0.failure }
        return .wire(.stream(error))
    }

    /// Takes what the server says, and never waits for anything else.
    private func listen() throws(PushError) {
        defer { heard.with { $0.hasEnded = true } }
        do throws(WireError) {
            var reader = try MessageReader(stream)
            while let message = try reader.nextFromServer() {
                received.store(reader.received, ordering: .relaxed)
                moved()
                if case .refused(let refusal) = message { return fail(.refused(refusal)) }
                try take(message)
                if case .committed = message { return }
            }
        } catch {
            throw .wire(error)
        }
        throw .cut
    }

    private func take(_ message: ServerMessage) throws(WireError) {
        let (isWelcome, isIndexed) = heard.with { ($0.welcome != nil, $0.isIndexWhole) }
        switch message {
        case .welcome(let welcome) where !isWelcome: heard.with { $0.welcome = welcome }
        case .index(let entries, let isLast) where isWelcome && !isIndexed:
            try heard.with { heard throws(WireError) in
                for entry in entries { try heard.index.insert(entry) }
                heard.isIndexWhole = isLast
            }
        case .requests(let requests) where isIndexed:
            switch settings.hello.purpose {
            case .dryRun: for line in try ledger.rehearse(requests) { settings.onRehearsed(line) }
            case .push, .check, .questions, .channel: try ledger.take(requests)
            }
        case .signatures(let part) where settings.hello.purpose == .push: try ledger.take(part)
        case .verdict(let place, let verdict) where settings.hello.purpose == .push:
            try ledger.take(verdict, on: place)
        case .gone(let departed) where isIndexed && settings.hello.purpose == .dryRun:
            settings.onRehearsed(try ledger.rehearse(departed))
        case .working: break
        case .issue(let issue) where isIndexed: issues.add(issue, isHeard: true)
        case .committed(let generation, let counts) where isIndexed && isCompleted.load(ordering: .acquiring):
            let awaited = settings.hello.purpose == .push ? heard.with { $0.welcome?.generation } : nil
            guard awaited ?? generation == generation else {
                throw .malformed("generation \(generation.rawValue) was committed, which nobody filled")
            }
            heard.with { $0.committed = (generation, counts) }
        default: throw .malformed("a message out of turn")
        }
    }
}
