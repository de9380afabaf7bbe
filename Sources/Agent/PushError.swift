import Model
import Platform
import Wire

/// What ends a push before it is committed. The nights are as they were; the next push goes on where this one broke off.
package enum PushError: Error, Hashable, Sendable {
    /// The connection gave out, or the other side broke the protocol.
    case wire(WireError)
    /// The server ended the session, and said why.
    case refused(Refusal)
    /// The server ended the connection without a word, before it said that all is safe.
    case cut
    /// The server said nothing for so many seconds while it had something to say.
    case silent(seconds: Int)
    /// A file system has not answered for so many seconds: the path, raw. The thread that hangs there cannot be freed, so
    /// the program has to end.
    case stalled(path: [UInt8], seconds: Double)
    /// Not one of the entries could be opened, so there is nothing to save.
    case noEntry
    /// The system gave no thread.
    case system(SystemError)
    /// The program was asked to end.
    case interrupted
    /// One of these once the server had been told that all was said: it may have committed the push, or still do so.
    indirect case duringCommit(PushError)
}

extension PushError {
    /// Whether the server, which still listens, does not know of it.
    var isOwn: Bool {
        switch self {
        case .stalled, .noEntry, .system, .interrupted: true
        case .wire, .refused, .cut, .silent, .duringCommit: false
        }
    }
}

extension PushError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cut, .silent, .interrupted: "\(cause); the next push continues this one"
        case .duringCommit(let error):
            "\(error.cause) while the push was committed: nightjar-server nights says whether it was"
        default: cause
        }
    }

    /// Without what follows from it.
    private var cause: String {
        switch self {
        case .wire(let error): error.description
        case .refused(let refusal): "the server refused: \(escapedLines(refusal.text))"
        case .cut: "the server ended the connection without a word"
        case .silent(let seconds): "the server has said nothing for \(seconds) seconds"
        case .stalled(let path, let seconds):
            "\(escaped(path)): the file system has not answered for \(Int(seconds)) seconds; unmount it, or"
                + " exclude it"
        case .noEntry: "none of the entries could be opened: nothing was saved, and nothing on the server has changed"
        case .system(let error): error.description
        case .interrupted: "interrupted"
        case .duringCommit(let error): error.cause
        }
    }
}
