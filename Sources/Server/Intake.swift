import Model
import Platform
import Synchronization
import Wire

/// What all channels of a push bring, in one queue for the one thread that takes it in. Each channel is read, unpacked and
/// decoded by a thread of its own, which waits while too much is in the queue.
///
/// The first channel says all; a further one brings content and answers only, and says nothing else.
final class Intake: Sendable {
    private enum Arrival: Sendable {
        case messages([AgentMessage])
        /// The stream ended, which says nothing of success.
        case ended
        case failed(WireError)
    }

    /// Bytes of memory in the queue, roughly.
    private static let capacity = 8 << 20
    /// Messages that are handed over together, at most.
    private static let batch = 64

    private let queue = BoundedQueue<Arrival>(capacity: capacity)
    private let bytes = Atomic<UInt64>(0)
    private let further = Atomic<Int>(0)
    /// On its way to the thread that reads it.
    private let first = Mutex<MessageReader?>(nil)

    /// Bytes that the wire has brought so far.
    var received: UInt64 { bytes.load(ordering: .relaxed) }
    /// Whether nothing waits to be taken.
    var isEmpty: Bool { queue.weight == 0 }
    /// How many channels bring messages, or have.
    var channels: Int { 1 + further.load(ordering: .relaxed) }
    /// Whether more than one does.
    var hasFurther: Bool { channels > 1 }

    /// Reads the first channel, on from where its hello ended, until the agent has said its last.
    func readFirst(_ reader: consuming MessageReader) throws(SystemError) {
        var held: MessageReader? = reader
        first.withLock { $0 = held.take() }
        _ = try Thread.spawn("first channel") { [self] in
            guard var reader = first.withLock({ $0.take() }) else { return }
            read(&reader) { _ in true }
        }
    }

    /// Reads a further channel until it ends.
    func readFurther(_ stream: any ByteStream) throws(SystemError) {
        _ = try Thread.spawn("channel") { [self] in
            var reader = MessageReader(continuing: stream)
            read(&reader, \.isOfContent)
        }
        further.add(1, ordering: .relaxed)
    }

    /// The next messages of any channel.
    /// - Parameter milliseconds: to wait at most; nil for as long as the streams do.
    /// - Throws: what is amiss with a channel, once all is taken that came before; `.cut` where one has ended, or where
    ///   nothing came in time.
    func next(within milliseconds: Int?) throws(WireError) -> [AgentMessage] {
        switch milliseconds.map({ queue.pop(within: $0) }) ?? queue.pop() {
        case .messages(let messages): return messages
        case .failed(let error): throw error
        case .ended, nil: throw .cut
        }
    }

    /// Nothing more is taken; the threads end when their streams are closed.
    func end() { queue.fail() }

    private func read(_ reader: inout MessageReader, _ allows: (AgentMessage) -> Bool) {
        var seen = reader.received
        bytes.add(seen, ordering: .relaxed)
        do throws(WireError) {
            while var message = try reader.nextFromAgent() {
                var messages: [AgentMessage] = []
                var weight = 0
                while true {
                    guard allows(message) else { throw .malformed("a further channel brings more than content") }
                    messages.append(message)
                    weight += message.weight
                    // Nobody reads on after that.
                    if message.isLast { break }
                    guard reader.hasMore, messages.count < Intake.batch, let next = try reader.nextFromAgent() else {
                        break
                    }
                    message = next
                }
                bytes.add(reader.received - seen, ordering: .relaxed)
                seen = reader.received
                guard queue.push(.messages(messages), weight: weight) else { return }
                if messages.last?.isLast == true { return }
            }
            _ = queue.push(.ended, weight: 0)
        } catch {
            _ = queue.push(.failed(error), weight: 0)
        }
    }
}

extension AgentMessage {
    /// Whether it may come on a further channel.
    fileprivate var isOfContent: Bool {
        switch self {
        case .run, .copied, .answer, .unavailable: true
        default: false
        }
    }

    fileprivate var isLast: Bool {
        switch self {
        case .complete, .abort: true
        default: false
        }
    }

    /// Bytes of memory, roughly.
    fileprivate var weight: Int {
        switch self {
        case .run(let run): 512 + run.bytes.count
        case .answer(let answer): answer.weight
        case .listing(let listing): 512 + 256 * listing.entries.count
        case .issue(let issue): 512 + issue.path.count + issue.detail.utf8.count
        case .entry(let sighting): 512 + sighting.path.bytes.count
        default: 512
        }
    }
}
