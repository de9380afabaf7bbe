/// A connection between an agent and a server, whatever carries it: an SSH channel, a socket pair, a pipe in a test.
///
/// One thread may send while another receives; two may not do the same at once. Both calls block.
package protocol ByteStream: Sendable {
    /// Hands over all of `bytes`, in order.
    func send(_ bytes: [UInt8]) throws(StreamError)

    /// Waits for bytes; at most `limit` of them. An empty answer is the end of the stream, and says nothing of success.
    func receive(atMost limit: Int) throws(StreamError) -> [UInt8]

    /// Whether what is sent waits for a slow wire, and not for a slow reader: then it pays to send less.
    var isCongested: Bool { get }

    /// For how many microseconds so far what was to be sent has waited for the other side to take more, though the wire
    /// was free: another stream beside this one could have carried it.
    var microsecondsHeldBack: UInt64 { get }

    /// Ends the connection; a blocked `send` or `receive` of another thread fails. May be called twice.
    func close()
}

extension ByteStream {
    /// Never: most carriers have no window.
    package var microsecondsHeldBack: UInt64 { 0 }
}

/// Why a stream gave out.
package enum StreamError: Error, Hashable, Sendable {
    /// The other side is gone, with what is known of the circumstances.
    case closed(String)
    /// Nothing moved for too long.
    case timedOut(String)
    /// The system or the library refused.
    case failed(String)
}

extension StreamError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .closed(let detail), .timedOut(let detail), .failed(let detail): detail
        }
    }
}
