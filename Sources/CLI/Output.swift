import Model
import Platform

/// Standard output, collected into writes of 64 KiB. What cannot be written is an error, never silence.
package struct Output: ~Copyable {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// The first thing that went wrong; nothing is written after it.
    private var failure: SystemError?

    package init(descriptor: Int32 = 1) { self.descriptor = descriptor }

    /// Adds bytes as they are; names come escaped.
    package mutating func write(_ bytes: some Sequence<UInt8>) {
        guard failure == nil else { return }
        buffer.append(contentsOf: bytes)
        if buffer.count >= 64 << 10 { push() }
    }

    /// Adds text in UTF-8.
    package mutating func write(_ text: String) { write(text.utf8) }

    /// Adds a line of bytes that come from elsewhere: escaped for a terminal, for anything else as they are.
    package mutating func show(_ line: [UInt8]) {
        if Terminal(descriptor) != nil { write(escaped(line)) } else { write(line) }
        write("\n")
    }

    /// Writes what is left.
    ///
    /// - Throws: the first error of any write so far: EPIPE, ENOSPC, EBADF (closed); exit status 74.
    package mutating func flush() throws(SystemError) {
        if failure == nil, !buffer.isEmpty { push() }
        if let failure { throw failure }
    }

    private mutating func push() {
        do throws(SystemError) {
            try Descriptor.duplicating(descriptor).write(buffer)
        } catch {
            failure = SystemError(operation: error.operation, code: error.code, subject: Array("standard output".utf8))
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
