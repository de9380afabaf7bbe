import CLibSSH
import Platform
import Wire

/// Asks a silent server for a sign of life, and gives up one that is dead or stuck.
struct Patience {
    private let limits: SSHLimits
    private let place: String
    private var lastLook = steadySeconds()
    private var lastHeard = steadySeconds()
    private var lastAsked = steadySeconds()
    private var lastMoved = steadySeconds()
    private var bytesHeard: UInt64 = 0
    private var bytesMoved: UInt64 = 0

    init(_ limits: SSHLimits, _ place: String) {
        self.limits = limits
        self.place = place
    }

    /// The server is not to blame for its silence: we did not listen.
    mutating func heard() { lastHeard = steadySeconds() }

    /// To be called often; looks about once a second.
    /// - Parameters:
    ///   - moved: bytes of the stream that went either way so far.
    ///   - isWaiting: whether anyone waits to send or to receive.
    mutating func check(_ session: SSHSession, moved: UInt64, isWaiting: () -> Bool) throws(StreamError) {
        let now = steadySeconds()
        guard now - lastLook >= 0.5 else { return }
        lastLook = now
        if session.bytesHeard != bytesHeard { (bytesHeard, lastHeard) = (session.bytesHeard, now) }
        if moved != bytesMoved || !isWaiting() { (bytesMoved, lastMoved) = (moved, now) }
        if now - lastHeard > Double(limits.silence) {
            throw .timedOut("\(place) has given no sign of life for \(limits.silence) s")
        }
        if now - lastMoved > Double(limits.stall) {
            throw .timedOut("\(place) is alive, but nothing has moved for \(limits.stall) s")
        }
        if now - max(lastHeard, lastAsked) >= Double(limits.keepalive) {
            lastAsked = now
            askForSignOfLife(session)
        }
    }

    // Twice: a call that finds an answered question only notes the answer. An unanswered one is not asked again; the
    // silence counts from the last word, whatever is asked.
    private func askForSignOfLife(_ session: SSHSession) {
        _ = ssh_send_keepalive(session.raw)
        _ = ssh_send_keepalive(session.raw)
    }
}
