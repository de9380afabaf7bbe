import Glibc
import Platform

/// A network that is slow: passes one connection on, and of what goes to the server so many bytes a second.
package struct SlowRelay {
    /// Where to connect instead of at the server, once.
    package let port: UInt16

    package init(to server: UInt16, bytesPerSecond: Int) throws {
        let bound = try BoundSocket()
        port = bound.port
        // As little as may be waits here: a wire has no room.
        var room: Int32 = 16 << 10
        setsockopt(bound.socket.raw, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        guard listen(bound.socket.raw, 1) == 0 else { throw SystemError(operation: "listen", code: EADDRINUSE) }
        let listener = try bound.socket.duplicate()
        let entrance = listener.release()
        _ = try Thread.spawn("relay") {
            let listener = Descriptor(owning: entrance)
            let near = accept(listener.raw, nil, nil)
            guard near >= 0, let far = try? connectedSocket(to: server)?.release() else { return }
            _ = try? Thread.spawn("back") { pass(from: far, to: near, piece: 64 << 10, pause: 0) }
            let piece = 16 << 10
            pass(from: near, to: far, piece: piece, pause: Double(piece) / Double(bytesPerSecond))
        }
    }
}

private func pass(from source: Int32, to target: Int32, piece: Int, pause seconds: Double) {
    var buffer = [UInt8](repeating: 0, count: piece)
    while case let count = read(source, &buffer, piece), count > 0 {
        var done = 0
        while done < count {
            let more = buffer.withUnsafeBytes {
                send(target, $0.baseAddress! + done, count - done, Int32(MSG_NOSIGNAL))
            }
            if more <= 0 { return }
            done += more
        }
        if seconds > 0 { pause(seconds: seconds) }
    }
    shutdown(target, Int32(SHUT_WR))
}
