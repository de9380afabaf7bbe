import Model
import Platform
import Synchronization
import Wire

/// The blocks on their way to the server, in the order in which they were handed over. One thread sends them.
final class SendQueue: Sendable {
    /// Bytes that may wait.
    static let capacity = 4 << 20
    /// Bytes that wait before it may pay to compress: two blocks.
    static let backlog = 2 * Limits.run

    private let blocks = BoundedQueue<[UInt8]>(capacity: capacity)
    private let stream: any ByteStream
    let sent = Atomic<UInt64>(0)

    init(_ stream: any ByteStream) { self.stream = stream }

    /// Whether it pays to compress: blocks pile up, and the wire is why.
    var isCongested: Bool { blocks.weight >= SendQueue.backlog && stream.isCongested }
    var isEmpty: Bool { blocks.weight == 0 }

    /// Waits for room; false once the push has failed.
    func push(_ block: [UInt8]) -> Bool { blocks.push(block, weight: block.count) }

    /// Sends all that is pushed, until `close`. The body of the sending thread.
    func run(_ moved: () -> Void) throws(StreamError) {
        while let block = blocks.pop() {
            try stream.send(block)
            moved()
            sent.add(UInt64(block.count), ordering: .relaxed)
        }
    }

    func close() { blocks.close() }
    func fail() { blocks.fail() }

    /// Drops what waits, and sends this as the last.
    func fail(leaving last: [UInt8]) { blocks.fail(leaving: last) }
}

/// The messages of one thread, gathered into blocks. A block never waits while its thread has nothing to do: whoever is
/// about to wait flushes first.
struct Outgoing: ~Copyable {
    private var builder = BlockBuilder()
    private let queue: SendQueue
    private let compressor = Compressor(level: 1)
    /// Cleared while what is sent does not shrink.
    var maySqueeze = true

    private let activity: Activity?

    /// - Parameter activity: of the thread; waiting for the wire is no stall.
    init(_ queue: SendQueue, _ activity: Activity? = nil) {
        self.queue = queue
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
        guard queue.push(block) else { throw PushEnded() }
    }
}

/// The push has failed in another thread, which has said why; this one only has to stop.
struct PushEnded: Error {}
