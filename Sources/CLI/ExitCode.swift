import Model
import Options

/// What a program's end says, in the numbers of `sysexits.h`.
package enum ExitCode: Int32, Sendable, CaseIterable {
    case done = 0
    case leftOut = 1
    case usage = 64
    case damage = 65
    case unavailable = 69
    case cannotCreate = 73
    case inputOutput = 74
    case tryLater = 75
    case notPermitted = 77
    case configuration = 78

    /// The end of a program that this stopped.
    package init(_ verdict: Verdict) {
        switch verdict {
        case .protocolBroken: self = .unavailable
        case .tryLater: self = .tryLater
        case .notPermitted: self = .notPermitted
        case .configuration: self = .configuration
        case .inputOutput: self = .inputOutput
        case .damaged: self = .damage
        }
    }

    /// The same for an error; input/output where nobody knows better.
    package init(of error: any Error) {
        self = (error as? any ClassifiedError).map { ExitCode($0.problem.verdict) } ?? .inputOutput
    }

    /// The words of `--help`, the man pages and the README, where a command has no others.
    package var meaning: String {
        switch self {
        case .done: "done"
        case .leftOut: "done, but something was left out, and it is named"
        case .usage: "the command line is wrong"
        case .damage: "damaged data was found"
        case .unavailable: "the server cannot be reached, or it refused"
        case .cannotCreate: "the output cannot be made, or it exists"
        case .inputOutput: "an input/output error"
        case .tryLater: "busy, or no space left; try again later"
        case .notPermitted: "not permitted"
        case .configuration: "the configuration is wrong"
        }
    }

    /// The EXIT STATUS section of a command that can end in these.
    ///
    /// - Parameter leftOut: what it means by 1, where that is something else.
    package static func statuses(_ codes: [ExitCode], leftOut: String? = nil) -> [Command.Status] {
        codes.map { code in
            Command.Status(code: code.rawValue, meaning: (code == .leftOut ? leftOut : nil) ?? code.meaning)
        }
    }
}
