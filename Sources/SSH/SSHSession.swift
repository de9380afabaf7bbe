import CLibSSH
import Model
import Platform

/// libssh's session. It goes with its last user; channels and events keep it.
// @unchecked: the connecting thread hands it to the session thread, and never touches it again.
final class SSHSession: @unchecked Sendable {
    let raw: OpaquePointer
    // What went over the socket; libssh counts into it.
    private let traffic: UnsafeMutablePointer<ssh_counter_struct>

    init() throws(SSHError) {
        guard let raw = ssh_new() else { throw SSHError(.failed, "no memory for an SSH session") }
        self.raw = raw
        traffic = .allocate(capacity: 1)
        traffic.initialize(to: ssh_counter_struct())
        ssh_set_counters(raw, traffic, nil)
    }

    deinit {
        ssh_disconnect(raw)
        ssh_free(raw)
        traffic.deallocate()
    }

    /// Asks the server for a sign of life and waits for it.
    /// - Returns: the seconds that it took.
    func measureRoundTrip() -> Double {
        let start = steadySeconds()
        _ = ssh_send_keepalive(raw)
        return steadySeconds() - start
    }

    /// Bytes that came from the server, of whatever kind: its sign of life.
    var bytesHeard: UInt64 { traffic.pointee.in_bytes }

    /// What the library says of the last trouble.
    var complaint: String { ssh_get_error(UnsafeMutableRawPointer(raw)).map { escaped(String(cString: $0)) } ?? "" }

    var isBroken: Bool { ssh_get_status(raw) & (SSH_CLOSED | SSH_CLOSED_ERROR) != 0 }

    /// Whether the socket was full when last written to.
    var hasUnsent: Bool { ssh_get_poll_flags(raw) & SSH_WRITE_PENDING != 0 }

    var cipher: String { ssh_get_cipher_out(raw).map { String(cString: $0) } ?? "" }

    func set(_ option: ssh_options_e, _ text: String) throws(SSHError) { try set(option, Array(text.utf8)) }

    func set(_ option: ssh_options_e, _ text: [UInt8]) throws(SSHError) {
        try check(option, withCString(text) { ssh_options_set(raw, option, $0) })
    }

    /// - Parameter value: of exactly the width that the option has in C.
    func set<Value: BitwiseCopyable>(_ option: ssh_options_e, exactly value: Value) throws(SSHError) {
        try check(option, withUnsafePointer(to: value) { ssh_options_set(raw, option, $0) })
    }

    func text(of option: ssh_options_e) -> [UInt8]? {
        var text: UnsafeMutablePointer<CChar>?
        guard ssh_options_get(raw, option, &text) == SSH_OK, let text else { return nil }
        defer { ssh_string_free_char(text) }
        return bytes(of: text)
    }

    var port: UInt16 {
        var port: UInt32 = 22
        _ = ssh_options_get_port(raw, &port)
        return UInt16(truncatingIfNeeded: port)
    }

    private func check(_ option: ssh_options_e, _ answer: Int32) throws(SSHError) {
        guard answer < 0 else { return }
        throw SSHError(.misconfigured, "libssh refuses option \(option.rawValue): \(complaint)")
    }
}
