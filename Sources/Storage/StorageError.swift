package import Model

/// Why the trees, or what stands beside them, could not be made what they should be.
package struct StorageError: ClassifiedError, Hashable, CustomStringConvertible {
    /// `.busy`: another push or housekeeping has the lock. `.notPermitted`: also a backupdir that belongs to somebody
    /// else, or is a symlink.
    package var problem: Problem
    /// What was tried, where, what the system answered, and the remedy where there is one; fit to be shown.
    package var description: String

    package init(_ problem: Problem, _ description: String) {
        self.problem = problem
        self.description = description
    }
}
