package import Model

/// Why the catalog could not answer.
package struct CatalogError: ClassifiedError, Hashable, CustomStringConvertible {
    /// `.damaged`: the database is broken, or contradicts itself. `.missing`: there is none.
    package var problem: Problem
    /// Fit to be shown.
    package var description: String

    package init(_ problem: Problem, _ description: String) {
        self.problem = problem
        self.description = description
    }
}
