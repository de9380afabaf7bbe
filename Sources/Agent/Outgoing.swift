import Model
import Platform
import Wire

/// The messages of one thread, gathered into blocks. A block never waits while its thread has nothing to do: whoever is
/// about to wait flushes first.
struct Outgoing: ~Copyable {
    private var builder = BlockBuilder()
    private let queue: SendQueue
    private let kind: SendQueue.Kind
    private let compressor = Compressor()
    /// Bytes that go as they are before it is tried again to compress them.
    private var plain = 0
    /// Whether the block at hand may hold something of what came before it.
    private var isMixed = false

    /// How much follows a block that did not shrink before the next is tried: what stands next to it is of the same kind.
    private static let untried = 16 << 20
    /// Bytes of a block that is long enough to tell.
    private static let telling = 16 << 10

    private let activity: Activity?

    /// - Parameters:
    ///   - kind: content may leave in any order, all else may not.
    ///   - activity: of the thread; waiting for the wire is no stall.
    init(_ queue: SendQueue, _ kind: SendQueue.Kind = .control, _ activity: Activity? = nil) {
        self.queue = queue
        self.kind = kind
        self.activity = activity
    }

    /// - Throws: when the push has failed elsewhere.
    mutating func add(_ message: AgentMessage) throws(PushEnded) {
        if let full = builder.add(message) { try send(full) }
    }

    /// A run of content, out of the caller's buffer.
    mutating func add(
        runOf place: Inquiry, _ runs: RunCount, at offset: UInt64, _ bytes: UnsafeRawBufferPointer
    ) throws(PushEnded) {
        if let full = builder.add(runOf: place, runs, at: offset, bytes) { try send(full) }
    }

    /// An answer with content, out of the caller's buffer.
    mutating func add(
        _ answer: Answer, _ digest: ContentDigest, at offset: UInt64, _ rest: UnsafeRawBufferPointer
    ) throws(PushEnded) {
        if let full = builder.add(answer, digest, at: offset, rest) { try send(full) }
    }

    mutating func flush() throws(PushEnded) {
        if let rest = builder.flush() { try send(rest) }
    }

    /// What comes now is another file's, and may shrink though the last did not.
    mutating func contentBegins() { (plain, isMixed) = (0, true) }

    private mutating func send(_ messages: [UInt8]) throws(PushEnded) {
        let block = sealed(messages)
        let waiting = activity?.pause()
        defer { if let waiting { activity?.resume(waiting) } }
        guard queue.push(block, kind) else { throw PushEnded() }
    }

    private mutating func sealed(_ messages: [UInt8]) -> [UInt8] {
        defer { isMixed = false }
        guard plain == 0, let compressor, let level = queue.level else {
            plain = max(0, plain - messages.count)
            return Block.sealed(messages, compressor: nil)
        }
        compressor.level = level
        let block = Block.sealed(messages, compressor: compressor)
        // Eight bytes of head come with every block.
        if block.count < messages.count {
            queue.willPush(compressedAt: level)
        } else if messages.count >= Outgoing.telling, !isMixed {
            plain = Outgoing.untried
        }
        return block
    }
}

/// The push has failed in another thread, which has said why; this one only has to stop.
struct PushEnded: Error {}
