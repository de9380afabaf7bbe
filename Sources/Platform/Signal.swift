import CLinux
import Glibc

/// Something that threads can wait for together with descriptors: readable from the moment it is raised until it is
/// cleared.
package final class Signal: Sendable {
    private let descriptor: Descriptor

    package init() throws(SystemError) {
        descriptor = Descriptor(owning: try shim("eventfd") { linux_event() })
    }

    /// To be polled for reading, never read.
    package var raw: Int32 { descriptor.raw }

    /// Wakes all who wait; raised again, it stays raised.
    package func raise() {
        var one: UInt64 = 1
        _ = Glibc.write(descriptor.raw, &one, 8)
    }

    /// Until it is raised again.
    package func clear() {
        var count: UInt64 = 0
        _ = Glibc.read(descriptor.raw, &count, 8)
    }

    /// - Returns: false if `milliseconds` went by first; a negative number waits for ever.
    package func wait(milliseconds: Int32 = -1) throws(SystemError) -> Bool {
        try descriptor.waitUntilReadable(milliseconds: milliseconds)
    }

    /// Has SIGINT, SIGTERM and SIGHUP be noted in `termination` instead of ending the process. What was ignored when the
    /// program was started, as under nohup, stays so.
    package static func catchTermination() throws(SystemError) { try shim("sigaction") { linux_catch_termination() } }

    /// The number of the signal that asked the program to end; nil if none did.
    package static var termination: Int32? {
        let number = linux_termination()
        return number == 0 ? nil : number
    }

    /// Lets writing to a closed pipe or socket fail with EPIPE instead of ending the process.
    package static func ignoreBrokenPipes() { _ = Glibc.signal(SIGPIPE, SIG_IGN) }
}
