import CLibSSH
import Platform

/// libssh's channel, on which the remote command runs, and what the library tells of it.
// @unchecked: like the session, in the hands of one thread at a time.
final class Channel: @unchecked Sendable {
    let raw: OpaquePointer
    let events: ChannelEvents
    private let session: SSHSession
    private let command: [UInt8]
    private let place: String
    private var stage = Stage.opening
    // The library keeps the pointer: freed after the channel.
    private let callbacks: UnsafeMutablePointer<ssh_channel_callbacks_struct>

    private enum Stage {
        case opening
        case starting
        case open
    }

    /// A channel that is yet to be opened.
    init(on session: SSHSession, command: [UInt8], incoming: Incoming, place: String) throws(SSHError) {
        guard let raw = ssh_channel_new(session.raw) else { throw SSHError(.failed, "no memory for an SSH channel") }
        self.raw = raw
        self.session = session
        events = ChannelEvents(incoming)
        callbacks = .allocate(capacity: 1)
        callbacks.initialize(to: channelCallbacks(events))
        self.command = command
        self.place = place
    }

    /// Asks for the channel, and for the command to be run, and waits for the answers. Nobody else uses the session
    /// meanwhile.
    func open(within seconds: Int) throws(SSHError) {
        let start = steadySeconds()
        ssh_set_blocking(session.raw, 0)
        defer { ssh_set_blocking(session.raw, 1) }
        while try !goOn() {
            guard steadySeconds() - start < Double(seconds) else {
                throw SSHError(.timedOut, "\(place) takes too long to run the command")
            }
            let socket = ssh_get_fd(session.raw)
            waitForWork(socket: socket, reading: true, writing: session.hasUnsent, signal: -1)
            // Until the command runs, sshd keeps a word back for as long as the one before it is not acknowledged; we have
            // nothing to say that would carry that, and the kernel waits 40 ms for something.
            acknowledge(socket: socket)
        }
    }

    /// The same as far as the answers have come.
    /// - Returns: whether the command runs.
    func goOn() throws(SSHError) -> Bool {
        if stage == .opening {
            let answer = ssh_channel_open_session(raw)
            if answer == SSH_AGAIN { return false }
            guard answer == SSH_OK else {
                throw SSHError(.commandRefused, "\(place) opens no channel: \(session.complaint)")
            }
            guard ssh_set_channel_callbacks(raw, callbacks) == SSH_OK else {
                throw SSHError(.failed, "libssh takes no callbacks: \(session.complaint)")
            }
            stage = .starting
        }
        if stage == .starting {
            let answer = withCString(command) { ssh_channel_request_exec(raw, $0) }
            if answer == SSH_AGAIN { return false }
            guard answer == SSH_OK else {
                throw SSHError(
                    .commandRefused, "\(place) does not run the command: \(session.complaint)",
                    remedy: "authorized_keys there should have restrict,command=\"nightjar-receive …\" for this key.")
            }
            stage = .open
        }
        return true
    }

    var isOpen: Bool { stage == .open }

    deinit {
        ssh_remove_channel_callbacks(raw, callbacks)
        ssh_channel_free(raw)
        callbacks.deallocate()
    }

    /// What the server is ready to take now.
    var window: Int { Int(ssh_channel_window_size(raw)) }

    /// Sends what can be sent now.
    /// - Returns: how much that was, 0 during a new key exchange; nil if the connection is broken.
    func write(_ bytes: UnsafeRawBufferPointer) -> Int? {
        let count = ssh_channel_write(raw, bytes.baseAddress, UInt32(bytes.count))
        return count < 0 ? nil : Int(count)
    }

    func sendEnd() -> Bool { ssh_channel_send_eof(raw) != SSH_ERROR }

    /// Whether so much is held back that the socket itself must be left alone. The window should keep it from coming to
    /// this, but libssh opens it again for each word on standard error, and takes what is sent beyond it.
    var isGlutted: Bool { events.heldBack > 4 << 20 }

