/// Why the trees, or what stands beside them, could not be made what they should be.
package struct StorageError: Error, Hashable, CustomStringConvertible {
    package enum Problem: Sendable {
        /// The file system, a quota or the reserve is full: 75.
        case noSpace
        /// Another push or housekeeping has the lock: 75.
        case busy
        /// 74.
        case inputOutput
        /// Also a backupdir that belongs to somebody else, or is a symlink: 77.
        case notPermitted
        /// Content that is not what its digest says, a broken catalog: 65.
        case damaged
        /// No data root, no such jail: 78.
        case missing
        /// The file system has no place for such a file: too long, a name or a number that it does not know. Of that
        /// file alone.
        case unfit
        /// The caller asked for what may not be.
        case refused
    }

    package var problem: Problem
    /// What was tried, where, what the system answered, and the remedy where there is one; fit to be shown.
    package var description: String

    package init(_ problem: Problem, _ description: String) {
        self.problem = problem
        self.description = description
    }

    /// Under which of `sysexits.h` a program ends that this stops.
    package var exitStatus: Int32 {
        switch problem {
        case .noSpace, .busy: 75
        case .inputOutput, .unfit: 74
        case .notPermitted: 77
        case .damaged: 65
        case .missing: 78
        case .refused: 70
        }
    }
}
