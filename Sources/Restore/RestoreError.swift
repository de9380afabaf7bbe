package import Model

/// Why an archive could not be written to its end.
package struct RestoreError: ClassifiedError, Hashable, CustomStringConvertible {
    package let problem: Problem
    /// Fit to be shown.
    package let description: String

    init(_ problem: Problem, _ description: String) {
        self.problem = problem
        self.description = description
    }
}
