import Model
import Support
import Synchronization
import Testing
import Wire

@testable import Agent

/// What a push compresses, told by the bytes that it sent.
@Suite(.temporaryDirectory)
struct SqueezingTests {
    private let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory.current }

    private func noise(_ count: Int) -> [UInt8] {
        var random = RandomSource(seed: 5)
        return random.bytes(count)
    }

    /// A wire that is slow, and counts.
    private final class SlowSink: ByteStream {
        let sent = Mutex(0)
        let isCongested = true

        func send(_ bytes: [UInt8]) { sent.withLock { $0 += bytes.count } }
        func receive(atMost limit: Int) -> [UInt8] { [] }
        func close() {}
    }

    private func add(_ runs: Int, of byte: UInt8, to outgoing: inout Outgoing) throws(PushEnded) {
        let bytes = [UInt8](repeating: byte, count: Limits.run)
        let place = Inquiry(directory: .root, ordinal: 1)
        for _ in 0..<runs {
            try outgoing.add(.run(ContentRun(place: place, offset: 0, bytes: bytes)))
            try outgoing.flush()
        }
    }

    @Test func `what piles up is compressed harder, and less once nothing waits`() throws {
        let sink = SlowSink()
        let queue = SendQueue(sink, .auto)
        var outgoing = Outgoing(queue, .content)
        #expect(queue.level == nil)
        try add(2, of: 1, to: &outgoing)
        #expect(queue.level == 1)
        for _ in 0..<24 { _ = queue.push([UInt8](repeating: 0, count: 100_000), .content) }
        try add(CompressionRule.patience, of: 1, to: &outgoing)
        #expect(queue.level == 3)
        queue.close()
        try queue.run {}
        #expect(sink.sent.withLock { $0 } < 2_800_000)
        // It is refused by now, but not before it was seen how little waits.
        try? add(1, of: 1, to: &outgoing)
        #expect(queue.level == 1)
    }

    @Test(arguments: [Compression.off, .level(3)])
    func `off is off on a slow wire, and a level is one on a fast`(_ compression: Compression) throws {
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000)
        for index in 0..<20 { try place.write(Name(Array("f\(index)".utf8))!, text) }
        let (report, brought) = try push([entry(place.path)], to: Peer(), slowWire: compression == .off) {
            $0.compression = compression
        }
        #expect(brought.contents.values.filter { $0 == text }.count == 20)
        switch compression {
        case .off: #expect((2_000_000..<2_100_000).contains(report.bytesSent), "\(report.bytesSent)")
        default: #expect(report.bytesSent < 50_000, "\(report.bytesSent)")
        }
    }

    @Test func `a file that does not shrink at first is tried again, though not with each block`() throws {
        let content = noise(1 << 20) + [UInt8](repeating: UInt8(ascii: "x"), count: 24 << 20)
        try place.write("large", content)
        let (report, brought) = try push([entry(place.path)], to: Peer()) { $0.compression = .level(1) }
        #expect(brought.contents["\(place.path)/large"] == content)
        #expect((16 << 20..<18 << 20).contains(report.bytesSent), "\(report.bytesSent)")
    }

    @Test func `a file that does not shrink says nothing of the next`() throws {
        try place.write("a", noise(1 << 20))
        try place.write("b", [UInt8](repeating: UInt8(ascii: "x"), count: 4 << 20))
        let (report, _) = try push([entry(place.path)], to: Peer()) {
            $0.compression = .level(1)
            $0.answerers = 1
        }
        #expect((1 << 20..<2 << 20).contains(report.bytesSent), "\(report.bytesSent)")
    }
}
