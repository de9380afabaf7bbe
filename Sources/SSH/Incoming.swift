import Model
import Platform
import Wire

/// What came from the server and waits to be received, and how it all ended. The session thread fills it and never
/// waits; the receiving thread empties it.
final class Incoming: Sendable {
    /// What of the stream is kept at most before the library is left to hold the rest, which shuts the window.
    static let capacity = 1 << 20
    /// What of the remote command's standard error is remembered: its end.
    static let complaintLength = 4096

    /// How the session thread ended.
    enum Ending: Sendable {
        /// The server closed the channel.
        case finished
        case failed(StreamError)
    }

    private struct State {
        var bytes: [UInt8] = []
        // Of `bytes`, what was received already.
        var taken = 0
        // The session thread waits for room.
        var isFull = false
        var isReceiverWaiting = false
        var complaint: [UInt8] = []
        var exit: RemoteExit?
        var isAtEnd = false
        var isClosedHere = false
        var ending: Ending?

        var count: Int { bytes.count - taken }
    }

    private let monitor = Monitor(State())
    private let signal: Signal

    /// - Parameter signal: is raised when there is room again for what did not fit.
    init(signal: Signal) { self.signal = signal }

    // MARK: For the session thread

    /// - Returns: whether nothing more fits; the signal will be raised when it does.
    func take(_ arrived: [UInt8]) -> Bool {
        monitor.with { state in
            state.bytes.append(contentsOf: arrived)
            state.isFull = state.count >= Incoming.capacity
            return state.isFull
        }
    }

    func takeComplaint(_ arrived: UnsafeRawBufferPointer) {
        monitor.with { state in
            state.complaint.append(contentsOf: arrived)
            state.complaint.removeFirst(max(state.complaint.count - Incoming.complaintLength, 0))
        }
    }

    /// How much fits now; if nothing, the signal will be raised.
    var room: Int {
        monitor.with { state in
            state.isFull = state.count >= Incoming.capacity
            return max(Incoming.capacity - state.count, 0)
        }
    }

    /// Takes all, for what was made room for, and for the last that comes.
    func takeHeld(_ arrived: UnsafeRawBufferPointer) { monitor.with { $0.bytes.append(contentsOf: arrived) } }

    var isReceiverWaiting: Bool { monitor.with { $0.isReceiverWaiting } }

    func exited(_ exit: RemoteExit) { monitor.with { $0.exit = exit } }
    func reachedEnd() { monitor.with { $0.isAtEnd = true } }

    /// No more will come. The first ending counts.
    func end(_ ending: Ending) {
        monitor.with { state in
            if state.ending == nil { state.ending = ending }
        }
    }

    // MARK: For the other threads

    /// Waits for bytes; at most `limit`. Empty at the end of the stream.
    /// - Throws: what ended the connection, once all that came before is received; `.closed` if the remote command
    ///   failed.
    func receive(atMost limit: Int) throws(StreamError) -> [UInt8] {
        let first = monitor.wait { state -> Received? in
            state.isReceiverWaiting = true
            guard let received = Incoming.next(&state, limit) else { return nil }
            state.isReceiverWaiting = false
            if state.isFull {
                state.isFull = false
                signal.raise()
            }
            return received
        }
        switch first {
        case .bytes(let bytes): return bytes
        case .end(let ending): return try last(ending)
        }
    }

    /// Waits for the end of the connection.
    /// - Returns: nil if it did not come in time.
    func waitForEnding(milliseconds: Int) -> Ending? { monitor.wait(milliseconds: milliseconds) { $0.ending } }

    /// Whoever waits to receive is released.
    func close() { monitor.with { $0.isClosedHere = true } }

    var exit: RemoteExit? { monitor.with { $0.exit } }
    var complaint: [UInt8] { monitor.with { $0.complaint } }
    var ending: Ending? { monitor.with { $0.ending } }

    private enum Received {
        case bytes([UInt8])
        case end(Ending?)
    }

    private static func next(_ state: inout State, _ limit: Int) -> Received? {
        if state.isClosedHere { return .end(.failed(.closed("the connection was closed"))) }
        if state.count > 0 {
            if state.taken == 0, state.count <= limit {
                defer { state.bytes = [] }
                return .bytes(state.bytes)
            }
            let part = Array(state.bytes[state.taken...].prefix(limit))
            state.taken += part.count
            if state.count == 0 { (state.bytes, state.taken) = ([], 0) }
            return .bytes(part)
        }
        if let ending = state.ending { return .end(ending) }
        return state.isAtEnd ? .end(nil) : nil
    }

    // The exit status comes after the end of the output, if the command ended at all: a moment is given to it, so
    // that a command that failed is not taken for one that had no more to say.
    private func last(_ known: Ending?) throws(StreamError) -> [UInt8] {
        switch known ?? waitForEnding(milliseconds: 2000) {
        case .failed(let error): throw error
        case .finished, nil: break
        }
        if let exit, exit.isFailure { throw .closed(describeEnd()) }
        return []
    }

    /// How the remote command ended, with the last that it said.
    func describeEnd() -> String {
        let said = complaint.split(separator: UInt8(ascii: "\n")).suffix(3).map { escaped($0) }.joined(separator: "; ")
        let how = "the command on the server ended with \(exit ?? .unknown)"
        return said.isEmpty ? how : "\(how): \(said)"
    }
}
