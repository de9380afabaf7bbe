import Platform

/// What the session thread shares with the threads that send, receive and close.
struct Exchange: Sendable {
    /// What the other threads ask of the session thread.
    struct Wishes {
        /// Nothing more will be sent; when all is sent, the remote command is to see the end of its input.
        var endsSending = false
        /// When to give up what is not yet sent, in steady seconds; nil unless the connection is to be closed.
        var deadline: Double?
    }

    let outgoing = BoundedQueue<[UInt8]>(capacity: 1 << 20)
    let incoming: Incoming
    let wishes = Monitor(Wishes())
    /// Raised whenever there is something new for the session thread.
    let signal: Signal

    init() throws(SSHError) {
        do throws(SystemError) {
            signal = try Signal()
        } catch {
            throw SSHError(.failed, "cannot start an SSH session: \(error)")
        }
        incoming = Incoming(signal: signal)
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
