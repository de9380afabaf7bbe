import CLinux
import Glibc

/// An open file, owned: closed when its owner goes, never twice.
package struct Descriptor: ~Copyable, Sendable {
    /// The number, for as long as this value lives.
    package let raw: Int32
    /// Whether it was opened with O_PATH, and so can neither be read nor written.
    let isHandle: Bool

    /// Takes over a descriptor that nothing else will close.
    package init(owning raw: Int32) { self.init(owning: raw, isHandle: false) }

    init(owning raw: Int32, isHandle: Bool) {
        self.raw = raw
        self.isHandle = isHandle
    }

    deinit { _ = Glibc.close(raw) }

    /// Closes, for where the answer counts: a network file system may tell of a failed write only now.
    package consuming func close() throws(SystemError) {
        let raw = self.raw
        discard self
        // Not made again after EINTR: the descriptor is gone by then.
        do throws(SystemError) {
            try system("close") { Glibc.close(raw) }
        } catch {
            // A fault plan stands before the call.
            if FaultPlan.isAny { _ = Glibc.close(raw) }
            throw error
        }
    }

    /// Gives the number to a new owner.
    package consuming func release() -> Int32 {
        let raw = self.raw
        discard self
        return raw
    }

    /// Another descriptor of the same open file, sharing its offset.
    package func duplicate() throws(SystemError) -> Descriptor {
        Descriptor(owning: try system("fcntl") { fcntl(raw, F_DUPFD_CLOEXEC, 0) }, isHandle: isHandle)
    }

    /// Opens what a user names to be read, wherever symlinks lead; waits for whoever writes, where it is a fifo.
    package static func open(toRead path: [UInt8]) throws(SystemError) -> Descriptor {
        Descriptor(
            owning: try system("open", path) { withCString(path) { Glibc.open($0, O_RDONLY | O_NOCTTY | O_CLOEXEC) } })
    }

    /// A descriptor that the program was started with, such as standard output, as one of our own.
    package static func duplicating(_ raw: Int32) throws(SystemError) -> Descriptor {
        Descriptor(owning: try system("fcntl") { fcntl(raw, F_DUPFD_CLOEXEC, 0) })
    }

    /// What `statx` says of the open file.
    package func status() throws(SystemError) -> FileStatus { try FileStatus(of: raw) }

    /// Ends a connection both ways, so that a call that waits on it returns; nothing where it is no socket.
    package func shutDown() { _ = shutdown(raw, Int32(SHUT_RDWR)) }

    /// Shows the descriptor's file as a path, for calls that take no descriptor.
    static func path(of raw: Int32) -> String { "/proc/self/fd/\(raw)" }
}

/// Two descriptors that were made together. Each is taken out once, by its new owner; one that is not is closed.
package struct DescriptorPair: ~Copyable, Sendable {
    private var first: Descriptor?
    private var second: Descriptor?

    /// Of a pipe, the end to read from. Traps the second time.
    package mutating func takeFirst() -> Descriptor {
        guard let taken = first.take() else { preconditionFailure("taken before") }
        return taken
    }

    /// Of a pipe, the end to write to. Traps the second time.
    package mutating func takeSecond() -> Descriptor {
        guard let taken = second.take() else { preconditionFailure("taken before") }
        return taken
    }

    /// Two connected stream sockets, each both to read and to write.
    package static func sockets() throws(SystemError) -> DescriptorPair { try make("socketpair", linux_socket_pair) }

    /// What the process at the other end of a Unix socket hands over, and the bytes that it says with it.
    /// - Throws: EPROTO where that is not two descriptors and so many bytes; EAGAIN where nothing comes in time.
    package static func received(
        over socket: borrowing Descriptor, saying count: Int, _ text: inout [UInt8]
    ) throws(SystemError) -> DescriptorPair {
        var said = [UInt8](repeating: 0, count: count)
        let raw = socket.raw
        let pair = try make("recvmsg") { pair in
            let answer = said.withUnsafeMutableBytes { linux_receive_pair(raw, $0.baseAddress, count, pair) }
            return Int32(clamping: answer)
        }
        text = said
        return pair
    }

    /// A pipe, both ends closed on exec.
    package static func pipe() throws(SystemError) -> DescriptorPair { try make("pipe2", linux_pipe) }

    private static func make(
        _ operation: StaticString, _ call: (UnsafeMutablePointer<Int32>?) -> Int32
    ) throws(SystemError) -> DescriptorPair {
        var pair: [Int32] = [-1, -1]
        try shim(operation) { pair.withUnsafeMutableBufferPointer { call($0.baseAddress) } }
        return DescriptorPair(first: Descriptor(owning: pair[0]), second: Descriptor(owning: pair[1]))
    }
}

/// Opens a file for reading wherever its path leads: keys, known_hosts and what staff name on a command line may be
/// symlinks. Never waits for who writes a fifo.
/// - Parameter path: given by our own configuration or command line, never from a jail's tree.
package func openTrusted(_ path: [UInt8]) throws(SystemError) -> Descriptor {
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    return Descriptor(owning: try system("open", path) { withCString(path) { open($0, flags) } })
}
