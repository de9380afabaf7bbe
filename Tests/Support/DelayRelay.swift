import Glibc
import Platform
import Synchronization

/// A network between two places far apart: what goes in comes out again so much later, however much it is.
package final class DelayRelay: Sendable {
    /// Where to connect instead of at the server.
    package let port: UInt16
    private let most = Most()

    /// The most bytes that were on their way to the server at one time.
    package var mostUnderWay: Int { most.count.load(ordering: .relaxed) }

    /// - Parameter milliseconds: that every byte takes, each way.
    package init(to server: UInt16, milliseconds: Int) throws {
        let bound = try BoundSocket()
        port = bound.port
        guard listen(bound.socket.raw, 16) == 0 else { throw SystemError(operation: "listen", code: EADDRINUSE) }
        let entrance = try bound.socket.duplicate().release()
        _ = try Thread.spawn("relay") { [most] in
            let listener = Descriptor(owning: entrance)
            while case let near = accept(listener.raw, nil, nil), near >= 0 {
                guard let far = try? connectedSocket(to: server)?.release() else { return }
                for socket in [near, far] {
                    var on: Int32 = 1
                    setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
                }
                let seconds = Double(milliseconds) / 1_000
                carry(from: near, to: far, seconds) { most.note($0) }
                carry(from: far, to: near, seconds) { _ in }
            }
        }
    }

    private final class Most: Sendable {
        let count = Atomic<Int>(0)

        func note(_ number: Int) {
            if number > count.load(ordering: .relaxed) { count.store(number, ordering: .relaxed) }
        }
    }
}

/// What is under way in one direction.
private struct Flow {
    var pieces: [(due: Double, bytes: [UInt8])] = []
    var count = 0
    var hasEnded = false
}

/// Two threads: one takes in what comes at once, one gives it out when its time has come.
private func carry(
    from source: Int32, to target: Int32, _ seconds: Double, _ note: @escaping @Sendable (Int) -> Void
) {
    let flow = Monitor(Flow())
    _ = try? Thread.spawn("in") {
        while case let bytes? = read(source), !bytes.isEmpty {
            let due = steadySeconds() + seconds
            note(
                flow.with { flow in
                    flow.pieces.append((due, bytes))
                    flow.count += bytes.count
                    return flow.count
                })
        }
        flow.with { $0.hasEnded = true }
    }
    _ = try? Thread.spawn("out") {
        while true {
            let pieces: [(due: Double, bytes: [UInt8])]? = flow.wait { flow in
                guard !flow.pieces.isEmpty else { return flow.hasEnded ? .some(nil) : nil }
                defer { flow.pieces = [] }
                return flow.pieces
            }
            guard let pieces else { break }
            for piece in pieces {
                let wait = piece.due - steadySeconds()
                if wait > 0 { pause(seconds: wait) }
                guard write(piece.bytes, to: target) else {
                    shutdown(source, Int32(SHUT_RDWR))
                    return
                }
                flow.with { $0.count -= piece.bytes.count }
            }
        }
        shutdown(target, Int32(SHUT_WR))
    }
}

private func read(_ source: Int32) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 256 << 10)
    let count = Glibc.read(source, &bytes, bytes.count)
    guard count > 0 else { return nil }
    bytes.removeLast(bytes.count - count)
    return bytes
}

private func write(_ bytes: [UInt8], to target: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
        let more = bytes.withUnsafeBytes {
            Glibc.send(target, $0.baseAddress! + done, $0.count - done, Int32(MSG_NOSIGNAL))
        }
        if more <= 0 { return false }
        done += more
    }
    return true
}
