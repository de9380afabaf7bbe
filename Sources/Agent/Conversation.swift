import Model
import Platform
import Wire

/// A session in which the agent asks, and the server answers one question after the other.
///
/// Whatever the server sends is hostile: an answer that does not fit its question ends the session. What has come and is
/// not taken yet takes a few mebibytes at most. For one thread; another one listens meanwhile.
package final class Conversation {
    /// What the server has said and nobody has taken yet.
    private struct Heard {
        var messages: [ServerMessage] = []
        var weight = 0
        var failure: AskError?
        /// Nobody will take any more.
        var isOver = false
    }

    /// Bytes that may wait.
    fileprivate static let capacity = 4 << 20

    private let stream: any ByteStream
    private let patience: Int
    private let isInterrupted: @Sendable () -> Bool
    private let heard = Monitor(Heard())
    private var taken: ArraySlice<ServerMessage> = []

    /// Introduces the agent. The stream stays the caller's to close, which is what ends the thread that listens.
    ///
    /// - Parameters:
    ///   - patience: seconds for which the server may be silent while it owes an answer.
    ///   - isInterrupted: whether the program has been asked to end; asked a few times a second.
    package init(
        over stream: any ByteStream, _ hello: Hello, patience: Int = 120,
        isInterrupted: @escaping @Sendable () -> Bool = { false }
    ) throws(AskError) {
        self.stream = stream
        self.patience = patience
        self.isInterrupted = isInterrupted
        do throws(SystemError) {
            _ = try Thread.spawn("listen") { [stream, heard] in Conversation.listen(stream, heard) }
        } catch {
            throw .system(error)
        }
        try send(Preface.bytes)
        try say(.hello(hello))
    }

    deinit { heard.with { $0.isOver = true } }

    /// Says a message. A server that refused meanwhile has said why: that is thrown then.
    func say(_ message: AgentMessage) throws(AskError) {
        var builder = BlockBuilder()
        let full = builder.add(message)
        for block in [full, builder.flush()] {
            if let block { try send(Block.sealed(block, compressor: nil)) }
        }
    }

    private func send(_ bytes: [UInt8]) throws(AskError) {
        do throws(StreamError) {
            try stream.send(bytes)
        } catch {
            // What the server said before it went may still be on its way to the other thread.
            let failure = heard.wait(milliseconds: 2_000) { $0.failure }
            for case .refused(let refusal) in heard.with({ $0.messages }) { throw .refused(refusal) }
            throw failure ?? .wire(.stream(error))
        }
    }

    /// Waits for what the server says next, signs of life apart.
    func next() throws(AskError) -> ServerMessage {
        while true {
            if let message = taken.popFirst() {
                switch message {
                case .working: continue
                case .refused(let refusal): throw .refused(refusal)
                default: return message
                }
            }
            taken = try waitForMore()[...]
        }
    }

    private func waitForMore() throws(AskError) -> [ServerMessage] {
        let start = steadySeconds()
        while true {
            let found: Result<[ServerMessage], AskError>? = heard.wait(milliseconds: 200) { heard in
                guard heard.messages.isEmpty else {
                    heard.weight = 0
                    defer { heard.messages = [] }
                    return .success(heard.messages)
                }
                return heard.failure.map { .failure($0) }
            }
            if isInterrupted() { throw .interrupted }
            if let found { return try found.get() }
            let silence = Int(steadySeconds() - start)
            if silence >= patience { throw .silent(seconds: silence) }
        }
    }

    // MARK: What the listening thread does

    private static func listen(_ stream: any ByteStream, _ heard: Monitor<Heard>) {
        do throws(WireError) {
            var reader = try MessageReader(stream)
            while let message = try reader.nextFromServer() {
                let weight = message.weight
                let isTaken = heard.wait { heard -> Bool? in
                    if heard.isOver { return false }
                    guard heard.weight == 0 || heard.weight + weight <= capacity else { return nil }
                    heard.messages.append(message)
                    heard.weight += weight
                    return true
                }
                guard isTaken else { return }
            }
            heard.with { $0.failure = .cut }
        } catch {
            heard.with { $0.failure = .wire(error) }
        }
    }
}

extension Path {
    /// Bytes of memory, rather too many.
    var weight: Int { names.reduce(256) { $0 + $1.bytes.count + 64 } }
}

extension ServerMessage {
    /// Bytes of memory, rather too many.
    fileprivate var weight: Int {
        switch self {
        case .archive(let bytes): bytes.count + 256
        // Names take more than their bytes.
        case .finding(let finding): 32 * min(finding.weight, Conversation.capacity)
        case .member(let member): member.weight
        case .leftOut(let path): path.weight
        case .damaged(let damage): damage.path.weight + 4 * damage.reason.utf8.count + 1_024
        default: 4_096
        }
    }
}
