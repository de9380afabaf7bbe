import Model
import Platform
import Wire

/// The messages of one thread, gathered into blocks. A block never waits while its thread has nothing to do: whoever is
/// about to wait flushes first.
struct Outgoing: ~Copyable {
    private var builder = BlockBuilder()
    private let queue: SendQueue
    private let line: SendQueue.Line
    private let compressor = Compressor(level: 1)
    /// Cleared while what is sent does not shrink.
    var maySqueeze = true

    private let activity: Activity?

    /// - Parameters:
    ///   - line: content may leave in any order, all else may not.
    ///   - activity: of the thread; waiting for the wire is no stall.
    init(_ queue: SendQueue, _ line: SendQueue.Line = .control, _ activity: Activity? = nil) {
        self.queue = queue
        self.line = line
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

    private mutating func send(_ messages: [UInt8]) throws(PushEnded) {
        let squeeze = maySqueeze && queue.isCongested
        let block = Block.sealed(messages, compressor: squeeze ? compressor : nil)
        // Eight bytes of head come with every block.
        if squeeze, block.count >= messages.count { maySqueeze = false }
        let waiting = activity?.pause()
        defer { if let waiting { activity?.resume(waiting) } }
        guard queue.push(block, line) else { throw PushEnded() }
    }
}

/// The push has failed in another thread, which has said why; this one only has to stop.
struct PushEnded: Error {}
