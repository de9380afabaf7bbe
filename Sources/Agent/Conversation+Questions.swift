import Model
import Wire

extension Conversation {
    /// Asks a question.
    ///
    /// - Parameter body: is given the answer, line by line, as the question allows it; what it throws ends the session.
    /// - Returns: whether there was something to be told.
    package func ask(_ query: Query, _ body: (Finding) throws -> Void) throws -> QueryOutcome {
        try say(.question(query))
        while true {
            switch try next() {
            case .finding(let finding) where query.admits(finding): try body(finding)
            case .answered(let outcome): return outcome
            default: throw AskError.wire(.malformed("a message out of turn"))
            }
        }
    }
}

extension Query {
    /// Whether a line can belong to the answer.
    fileprivate func admits(_ finding: Finding) -> Bool {
        switch (self, finding) {
        case (.nights, .kept), (.nights, .trouble), (.list, .file), (.versions, .version), (.find, .path): true
        default: false
        }
    }
}
