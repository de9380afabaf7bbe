import Model

extension Query {
    /// What is to be said where an answer is none; nil where it is one.
    ///
    /// - Parameter lister: the command line that lists what there is.
    package func complaint(
        _ outcome: QueryOutcome, of jail: Name, lister: String
    ) -> (text: String, hint: String?)? {
        let hint = "\(lister) lists what there is"
        switch (outcome, self) {
        case (.answered, _): return nil
        case (.noNight, .list(let choice, _)), (.noNight, .find(_, .some(let choice))):
            return ("\(jail) has no \(choice)", hint)
        case (.noNight, _), (.notFound, .nights): return ("\(jail) has no night yet", nil)
        case (.notFound, .list(let choice, let path)): return ("\(path) is not in \(choice)", nil)
        case (.notFound, .versions(let path)): return ("\(path) is in no night of \(jail)", nil)
        case (.notFound, .find(let pattern, let choice)):
            let place = choice.map { "\($0) of \(jail)" } ?? "\(jail)"
            return ("nothing that is kept of \(place) matches \(escaped(pattern.written))", nil)
        }
    }
}

extension JailTrouble {
    /// For a line of standard error.
    package func text(of jail: Name) -> String {
        switch self {
        case .failed(let time, let reason): "\(jail): the push of \(time.local) failed: \(reason)"
        case .neverPushed: "\(jail): nothing pushed yet"
        case .heldBack(let reason): "\(jail): \(reason)"
        }
    }
}
