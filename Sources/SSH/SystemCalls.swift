import Glibc
import Platform

// The few system calls that only this module makes. Their errno is read here, at once; all others go through Platform.

/// Connects a TCP socket to one address, and sets it up to notice a dead peer.
/// - Throws: ETIMEDOUT after `seconds`.
func connectSocket(to address: UnsafePointer<addrinfo>, limits: SSHLimits) throws(SystemError) -> Descriptor {
    let opened = answer {
        socket(address.pointee.ai_family, Int32(SOCK_STREAM.rawValue) | socketFlags, address.pointee.ai_protocol)
    }
    guard opened.result >= 0 else { throw SystemError(operation: "socket", code: opened.code) }
    let descriptor = Descriptor(owning: opened.result)
    watchOverPeer(descriptor.raw, limits)
    let started = answer { connect(descriptor.raw, address.pointee.ai_addr, address.pointee.ai_addrlen) }
    if started.result == 0 { return descriptor }
    guard started.code == EINPROGRESS || started.code == EINTR else {
        throw SystemError(operation: "connect", code: started.code)
    }
    guard try descriptor.waitUntilWritable(milliseconds: Int32(clamping: limits.connect * 1000)) else {
        throw SystemError(operation: "connect", code: ETIMEDOUT)
    }
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor.raw, SOL_SOCKET, SO_ERROR, &code, &length)
    guard code == 0 else { throw SystemError(operation: "connect", code: code) }
    return descriptor
}

/// Waits until the socket can be read or written, as asked for, or the signal is raised, or a second has gone by.
func waitForWork(socket: Int32, reading: Bool, writing: Bool, signal: Int32) {
    let events = (reading ? POLLIN : 0) | (writing ? POLLOUT : 0)
    var waited = [
        pollfd(fd: events == 0 ? -1 : socket, events: Int16(events), revents: 0),
        pollfd(fd: signal, events: Int16(POLLIN), revents: 0),
    ]
    // Whatever it answers, the session thread looks at everything again.
    _ = poll(&waited, 2, 1000)
}

/// Acknowledges at once what came over a TCP socket.
func acknowledge(socket: Int32) { set(socket, Int32(IPPROTO_TCP), TCP_QUICKACK, 1) }

/// Whether all that was written to a TCP socket is under way or arrived: what is not, waits for the network. False where
/// that cannot be known.
func isNetworkFree(socket: Int32) -> Bool {
    // SIOCOUTQNSD
    var unsent: Int32 = 1
    return ioctl(socket, 0x894B, &unsent) == 0 && unsent == 0
}

/// Ends a connection both ways; a call that is blocked on it returns.
func shutDown(socket: Int32) { _ = shutdown(socket, Int32(SHUT_RDWR)) }

private let socketFlags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)

// A peer that died without a word is noticed by the kernel too: when sent data is not acknowledged, or its window
// stays shut, for the time that silence may last; and by probes when there is nothing to send.
private func watchOverPeer(_ socket: Int32, _ limits: SSHLimits) {
    set(socket, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    set(socket, SOL_SOCKET, SO_KEEPALIVE, 1)
    set(socket, Int32(IPPROTO_TCP), TCP_KEEPIDLE, Int32(clamping: limits.keepalive))
    set(socket, Int32(IPPROTO_TCP), TCP_KEEPINTVL, Int32(clamping: max(limits.keepalive / 2, 1)))
    set(socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: limits.silence * 1000))
}

private func set(_ socket: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
}

private func answer(_ call: () -> Int32) -> (result: Int32, code: Int32) {
    while true {
        let result = call()
        let code = errno
        if result != -1 || code != EINTR { return (result, code) }
    }
}
