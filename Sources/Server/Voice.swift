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

    /// Says a piece of an archive, however long it is; it leaves at once, as it is: what can be compressed is by now.
    func give(_ archive: UnsafeRawBufferPointer) throws {
        var rest = archive
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Limits.run))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
            try state.withLock { state in
                if let full = state.builder.add(archive: piece) {
                    try send(Block.sealed(full, compressor: nil), &state)
                }
                if let block = state.builder.flush() { try send(Block.sealed(block, compressor: nil), &state) }
            }
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
