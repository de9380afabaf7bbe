import Model
import Platform
import Synchronization
import Wire

/// The blocks on their way to the server, of two kinds. What is said of the walk and of the push keeps its order and goes
/// on the first channel; content may go on any, in any order.
final class SendQueue: Sendable {
    /// What a block brings.
    enum Kind: Sendable {
        case control
        case content
    }

    /// The blocks of one kind that wait.
    private struct Waiting {
        private var blocks = Fifo<[UInt8]>()
        private(set) var bytes = 0

        var isEmpty: Bool { blocks.isEmpty }

        func hasRoom(for block: [UInt8]) -> Bool { bytes == 0 || bytes + block.count <= SendQueue.capacity }

        mutating func append(_ block: [UInt8]) {
            blocks.append(block)
            bytes += block.count
        }

        mutating func take() -> [UInt8]? {
            guard let block = blocks.popFirst() else { return nil }
            bytes -= block.count
            return block
        }
    }

    private struct State {
        var control = Waiting()
        var content = Waiting()
        var isClosed = false
    }

    /// Bytes that may wait of each kind.
    static let capacity = 4 << 20

    private let monitor = Monitor(State())
    private let stream: any ByteStream
    private let compression: Mutex<CompressionRule>
    let sent = Atomic<UInt64>(0)

    /// - Parameter stream: the first channel.
    init(_ stream: any ByteStream, _ compression: Compression) {
        self.stream = stream
        self.compression = Mutex(CompressionRule(compression))
    }

    private var waiting: Int { monitor.with { $0.control.bytes + $0.content.bytes } }

    /// The level at which the next block is to be compressed; nil for none.
    var level: Int32? {
        let (waiting, isSlow) = (waiting, stream.isCongested)
        return compression.withLock { $0.level(waiting: waiting, isSlow: isSlow) }
    }

    /// To be told before a block is pushed that did shrink at this level.
    func willPush(compressedAt level: Int32) {
        let waiting = waiting
        compression.withLock { $0.handedOver(at: level, waiting: waiting) }
    }

    var isEmpty: Bool { monitor.with { $0.control.isEmpty && $0.content.isEmpty } }
    var hasControl: Bool { monitor.with { !$0.control.isEmpty } }
    var hasContent: Bool { monitor.with { !$0.content.isEmpty } }

    /// Waits for room; false once the push has failed.
    func push(_ block: [UInt8], _ kind: Kind) -> Bool {
        let place: WritableKeyPath<State, Waiting> =
            switch kind {
            case .control: \.control
            case .content: \.content
            }
        return monitor.wait { state -> Bool? in
            if state.isClosed { return false }
            guard state[keyPath: place].hasRoom(for: block) else { return nil }
            state[keyPath: place].append(block)
            return true
        }
    }

    /// Waits until all content has been taken by a channel: what is said from then on follows it on the first.
    func waitUntilContentIsTaken() { monitor.wait { $0.content.isEmpty || $0.isClosed ? () : nil } }

    /// Sends on the first channel until `close`: control before content. The body of its thread.
    func run(_ moved: () -> Void) throws(StreamError) {
        try send(on: stream, moved) { $0.control.take() ?? $0.content.take() }
    }

    /// Sends content on a further channel until `close`.
    func runFurther(_ further: any ByteStream, _ moved: () -> Void) throws(StreamError) {
        try send(on: further, moved) { $0.content.take() }
    }

    private func send(
        on stream: any ByteStream, _ moved: () -> Void, _ take: (inout State) -> [UInt8]?
    ) throws(StreamError) {
        while let block = next(take) {
            try stream.send(block)
            moved()
            sent.add(UInt64(block.count), ordering: .relaxed)
        }
    }

    private func next(_ take: (inout State) -> [UInt8]?) -> [UInt8]? {
        monitor.wait { state -> [UInt8]?? in
            if let block = take(&state) { return .some(block) }
            return state.isClosed ? .some(nil) : nil
        }
    }

    /// What waits is still sent, and nothing more.
    func close() { monitor.with { $0.isClosed = true } }

    /// Drops what waits.
    /// - Parameter last: is sent all the same, on the first channel.
    func fail(leaving last: [UInt8]? = nil) {
        monitor.with { state in
            state = State()
            state.isClosed = true
            if let last { state.control.append(last) }
        }
    }
}
