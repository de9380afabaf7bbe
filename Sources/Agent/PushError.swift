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
    /// The same once the server had been told that all was said: it may have committed the push, or still do so.
    case interruptedInCommit
}

extension PushError {
    /// Whether the server, which still listens, does not know of it.
    var isOwn: Bool {
        switch self {
        case .stalled, .noEntry, .system, .interrupted: true
        case .wire, .refused, .cut, .silent, .interruptedInCommit: false
        }
    }
}

extension PushError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .wire(let error): error.description
        case .refused(let refusal): "the server refused: \(escaped(refusal.text))"
        case .cut: "the server ended the connection before the push was committed; the next push continues it"
        case .silent(let seconds):
            "the server has said nothing for \(seconds) seconds; the next push continues this one"
        case .stalled(let path, let seconds):
            "\(escaped(path)): the file system has not answered for \(Int(seconds)) seconds; unmount it, or"
                + " exclude it"
        case .noEntry: "none of the entries could be opened: nothing was saved, and nothing on the server has changed"
        case .system(let error): error.description
        case .interrupted: "interrupted; the next push continues this one"
        case .interruptedInCommit:
            "interrupted while the server committed: nightjar-server nights says whether it did"
        }
    }
}
