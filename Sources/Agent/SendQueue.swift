import Model
import Platform
import Synchronization
import Wire

/// The blocks on their way to the server, in two lines. What is said of the walk and of the push keeps its order and goes
/// on the first channel; content may go on any, in any order.
final class SendQueue: Sendable {
    /// Which line a block stands in.
    enum Line: Sendable {
        case control
        case content
    }

    private struct State {
        var control = Fifo<[UInt8]>()
        var content = Fifo<[UInt8]>()
        var controlBytes = 0
        var contentBytes = 0
        var isClosed = false

        mutating func takeControl() -> [UInt8]? {
            guard let block = control.popFirst() else { return nil }
            controlBytes -= block.count
            return block
        }

        mutating func takeContent() -> [UInt8]? {
            guard let block = content.popFirst() else { return nil }
            contentBytes -= block.count
            return block
        }
    }

    /// Bytes that may wait in each line.
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

    private var waiting: Int { monitor.with { $0.controlBytes + $0.contentBytes } }

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
    func push(_ block: [UInt8], _ line: Line) -> Bool {
        monitor.wait { state -> Bool? in
            if state.isClosed { return false }
            switch line {
            case .control:
                guard SendQueue.fits(block, beside: state.controlBytes) else { return nil }
                state.control.append(block)
                state.controlBytes += block.count
            case .content:
                guard SendQueue.fits(block, beside: state.contentBytes) else { return nil }
                state.content.append(block)
                state.contentBytes += block.count
            }
            return true
        }
    }

    private static func fits(_ block: [UInt8], beside bytes: Int) -> Bool {
        bytes == 0 || bytes + block.count <= SendQueue.capacity
    }

    /// Waits until all content has been taken by a channel: what is said from then on follows it on the first.
    func waitUntilContentIsTaken() { monitor.wait { $0.content.isEmpty || $0.isClosed ? () : nil } }

    /// Sends on the first channel until `close`: control before content. The body of its thread.
    func run(_ moved: () -> Void) throws(StreamError) {
        try send(on: stream, moved) { $0.takeControl() ?? $0.takeContent() }
    }

    /// Sends content on a further channel until `close`.
    func runFurther(_ further: any ByteStream, _ moved: () -> Void) throws(StreamError) {
        try send(on: further, moved) { $0.takeContent() }
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
