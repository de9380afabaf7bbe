/// Why the catalog could not answer.
package struct CatalogError: Error, Hashable, CustomStringConvertible {
    package enum Problem: Sendable {
        case noSpace
        case inputOutput
        case notPermitted
        case busy
        /// The file is no database, or a broken one, or holds what no catalog can: `scrub` or `rebuild` is the remedy.
        case damaged
        /// There is none.
        case missing
        /// A later Nightjar wrote it.
        case newer
        /// The caller asked for what may not be: a program error, or a peer's lie that a session let through.
        case refused
    }

    package var problem: Problem
    /// Fit to be shown.
    package var description: String

    package init(_ problem: Problem, _ description: String) {
        self.problem = problem
        self.description = description
    }

    /// Under which of `sysexits.h` a program ends that this stops.
    package var exitStatus: Int32 {
        switch problem {
        case .noSpace, .busy: 75
        case .inputOutput: 74
        case .notPermitted: 77
        case .damaged: 65
        case .missing, .newer: 78
        case .refused: 70
        }
    }
}
