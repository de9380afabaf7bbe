import CLibSSH
import Platform
import Synchronization
import Wire

/// One channel of a session as the session thread moves it on: it is opened, then its bytes go out as its window takes
/// them, then it is closed. Nothing here waits.
// @unchecked: made by one thread, moved on by the session's, never both at once.
final class Lane: @unchecked Sendable {
    let channel: Channel
    let exchange: Exchange
    private let session: SSHSession
    // What is being sent, and how much of it was.
    private var current: [UInt8] = []
    private var sent = 0
    private(set) var bytesSent: UInt64 = 0
    private var isEndSent = false
    // Writing waits for a new key exchange to end.
    private var isHeldUp = false

    init(_ session: SSHSession, _ channel: Channel, _ exchange: Exchange) {
        self.session = session
        self.channel = channel
        self.exchange = exchange
    }

    var isAllSent: Bool { sent == current.count && exchange.outgoing.weight == 0 }
    /// Whether the other side has yet to take more before anything can be sent.
    var isShut: Bool { sent < current.count && channel.isOpen && channel.window == 0 }
    var canSendNow: Bool { sent < current.count && !isHeldUp && channel.window > 0 && !session.hasUnsent }
    /// Whether it is over: the other side closed it, or this one asked for that.
    var isOver: Bool {
        if channel.events.isClosed { return true }
        guard let deadline = exchange.wishes.with({ $0 }).deadline else { return false }
        return isAllSent && !session.hasUnsent || steadySeconds() > deadline
    }

    /// Sends until the window or the socket is full, or there is nothing to send; not for long, so that other things
    /// have their turn.
    /// - Parameter handlePackets: is called after each piece.
    /// - Returns: false if the connection is broken.
    func sendWhatFits(_ handlePackets: () -> Void) -> Bool {
        isHeldUp = false
        // Before the queue is looked at: once the wish is seen, no more can come into it.
        let isLast = exchange.wishes.with { $0.endsSending }
        for _ in 0..<64 {
            if sent == current.count, !takeNext() { return sendEnd(ifLast: isLast) }
            guard canSendNow, !channel.events.isClosed else { return true }
            let count = min(channel.window, current.count - sent, 256 << 10)
            guard let written = current.withUnsafeBytes({ channel.write(.init(rebasing: $0[sent..<sent + count])) })
            else {
                // The end of the channel may just have come in; then that is what counts.
                return channel.events.isClosed
            }
            isHeldUp = written == 0
            sent += written
            bytesSent += UInt64(written)
            handlePackets()
        }
        return true
    }

    private func sendEnd(ifLast isLast: Bool) -> Bool {
        guard isLast, !isEndSent, !channel.events.isClosed else { return true }
        isEndSent = true
        return channel.sendEnd()
    }

    private func takeNext() -> Bool {
        (current, sent) = ([], 0)
        while current.isEmpty {
            guard let next = exchange.outgoing.popIfReady() else { return false }
            current = next
        }
        return true
    }

    /// Gives the receiver what came, and its end.
    func passOn() {
        channel.passOn()
        if channel.events.isAtEnd, channel.events.heldBack == 0 { exchange.incoming.reachedEnd() }
    }

    /// Releases whoever waits to send or to receive.
    func end(_ ending: Incoming.Ending) {
        channel.events.handOver()
        exchange.incoming.end(ending)
        exchange.outgoing.fail()
    }
}

/// A channel that somebody waits for, while it is opened.
// @unchecked: like the lane.
final class Opening: @unchecked Sendable {
    enum Outcome: Sendable {
        case opened
        case refused(SSHError)
    }

    let exchange: Exchange
    private let command: [UInt8]
    private let outcome = Monitor<Outcome?>(nil)
    private var channel: Channel?

    init(_ command: [UInt8], _ exchange: Exchange) {
        self.command = command
        self.exchange = exchange
    }

    /// Waits for the outcome; nil if it does not come in time.
    func wait(milliseconds: Int) -> Outcome? { outcome.wait(milliseconds: milliseconds) { $0 } }

    /// What came of it; to be called once.
    func conclude(_ found: Outcome) { outcome.with { $0 = found } }

    /// Goes on as far as that is possible without waiting.
    /// - Returns: the channel, once its command runs; nil while there is more to come.
    func goOn(_ session: SSHSession, _ place: String) throws(SSHError) -> Channel? {
        // Kept only while it is to go on: the last reference must go on the session's thread.
        var opening = channel
        channel = nil
        if opening == nil {
            opening = try Channel(on: session, command: command, incoming: exchange.incoming, place: place)
        }
        if try opening?.goOn() == true { return opening }
        channel = opening
        return nil
    }
}
