import Catalog
import Storage
import Wire

/// What ends a session on the server's side, in the words that the agent is told.
extension Refusal {
    init(_ error: any Error) {
        switch error {
        case let refusal as Refusal: self = refusal
        case let error as WireError: self.init(code: .protocolBroken, text: error.description)
        case let error as StorageError: self.init(code: Self.code(of: error.problem), text: error.description)
        case let error as CatalogError: self.init(code: Self.code(of: error.problem), text: error.description)
        default: self.init(code: .inputOutput, text: "\(error)")
        }
    }

    private static func code(of problem: StorageError.Problem) -> Code {
        switch problem {
        case .noSpace, .busy: .tryLater
        case .inputOutput, .unfit: .inputOutput
        case .notPermitted: .notPermitted
        case .damaged: .damaged
        case .missing: .configuration
        case .refused: .protocolBroken
        }
    }

    private static func code(of problem: CatalogError.Problem) -> Code {
        switch problem {
        case .noSpace, .busy: .tryLater
        case .inputOutput: .inputOutput
        case .notPermitted: .notPermitted
        case .damaged: .damaged
        case .missing, .newer: .configuration
        case .refused: .protocolBroken
        }
    }
}

extension Refusal: Error {}
