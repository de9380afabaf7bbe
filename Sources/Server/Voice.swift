import Model
import Synchronization
import Wire

/// The server's half of a conversation: messages gather into blocks, which leave when they are full or `flush` is called.
///
/// Any thread may speak; messages leave in the order in which they were said. Once the agent takes nothing any more,
/// whatever is said fails at once.
final class Voice: Sendable {
    private struct State: ~Copyable {
        var builder = BlockBuilder()
        let compressor = Compressor(level: 1)
        var sent: UInt64 = 0
        /// What a block that left in part was stopped by; no other may follow it.
        var failure: WireError?
    }

    private let stream: any ByteStream
    private let state = Mutex(State())

    init(_ stream: any ByteStream) { self.stream = stream }

    /// Bytes that have left.
    var sent: UInt64 { state.withLock { $0.sent } }

    /// The first bytes of all.
    func introduce() throws {
        try state.withLock { state in try send(Preface.bytes, &state) }
    }

    func say(_ message: ServerMessage) throws {
        try state.withLock { state in
            guard let full = state.builder.add(message) else { return }
            try send(Block.sealed(full, compressor: state.compressor), &state)
        }
    }

    func flush() throws {
        try state.withLock { state in
            guard let rest = state.builder.flush() else { return }
            try send(Block.sealed(rest, compressor: state.compressor), &state)
        }
    }

    /// The agent may be gone, which is then the reason for all this.
    func sayLast(_ refusal: Refusal) {
        try? say(.refused(refusal))
        try? flush()
    }

    private func send(_ bytes: [UInt8], _ state: inout State) throws(WireError) {
        if let failure = state.failure { throw failure }
        do {
            try stream.send(bytes)
        } catch {
            state.failure = .stream(error)
            throw .stream(error)
        }
        state.sent += UInt64(bytes.count)
    }
}
