import Glibc
import Platform
import Synchronization
import Wire

/// A stream over descriptors: a socket, or a program's standard input and output.
///
/// A peer that gives no byte, or takes none, for `patience` seconds while one waits for it is taken for dead. The
/// descriptors stay in the mode that they are in: they may be shared with others.
package final class DescriptorStream: ByteStream {
    private let input: Descriptor
    private let output: Descriptor
    private let isSocket: Bool
    private let patience: Int
    private let isClosed = Atomic<Bool>(false)

    /// How often one that waits looks whether the stream was closed under it, in milliseconds.
    private static let tick: Int32 = 500
    /// Bytes that may wait in a pipe to be read. sshd keeps what finds no room there, and moves all of it for each packet
    /// that it adds.
    private static let pipe: Int32 = 1 << 20

    /// - Parameter patience: in seconds; nil to wait for ever.
    package init(input: consuming Descriptor, output: consuming Descriptor, patience: Int? = nil) {
        // All pipes of one who is not root share a limit, and beyond it each new one holds next to nothing: that would be
        // taken from the jails that come later.
        if isRoot() { input.widenPipe(to: DescriptorStream.pipe) }
        self.input = input
        isSocket = output.isSocket
        self.output = output
        self.patience = patience ?? .max
    }

    /// A socket, both to read and to write.
    package convenience init(socket: consuming Descriptor, patience: Int? = nil) throws(SystemError) {
        self.init(input: try socket.duplicate(), output: socket, patience: patience)
    }

    /// Writes all of it, waiting for room.
    package func send(_ bytes: [UInt8]) throws(StreamError) {
        if isClosed.load(ordering: .relaxed) { throw .closed("the connection is closed") }
        var done = 0
        while done < bytes.count {
            let count: Int
            do throws(SystemError) {
                count = try bytes.withUnsafeBufferPointer { (all) throws(SystemError) in
                    try output.writeSome(
                        UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: all[done...])), isSocket: isSocket)
                }
            } catch {
                throw DescriptorStream.told(error)
            }
            done += count
            if count == 0 { try waitForRoom() }
        }
    }

    private func waitForRoom() throws(StreamError) {
        let start = steadySeconds()
        while true {
            if isClosed.load(ordering: .relaxed) { throw .closed("the connection is closed") }
            if steadySeconds() - start > Double(patience) {
                throw .timedOut("the other side took nothing for \(patience) seconds")
            }
            do throws(SystemError) {
                if try output.waitUntilWritable(milliseconds: DescriptorStream.tick) { return }
            } catch {
                throw DescriptorStream.told(error)
            }
        }
    }

    /// Waits for bytes; empty once the other side, or this one, has closed.
    package func receive(atMost limit: Int) throws(StreamError) -> [UInt8] {
        let start = steadySeconds()
        do throws(SystemError) {
            while try !input.waitUntilReadable(milliseconds: DescriptorStream.tick) {
                if isClosed.load(ordering: .relaxed) { return [] }
                if steadySeconds() - start > Double(patience) { break }
            }
        } catch {
            throw DescriptorStream.told(error)
        }
        if steadySeconds() - start > Double(patience) {
            throw .timedOut("the other side said nothing for \(patience) seconds")
        }
        do throws(SystemError) {
            return try input.readSome(atMost: limit)
        } catch {
            throw DescriptorStream.told(error)
        }
    }

    /// Hands both descriptors over to the process at the other end of a Unix socket; what was received here and not used
    /// is lost to it.
    package func handOver(_ socket: borrowing Descriptor, saying text: [UInt8]) throws(SystemError) {
        try socket.hand(input, output, saying: text)
    }

    /// Never: it does not leave the machine.
    package var isCongested: Bool { false }

    /// The descriptors themselves go with the last reference, so that no other thread can meet a number used again.
    package func close() {
        isClosed.store(true, ordering: .relaxed)
        input.shutDown()
    }

    private static func told(_ error: SystemError) -> StreamError {
        switch error.code {
        case EPIPE, ECONNRESET: .closed("the other side is gone: \(error.reason)")
        default: .failed(error.description)
        }
    }
}
