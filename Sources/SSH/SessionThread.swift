import CLibSSH
import Platform
import Wire

/// The one thread that touches libssh once the connection stands: it moves bytes between the queues of the other
/// threads and the channels, opens further channels, keeps the connection alive, and notices when it is dead.
///
/// However it ends, whoever waits to send or to receive is released, and told why. The connection lasts as long as its
/// first channel.
// @unchecked: made by one thread, run by another, never both at once.
final class SessionThread: @unchecked Sendable {
    private let session: SSHSession
    private let first: Lane
    // The first, and behind it the further ones.
    private var lanes: [Lane]
    private var opening: [Opening] = []
    private let event: Event
    private let place: String
    private var patience: Patience
    /// Channels that other threads ask for; nil once none can be opened any more.
    private let wanted = Monitor<[Opening]?>([])
    // Which lane is looked at first, so that none is left behind where the wire is what is slow.
    private var turn = 0

    init(
        _ session: SSHSession, _ channel: Channel, _ exchange: Exchange, _ limits: SSHLimits, _ place: String
    ) throws(SSHError) {
        self.session = session
        first = Lane(session, channel, exchange)
        lanes = [first]
        self.place = place
        event = try Event(session)
        patience = Patience(limits, place)
        ssh_set_blocking(session.raw, 0)
    }

    /// Asks for a further channel; for any thread. False once the connection has ended.
    func ask(for channel: Opening) -> Bool {
        let isTaken = wanted.with { wanted in
            wanted?.append(channel)
            return wanted != nil
        }
        first.exchange.signal.raise()
        return isTaken
    }

    /// Runs until the server closes the first channel, the connection breaks, or it is to be closed.
    func run() {
        do throws(StreamError) {
            try moveBytes()
            end(.finished)
        } catch {
            end(.failed(error))
            // What is left unsent stays so, and saying farewell must not block.
            if !isAllSent { shutDown(socket: ssh_get_fd(session.raw)) }
        }
    }

    private func end(_ ending: Incoming.Ending) {
        let ended = SSHError(.commandRefused, "the connection to \(place) has ended")
        let left = wanted.with { wanted in
            defer { wanted = nil }
            return wanted ?? []
        }
        for waiting in opening + left { waiting.conclude(.refused(ended)) }
        for lane in lanes.reversed() { lane.end(ending) }
    }

    private func moveBytes() throws(StreamError) {
        while true {
            let wished = first.exchange.wishes.with { $0 }
            openFurther()
            for lane in inTurn where !lane.sendWhatFits(handlePackets) { throw broken() }
            handlePackets()
            if first.channel.events.isClosed { return }
            if session.isBroken { throw broken() }
            if let deadline = wished.deadline, isAllSent || steadySeconds() > deadline {
                throw .closed("the connection was closed")
            }
            dropEnded()
            if isGlutted { patience.heard() }
            try patience.check(session, moved: bytesMoved) {
                self.first.exchange.incoming.isReceiverWaiting || !self.isAllSent
            }
            if lanes.contains(where: \.canSendNow) { continue }
            wait()
        }
    }

    private var inTurn: [Lane] {
        turn = (turn + 1) % lanes.count
        return Array(lanes[turn...] + lanes[..<turn])
    }

    private var isAllSent: Bool { lanes.allSatisfy(\.isAllSent) && !session.hasUnsent }
    private var isGlutted: Bool { lanes.contains { $0.channel.isGlutted } }
    private var bytesMoved: UInt64 { lanes.reduce(0) { $0 + $1.bytesSent + $1.channel.events.bytesTaken } }

    private func broken() -> StreamError { .closed("the connection to \(place) broke: \(session.complaint)") }

    /// Waits for work; for whom the other side's window is shut meanwhile, though the network would carry more, the time counts.
    private func wait() {
        let isFree = !session.hasUnsent && isNetworkFree(socket: ssh_get_fd(session.raw))
        let shut = isFree ? lanes.filter(\.isShut) : []
        let start = steadySeconds()
        waitForWork(
            socket: ssh_get_fd(session.raw), reading: !isGlutted, writing: session.hasUnsent && !isGlutted,
            signal: first.exchange.signal.raw)
        first.exchange.signal.clear()
        for lane in shut { lane.exchange.heldBack.add(seconds: steadySeconds() - start) }
    }

    // MARK: Further channels

    private func openFurther() {
        opening += wanted.with { wanted in
            defer { if wanted != nil { wanted = [] } }
            return wanted ?? []
        }
        for waiting in opening {
            do throws(SSHError) {
                guard let channel = try waiting.goOn(session, place) else { continue }
                lanes.append(Lane(session, channel, waiting.exchange))
                waiting.conclude(.opened)
            } catch {
                waiting.conclude(.refused(error))
            }
            opening.removeAll { $0 === waiting }
        }
    }

    private func dropEnded() {
        // Asked once: it may be over a moment later, and nobody is dropped without being told.
        lanes.removeAll { lane in
            guard lane !== first, lane.isOver else { return false }
            lane.end(.finished)
            return true
        }
    }

    /// Lets the library look at what came in, 4 KiB at a time, and write what it has left over.
    private func handlePackets() {
        for _ in 0..<64 where isGlutted || !event.handleOnce() { break }
        for lane in lanes { lane.passOn() }
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
