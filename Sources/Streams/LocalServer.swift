import Platform
import Synchronization
import Wire

/// A server on this machine (`server=local`): the receiving program, over a socket pair.
package final class LocalServer: Sendable {
    /// To the program and from it.
    package let stream: DescriptorStream
    private let process: Mutex<ChildProcess?>

    /// Starts the command; its standard error is ours.
    /// - Parameter command: the program and its arguments.
    package init(_ command: [[UInt8]]) throws(SystemError) {
        var pair = try DescriptorPair.sockets()
        let theirs = pair.takeSecond()
        process = Mutex(try ChildProcess.spawn(command, input: theirs.raw, output: theirs.raw))
        stream = try DescriptorStream(socket: pair.takeFirst())
    }

    /// Ends the connection, and waits for the program's end for at most so many milliseconds: one that the disk holds up
    /// is left behind.
    /// - Returns: nil if it has not ended by then, and the second time.
    package func end(within milliseconds: Int) throws(SystemError) -> ExitStatus? {
        stream.close()
        let ending = try Errand("end") { [self] in
            Result { () throws(SystemError) -> ExitStatus? in
                guard let child = process.withLock({ $0.take() }) else { return nil }
                return try child.wait()
            }
        }
        return try ending.answer(within: milliseconds)?.get()
    }
}
