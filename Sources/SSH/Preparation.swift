import CLibSSH
import Glibc
import Model
import Platform

// The session's options, before a byte goes out: what is pinned, what the endpoint says, and what of a configuration
// file is honoured.

/// A session that knows where to go, and has not been there yet.
func prepareSession(_ endpoint: SSHEndpoint) throws(SSHError) -> SSHSession {
    try checkHost(endpoint.host)
    let session = try SSHSession()
    // Else libssh reads ~/.ssh/config and /etc/ssh/ssh_config, which can run programs.
    try session.set(SSH_OPTIONS_PROCESS_CONFIG, exactly: false)
    // An IPv6 address would be taken for host and port.
    try session.set(SSH_OPTIONS_HOST, endpoint.host.contains(":") ? "[\(endpoint.host)]" : endpoint.host)
    try Algorithms.pin(on: session)
    if let configuration = endpoint.configuration { try honour(configuration, on: session) }
    if let port = endpoint.port { try session.set(SSH_OPTIONS_PORT, exactly: Int32(port)) }
    if let user = endpoint.user { try session.set(SSH_OPTIONS_USER, user) }
    try session.set(SSH_OPTIONS_KNOWNHOSTS, unexpanded(endpoint.knownHosts))
    try session.set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null")
    // With StrictHostKeyChecking no, from a configuration file, libssh calls every host known.
    try session.set(SSH_OPTIONS_STRICTHOSTKEYCHECK, exactly: Int32(1))
    try session.set(SSH_OPTIONS_NODELAY, exactly: Int32(1))
    try session.set(SSH_OPTIONS_TIMEOUT, exactly: endpoint.limits.connect)
    return session
}

/// Whether a program makes the connection instead of us.
func hasProxyCommand(_ session: SSHSession) -> Bool {
    guard let command = session.text(of: SSH_OPTIONS_PROXYCOMMAND) else { return false }
    return command != Array("none".utf8)
}

private func checkHost(_ host: String) throws(SSHError) {
    let isSound = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "@") && $0 != UInt8(ascii: "/") }
    guard !host.isEmpty, !host.hasPrefix("-"), isSound else {
        throw SSHError(.misconfigured, "not the name of a host: \(escaped(host))")
    }
}

private func honour(_ configuration: [UInt8], on session: SSHSession) throws(SSHError) {
    do throws(SystemError) {
        // libssh passes over a file that it cannot read.
        _ = try openTrusted(configuration)
    } catch {
        throw SSHError(.misconfigured, "cannot read \(escaped(configuration)): \(error.reason)")
    }
    let answer = withCString(configuration) { ssh_options_parse_config(session.raw, $0) }
    guard answer == SSH_OK else {
        throw SSHError(.misconfigured, "libssh does not understand \(escaped(configuration)): \(session.complaint)")
    }
}

// libssh expands % and ~ in names of files.
private func unexpanded(_ path: [UInt8]) -> [UInt8] {
    path.flatMap { $0 == UInt8(ascii: "%") ? [$0, $0] : [$0] }
}
