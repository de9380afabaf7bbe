import Model
import Wire

/// What ends a session on the server's side, in the words that the agent is told.
extension Refusal {
    init(_ error: any Error) {
        switch error {
        case let refusal as Refusal: self = refusal
        case let error as WireError: self.init(code: .protocolBroken, text: error.description)
        case let error as any ClassifiedError: self.init(code: error.problem.verdict, text: "\(error)")
        default: self.init(code: .inputOutput, text: "\(error)")
        }
    }
}

extension Refusal: Error {}
