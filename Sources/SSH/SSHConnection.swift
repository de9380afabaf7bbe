import CLibSSH
import Model
import Platform
import Wire

/// A command running on a backup server, as a stream: what is sent is its input, what is received its output.
///
/// The server's host key was found good before anything was sent. One thread may send while another receives; a third
/// may close. Both directions hold about 1 MiB each and then make the sender, or the server, wait. When the connection
/// breaks, or the server dies without a word, whoever waits is released and told.
package final class SSHConnection: ByteStream {
    private let exchange: Exchange
    // Another number for the session's socket, so that closing can never meet a number that was given anew.
    private let socket: Descriptor
    private let work: SessionThread
    private let endpoint: SSHEndpoint
    private let thread: Thread
    private let congestion = Congestion()
    /// Bytes that sshd lets a channel have under way.
    private static let window = Double(2 << 20)
    /// Bytes a second that one channel can carry at most, by the round trip that was met at first.
    package let windowRate: Double
    /// What the two sides agreed on.
    package let cipher: String

    /// Connects, checks the host key, logs in with a key and has the command started.
    /// - Throws: what is in the way, and what to do about it. Nothing is left open then.
    package static func connect(to endpoint: SSHEndpoint) throws(SSHError) -> SSHConnection {
        let session = try prepareSession(endpoint)
        let host = session.text(of: SSH_OPTIONS_HOST).map { String(decoding: $0, as: UTF8.self) } ?? endpoint.host
        let place = place(host, session.port)
        try exchangeKeys(session, host: host, limits: endpoint.limits, place: place)
        try verifyHostKey(session, host: host, port: session.port, knownHosts: endpoint.knownHosts)
        try logIn(session, endpoint, to: place)
        let exchange = try Exchange()
        let channel = try Channel(on: session, command: endpoint.command, incoming: exchange.incoming, place: place)
        try channel.open(within: endpoint.limits.connect)
        // Before the session's thread takes it over, which never waits.
        let roundTrip = session.measureRoundTrip()
        let work = try SessionThread(session, channel, exchange, endpoint.limits, place)
        do throws(SystemError) {
            return try SSHConnection(session, exchange, work, endpoint, roundTrip: roundTrip)
        } catch {
            throw SSHError(.failed, "cannot start a thread for \(place): \(error)")
        }
    }

    private init(
        _ session: SSHSession, _ exchange: Exchange, _ work: SessionThread, _ endpoint: SSHEndpoint, roundTrip: Double
    ) throws(SystemError) {
        windowRate = SSHConnection.window / max(roundTrip, 0.000_1)
        self.exchange = exchange
        self.work = work
        self.endpoint = endpoint
        socket = try Descriptor.duplicating(ssh_get_fd(session.raw))
        cipher = session.cipher
        thread = try Thread.spawn("ssh") { work.run() }
    }

    deinit { close() }

    /// Runs the command once more, on a further channel of the same session; the others go on meanwhile.
    /// - Throws: where the server opens no more channels, or does not answer in time.
    package func further() throws(SSHError) -> FurtherChannel {
        let own = Exchange(beside: exchange, capacity: FurtherChannel.capacity)
        let opening = Opening(endpoint.command, own)
        guard work.ask(for: opening) else { throw SSHError(.commandRefused, "the connection has ended") }
        switch opening.wait(milliseconds: endpoint.limits.connect * 1_000) {
        case .opened: return FurtherChannel(own, self)
        case .refused(let error): throw error
        case nil:
            own.close(within: 0)
            throw SSHError(.timedOut, "the server takes too long to open a channel")
        }
    }

    /// Queues bytes for the remote command; waits while a mebibyte is unsent. Throws why the connection ended.
    package func send(_ bytes: [UInt8]) throws(StreamError) {
        try exchange.send(bytes, over: "the connection")
    }

    /// Waits for bytes of the remote command; empty once it has closed its output.
    package func receive(atMost limit: Int) throws(StreamError) -> [UInt8] {
        try exchange.incoming.receive(atMost: limit)
    }

    package var microsecondsHeldBack: UInt64 { exchange.heldBack.value }

    package var isCongested: Bool { congestion.isCongested(at: steadySeconds()) { socket.busyMicroseconds } }

    /// Lets the command see the end of its input once all that was sent is there. Receiving goes on.
    package func endSending() { exchange.endSending() }

    /// Ends the connection; what was sent is given two seconds to leave.
    package func close() {
        exchange.close(within: 2)
        if exchange.incoming.waitForEnding(milliseconds: 3000) == nil { shutDown(socket: socket.raw) }
        thread.join()
    }

    /// Waits for the command to end.
    /// - Returns: nil if it did not in time, or if the connection broke first.
    package func waitForExit(milliseconds: Int) -> RemoteExit? {
        guard let ending = exchange.incoming.waitForEnding(milliseconds: milliseconds) else { return nil }
        switch ending {
        case .finished: return exchange.incoming.exit ?? .unknown
        case .failed: return exchange.incoming.exit
        }
    }

    /// The end of what the command wrote to its standard error, 4 KiB at most; raw.
    package var complaint: [UInt8] { exchange.incoming.complaint }
}

/// Connects and agrees on keys with whoever is there; who that is, is not known yet.
private func exchangeKeys(_ session: SSHSession, host: String, limits: SSHLimits, place: String) throws(SSHError) {
    if !hasProxyCommand(session) {
        let socket = try connectSocket(toHost: host, port: session.port, limits: limits)
        try session.set(SSH_OPTIONS_FD, exactly: socket.raw)
        // The session closes it, however connecting ends.
        _ = socket.release()
    }
    guard ssh_connect(session.raw) == SSH_OK else { throw noSession(session.complaint, place) }
}

private func noSession(_ complaint: String, _ place: String) -> SSHError {
    if complaint.contains("Timeout") {
        return SSHError(
            .timedOut, "\(place) accepts the connection but does not answer as an SSH server",
            remedy: "Is it the right port, and is the server overloaded?")
    }
    if complaint.contains("no match for method") {
        return SSHError(
            .unreachable, "\(place) and we have no common algorithm: \(complaint)",
            remedy: "Its sshd needs a current OpenSSH; nightjar offers only: \(Algorithms.ciphers)")
    }
    return SSHError(
        .unreachable, "\(place) broke off before the keys were agreed on: \(complaint)",
        remedy: "If this happens when many jails come at once, raise MaxStartups in its sshd_config.")
}

private func logIn(_ session: SSHSession, _ endpoint: SSHEndpoint, to place: String) throws(SSHError) {
    guard endpoint.identities.isEmpty else {
        return try logIn(session, with: endpoint.identities, mustExist: true, to: place)
    }
    var identities = SSHEndpoint.usualIdentities
    if endpoint.configuration != nil, let configured = session.text(of: SSH_OPTIONS_IDENTITY),
        !identities.contains(configured)
    {
        identities.insert(configured, at: 0)
    }
    try logIn(session, with: identities, mustExist: false, to: place)
}
