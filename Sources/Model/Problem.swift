/// What kind of trouble ended something, for whoever has to decide what follows from it.
package enum Problem: Sendable {
    /// The file system, a quota or the reserve is full.
    case noSpace
    /// Somebody else is at work there.
    case busy
    case inputOutput
    case notPermitted
    /// What is there is not what it should be: content against its digest, a tree or a database that is broken.
    case damaged
    /// What should be there is not: the data root, a jail, a catalog.
    case missing
    /// A config cannot be used.
    case misconfigured
    /// A later Nightjar wrote it.
    case newer
    /// The file system has no place for such a file: too long, a name or a number that it does not know. Of that file
    /// alone.
    case unfit
    /// The caller asked for what may not be: a program error, or a peer's lie.
    case refused

    /// What follows from it.
    package var verdict: Verdict {
        switch self {
        case .noSpace, .busy: .tryLater
        case .inputOutput, .unfit: .inputOutput
        case .notPermitted: .notPermitted
        case .damaged: .damaged
        case .missing, .misconfigured, .newer: .configuration
        case .refused: .protocolBroken
        }
    }
}

/// What whoever is told of trouble can do about it: the codes of a refusal on the wire, and behind most exit statuses.
package enum Verdict: UInt8, Sendable {
    /// The other side broke the protocol.
    case protocolBroken = 1
    /// Another push is under way, or there is no room: later it may go through.
    case tryLater = 2
    case notPermitted = 3
    case configuration = 4
    case inputOutput = 5
    case damaged = 6
}

/// An error of which is known what kind of trouble it is.
package protocol ClassifiedError: Error {
    var problem: Problem { get }
}
