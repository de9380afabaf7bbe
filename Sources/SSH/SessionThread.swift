import CLibSSH
import Platform
import Wire

/// The one thread that touches libssh once the connection stands: it moves bytes between the queues of the other
/// threads and the channel, keeps the connection alive, and notices when it is dead.
///
/// However it ends, whoever waits to send or to receive is released, and told why.
// @unchecked: made by one thread, run by another, never both at once.
final class SessionThread: @unchecked Sendable {
    private let session: SSHSession
    private let channel: Channel
    private let event: Event
    private let exchange: Exchange
    private let place: String
    private var patience: Patience
    // What is being sent, and how much of it was.
    private var current: [UInt8] = []
    private var sent = 0
    private var bytesSent: UInt64 = 0
    private var isEndSent = false
    // Writing waits for a new key exchange to end.
    private var isHeldUp = false

    init(
        _ session: SSHSession, _ channel: Channel, _ exchange: Exchange, _ limits: SSHLimits, _ place: String
    ) throws(SSHError) {
        self.session = session
        self.channel = channel
        self.exchange = exchange
        self.place = place
        event = try Event(session)
        patience = Patience(limits, place)
        ssh_set_blocking(session.raw, 0)
    }

    /// Runs until the server closes the channel, the connection breaks, or it is to be closed.
    func run() {
        do throws(StreamError) {
            try moveBytes()
            exchange.incoming.end(.finished)
        } catch {
            channel.events.handOver()
            exchange.incoming.end(.failed(error))
            // What is left unsent stays so, and saying farewell must not block.
            if !isAllSent { shutDown(socket: ssh_get_fd(session.raw)) }
        }
        exchange.outgoing.fail()
    }

    private func moveBytes() throws(StreamError) {
        while true {
            let wished = exchange.wishes.with { $0 }
            try sendWhatFits(isLast: wished.endsSending)
            handlePackets()
            if channel.events.isClosed { return }
            if session.isBroken { throw broken() }
            if let deadline = wished.deadline, isAllSent || steadySeconds() > deadline {
                throw .closed("the connection was closed")
            }
            if channel.isGlutted { patience.heard() }
            try patience.check(session, moved: bytesSent + channel.events.bytesTaken) {
                self.exchange.incoming.isReceiverWaiting || !self.isAllSent
            }
            if canSendNow { continue }
            waitForWork(
                socket: ssh_get_fd(session.raw), reading: !channel.isGlutted,
                writing: session.hasUnsent && !channel.isGlutted, signal: exchange.signal.raw)
            exchange.signal.clear()
        }
    }

    private var isAllSent: Bool { sent == current.count && exchange.outgoing.weight == 0 && !session.hasUnsent }

    private var canSendNow: Bool { sent < current.count && !isHeldUp && channel.window > 0 && !session.hasUnsent }

    private func broken() -> StreamError { .closed("the connection to \(place) broke: \(session.complaint)") }

    /// Sends until the window or the socket is full, or there is nothing to send; not for long, so that other things
    /// have their turn.
    /// - Parameter isLast: nothing will be put into the queue any more.
    private func sendWhatFits(isLast: Bool) throws(StreamError) {
        isHeldUp = false
        for _ in 0..<64 {
            if sent == current.count, !takeNext() { return try sendEnd(ifLast: isLast) }
            guard canSendNow, !channel.events.isClosed else { return }
            let count = min(channel.window, current.count - sent, 256 << 10)
            guard let written = current.withUnsafeBytes({ channel.write(.init(rebasing: $0[sent..<sent + count])) })
            else {
                // The end of the channel may just have come in; then that is what counts.
                if channel.events.isClosed { return }
                throw broken()
            }
            isHeldUp = written == 0
            sent += written
            bytesSent += UInt64(written)
            handlePackets()
        }
    }

    private func sendEnd(ifLast isLast: Bool) throws(StreamError) {
        guard isLast, !isEndSent, !channel.events.isClosed else { return }
        isEndSent = true
        guard channel.sendEnd() else { throw broken() }
    }

    private func takeNext() -> Bool {
        (current, sent) = ([], 0)
        while current.isEmpty {
            guard let next = exchange.outgoing.popIfReady() else { return false }
            current = next
        }
        return true
    }

    /// Lets the library look at what came in, 4 KiB at a time, and write what it has left over.
    private func handlePackets() {
        for _ in 0..<64 where channel.isGlutted || !event.handleOnce() { break }
        channel.passOn()
        if channel.events.isAtEnd, channel.events.heldBack == 0 { exchange.incoming.reachedEnd() }
    }
}

/// libssh's own poll, over the one session.
private final class Event {
    private let raw: OpaquePointer
    private let session: SSHSession

    init(_ session: SSHSession) throws(SSHError) {
        guard let raw = ssh_event_new() else { throw SSHError(.failed, "no memory for an SSH event") }
        self.raw = raw
        self.session = session
        guard ssh_event_add_session(raw, session.raw) == SSH_OK else {
            throw SSHError(.failed, "libssh cannot watch the session")
        }
    }

    deinit { ssh_event_free(raw) }

    /// - Returns: false if there was nothing to do, or no more can be done.
    func handleOnce() -> Bool {
        let answer = ssh_event_dopoll(raw, 0)
        return answer != SSH_AGAIN && answer != SSH_ERROR
    }
}
