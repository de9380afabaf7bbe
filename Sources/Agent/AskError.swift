import Model
import Platform
import Wire

/// What ends a session of questions before the answer is whole. Nothing of it changed anything on the server, but that a
/// night may be held.
package enum AskError: Error, Hashable, Sendable {
    /// The connection gave out, or the other side broke the protocol.
    case wire(WireError)
    /// The server ended the session, and said why.
    case refused(Refusal)
    /// The server ended the connection without a word, in the middle of an answer.
    case cut
    /// The server said nothing for so many seconds.
    case silent(seconds: Int)
    /// The system gave no thread.
    case system(SystemError)
    /// The program was asked to end.
    case interrupted
}

extension AskError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .wire(let error): error.description
        case .refused(let refusal): "the server refused: \(escapedLines(refusal.text))"
        case .cut: "the server ended the connection in the middle of an answer"
        case .silent(let seconds): "the server has said nothing for \(seconds) seconds"
        case .system(let error): error.description
        case .interrupted: "interrupted"
        }
    }
}
