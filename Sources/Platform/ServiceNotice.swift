import CLinux
import Glibc

/// What a service tells systemd, as sd_notify(3) describes it. Where nobody listens nothing happens.
package struct ServiceNotice: Sendable {
    private let socket: [UInt8]?
    /// Seconds within which systemd wants to hear `alive`, or it takes the service for dead; nil if it does not ask.
    package let patience: Double?

    /// As the environment says.
    package init() {
        socket = environmentVariable("NOTIFY_SOCKET")
        patience = environmentVariable("WATCHDOG_USEC").flatMap {
            Double(String(decoding: $0, as: UTF8.self)).map { $0 / 1e6 }
        }
    }

    /// The service has begun its work.
    package func ready() { send("READY=1") }

    /// It is not stuck; to be said well within `patience`.
    package func alive() { send("WATCHDOG=1") }

    /// It was told to end, and does.
    package func stopping() { send("STOPPING=1") }

    // Nobody is helped by an error here: the service works all the same.
    private func send(_ text: String) {
        guard let socket else { return }
        let bytes = Array(text.utf8)
        _ = try? shim("sendto") {
            bytes.withUnsafeBytes { linux_tell_socket(socket, socket.count, $0.baseAddress, $0.count) }
        }
    }
}
