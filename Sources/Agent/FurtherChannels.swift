import Model
import Platform
import Synchronization
import Wire

/// The further channels of a push: opened as `ChannelRule` has it, each with a thread that sends content on it. A failure
/// to open one is none of the push; the failure of one that carried content is.
final class FurtherChannels: Sendable {
    private struct State {
        var streams: [any ByteStream] = []
        var opening = 0
        var isRefused = false
        var hasEnded = false
    }

    private let line: Line
    private let token: ChannelToken
    private let open: @Sendable () throws -> any ByteStream
    private let state = Monitor(State())

    init(_ line: Line, _ token: ChannelToken, _ open: @escaping @Sendable () throws -> any ByteStream) {
        self.line = line
        self.token = token
        self.open = open
    }

    /// Looks again and again whether one more would pay. The body of a thread, until `end`.
    func watch() {
        var rule = ChannelRule()
        while state.wait(milliseconds: 50, until: { $0.hasEnded ? true : nil }) == nil, !rule.isOver {
            let (streams, isOpening, isRefused) = state.with { ($0.streams, $0.opening > 0, $0.isRefused) }
            if isRefused { rule.refused() }
            if isOpening { continue }
            let count = rule.further(
                ChannelRule.Sample(
                    time: steadySeconds(), sent: line.queue.sent.load(ordering: .relaxed),
                    heldBack: ([line.stream] + streams).map { Double($0.microsecondsHeldBack) / 1_000_000 },
                    isWaiting: line.queue.hasContent))
            for _ in 0..<count { start() }
        }
    }

    /// No more are opened. Those that there are stay open as long as the connection: their end would be the push's.
    /// - Returns: how many there were.
    func end() -> Int {
        state.with { state in
            state.hasEnded = true
            return state.streams.count
        }
    }

    private func start() {
        state.with { $0.opening += 1 }
        do throws(SystemError) {
            _ = try Thread.spawn("channel") { [self] in serve() }
        } catch {
            refuse("\(error)")
        }
    }

    private func refuse(_ reason: String) {
        let isNews = state.with { state in
            state.opening -= 1
            defer { state.isRefused = true }
            return !state.isRefused && !state.hasEnded
        }
        if isNews { line.settings.onFurtherRefused(reason) }
    }

    private func serve() {
        let stream: any ByteStream
        do {
            stream = try joined()
        } catch {
            return refuse("\(error)")
        }
        state.with { state in
            state.opening -= 1
            state.streams.append(stream)
        }
        do throws(StreamError) {
            try line.queue.runFurther(stream) { line.moved() }
        } catch {
            line.failed(error)
        }
    }

    /// Opens a channel, and waits until the push at the server has taken it in.
    private func joined() throws -> any ByteStream {
        let stream = try open()
        do {
            var hello = line.settings.hello
            (hello.purpose, hello.token) = (.channel, token)
            var builder = BlockBuilder()
            _ = builder.add(.hello(hello))
            try stream.send(Preface.bytes + Block.sealed(builder.flush() ?? [], compressor: nil))
            var reader = try MessageReader(stream)
            while let message = try reader.nextFromServer() {
                if case .joined = message { return stream }
                if case .refused(let refusal) = message { throw PushError.refused(refusal) }
            }
            throw PushError.cut
        } catch {
            stream.close()
            throw error
        }
    }
}
