import Platform
import Synchronization
import Wire

/// What the session thread shares with the threads that send, receive and close.
struct Exchange: Sendable {
    /// What the other threads ask of the session thread.
    struct Wishes {
        /// Nothing more will be sent; when all is sent, the remote command is to see the end of its input.
        var endsSending = false
        /// When to give up what is not yet sent, in steady seconds; nil unless the connection is to be closed.
        var deadline: Double?
    }

    let outgoing: BoundedQueue<[UInt8]>
    let incoming: Incoming
    let wishes = Monitor(Wishes())
    /// Raised whenever there is something new for the session thread.
    let signal: Signal

    /// Microseconds for which what was to be sent waited for the other side to take more, though the wire was free.
    let heldBack = Microseconds()

    /// Of a further channel of the same session.
    /// - Parameter capacity: bytes that may wait to be sent; the less, the less is out of order.
    init(beside first: Exchange, capacity: Int) {
        signal = first.signal
        outgoing = BoundedQueue(capacity: capacity)
        incoming = Incoming(signal: signal)
    }

    init() throws(SSHError) {
        outgoing = BoundedQueue(capacity: 1 << 20)
        do throws(SystemError) {
            signal = try Signal()
        } catch {
            throw SSHError(.failed, "cannot start an SSH session: \(error)")
        }
        incoming = Incoming(signal: signal)
    }

    /// Queues bytes for the remote command, and waits for room.
    /// - Parameter whole: what is closed if nobody says why it ended, fit to be shown.
    /// - Throws: why it ended.
    func send(_ bytes: [UInt8], over whole: String) throws(StreamError) {
        guard !bytes.isEmpty else { return }
        guard outgoing.push(bytes, weight: bytes.count) else {
            switch incoming.ending {
            case .failed(let error): throw error
            case .finished: throw .closed(incoming.describeEnd())
            case nil: throw .closed("\(whole) was closed")
            }
        }
        signal.raise()
    }

    func endSending() {
        // First: once the wish is seen, no more can come.
        outgoing.close()
        wishes.with { $0.endsSending = true }
        signal.raise()
    }

    /// Releases whoever sends or receives, and has the session thread end when all is sent or the time is over.
    func close(within seconds: Double) {
        outgoing.close()
        incoming.close()
        wishes.with { wishes in
            if wishes.deadline == nil { wishes.deadline = steadySeconds() + seconds }
        }
        signal.raise()
    }
}

/// A time that one thread adds up, and others read.
final class Microseconds: Sendable {
    private let total = Atomic<UInt64>(0)

    var value: UInt64 { total.load(ordering: .relaxed) }
    func add(seconds: Double) { total.add(UInt64(max(0, seconds * 1_000_000)), ordering: .relaxed) }
}
