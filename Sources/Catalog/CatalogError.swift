package import Model

/// Why the catalog could not answer.
package struct CatalogError: ClassifiedError, Hashable, CustomStringConvertible {
    /// `.damaged`: `scrub` or `rebuild` is the remedy. `.missing`: there is none.
    package var problem: Problem
    /// Fit to be shown.
    package var description: String

    package init(_ problem: Problem, _ description: String) {
        self.problem = problem
        self.description = description
    }
}
