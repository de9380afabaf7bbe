import Model

/// How the command on the server ended.
package enum RemoteExit: Hashable, Sendable {
    case status(Int32)
    /// By a signal, without its SIG.
    case signal(String)
    /// The connection ended in order, but nothing was said of the command.
    case unknown

    /// Whether something is amiss.
    package var isFailure: Bool {
        switch self {
        case .status(let status): status != 0
        case .signal: true
        case .unknown: false
        }
    }
}

extension RemoteExit: CustomStringConvertible {
    package var description: String {
        switch self {
        case .status(let status): "exit status \(status)"
        case .signal(let name): "signal \(escaped(name))"
        case .unknown: "no exit status"
        }
    }
}