    /// Gives the incoming stream what came since the last time, and what the library held back for want of room.
    func passOn() {
        events.handOver()
        while events.heldBack > 0 {
            // After the end no more will come than this, and the end must not wait for a receiver.
            let room = events.isAtEnd ? 64 << 10 : min(events.incoming.room, 64 << 10)
            guard room > 0 else { return }
            withUnsafeTemporaryAllocation(byteCount: room, alignment: 16) { buffer in
                let count = ssh_channel_read_nonblocking(raw, buffer.baseAddress, UInt32(room), 0)
                guard count > 0 else { return events.heldBack = 0 }
                events.heldBack -= Int(count)
                events.bytesTaken += UInt64(count)
                events.incoming.takeHeld(UnsafeRawBufferPointer(rebasing: buffer[..<Int(count)]))
            }
        }
    }
}

/// What the library reported of a channel. Changed and asked only by the thread that owns the session.
final class ChannelEvents {
    let incoming: Incoming
    /// What came and was not yet handed over: a receiver is woken for many packets at once.
    var arrived: [UInt8] = []
    /// Nothing more fits.
    var isFull = false
    /// What the library holds because it did not fit, in bytes.
    var heldBack = 0
    /// The remote command closed its output.
    var isAtEnd = false
    var isClosed = false
    var bytesTaken: UInt64 = 0

    init(_ incoming: Incoming) { self.incoming = incoming }

    func handOver() {
        if !arrived.isEmpty {
            isFull = incoming.take(arrived)
            arrived.removeAll(keepingCapacity: true)
        } else if isFull {
            isFull = incoming.room == 0
        }
    }
}

// MARK: Callbacks: file-scope functions, as they come from C on whatever thread.

private func channelCallbacks(_ events: ChannelEvents) -> ssh_channel_callbacks_struct {
    var callbacks = ssh_channel_callbacks_struct()
    callbacks.size = MemoryLayout<ssh_channel_callbacks_struct>.size
    // Unretained: the channel keeps it.
    callbacks.userdata = Unmanaged.passUnretained(events).toOpaque()
    callbacks.channel_data_function = dataCame
    callbacks.channel_eof_function = endCame
    callbacks.channel_close_function = closeCame
    callbacks.channel_exit_status_function = statusCame
    callbacks.channel_exit_signal_function = signalCame
    return callbacks
}

private func events(_ context: UnsafeMutableRawPointer?) -> ChannelEvents? {
    context.map { Unmanaged<ChannelEvents>.fromOpaque($0).takeUnretainedValue() }
}

private func dataCame(
    _: OpaquePointer?, _: OpaquePointer?, _ data: UnsafeMutableRawPointer?, _ length: UInt32, _ isComplaint: Int32,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let events = events(context) else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: data, count: Int(length))
    if isComplaint != 0 {
        events.incoming.takeComplaint(bytes)
        return Int32(length)
    }
    guard !events.isFull else {
        events.heldBack = bytes.count
        return 0
    }
    events.heldBack = 0
    events.bytesTaken += UInt64(length)
    events.arrived.append(contentsOf: bytes)
    return Int32(length)
}

private func endCame(_: OpaquePointer?, _: OpaquePointer?, _ context: UnsafeMutableRawPointer?) {
    events(context)?.isAtEnd = true
}

private func closeCame(_: OpaquePointer?, _: OpaquePointer?, _ context: UnsafeMutableRawPointer?) {
    events(context)?.isAtEnd = true
    events(context)?.isClosed = true
}

private func statusCame(
    _: OpaquePointer?, _: OpaquePointer?, _ status: Int32, _ context: UnsafeMutableRawPointer?
) {
    events(context)?.incoming.exited(.status(status))
}

private func signalCame(
    _: OpaquePointer?, _: OpaquePointer?, _ signal: UnsafePointer<CChar>?, _: Int32, _: UnsafePointer<CChar>?,
    _: UnsafePointer<CChar>?, _ context: UnsafeMutableRawPointer?
) {
    events(context)?.incoming.exited(.signal(signal.map { String(cString: $0) } ?? "?"))
}
