import Glibc
import Platform

// TCP on 127.0.0.1.

/// A socket bound to a port that was free, and that port.
package struct BoundSocket: ~Copyable {
    package let socket: Descriptor
    package let port: UInt16

    package init() throws {
        let socket = try loopbackSocket()
        _ = withLoopback(port: 0) { bind(socket.raw, $0, $1) }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket.raw, $0, &length) }
        }
        self.socket = socket
        port = UInt16(bigEndian: address.sin_port)
    }
}

/// A socket connected to a port; nil if nobody listens there.
package func connectedSocket(to port: UInt16) throws -> Descriptor? {
    let socket = try loopbackSocket()
    if withLoopback(port: port, { connect(socket.raw, $0, $1) }) != 0 { return nil }
    return socket
}

private func loopbackSocket() throws -> Descriptor {
    let raw = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard raw >= 0 else { throw SystemError(operation: "socket", code: EMFILE) }
    return Descriptor(owning: raw)
}

private func withLoopback(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
}
