import CLinux
import Glibc
import Model

/// A Unix socket at a name in a directory, at which processes of one user meet. Only who may enter the directory comes
/// so far.
package final class MeetingPoint: Sendable {
    private let socket: Descriptor
    private let directory: Directory
    private let name: Name

    /// Takes the name over from one who ended without a word.
    package init(in directory: Directory, _ name: Name) throws(SystemError) {
        if try directory.statusIfPresent(of: name) != nil { try directory.unlink(name) }
        socket = Descriptor(
            owning: try shim("bind", name.bytes) { name.withCString { linux_listen_at(directory.raw, $0) } })
        self.directory = directory
        self.name = name
    }

    /// Waits for one who comes. Throws EINVAL after `close`.
    package func welcome() throws(SystemError) -> Descriptor {
        Descriptor(owning: try shim("accept") { linux_accept(socket.raw) })
    }

    /// Nobody else is let in, the name goes, and whoever waits in `welcome` is released. To be called once, by whom the
    /// name belongs to.
    package func close() {
        try? directory.unlink(name)
        socket.shutDown()
    }

    /// Goes to where another process waits.
    package static func join(in directory: Directory, _ name: Name) throws(SystemError) -> Descriptor {
        Descriptor(
            owning: try shim("connect", name.bytes) { name.withCString { linux_connect_at(directory.raw, $0) } })
    }
}

extension Descriptor {
    /// Hands two descriptors over to the process at the other end of a Unix socket, with a few bytes.
    package func hand(
        _ first: borrowing Descriptor, _ second: borrowing Descriptor, saying text: [UInt8]
    ) throws(SystemError) {
        let pair = [first.raw, second.raw]
        try shim("sendmsg") { linux_send_pair(raw, text, text.count, pair) }
    }
}
