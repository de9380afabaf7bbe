import Glibc
import Model
import Platform

/// Why an archive does not lie where it was wanted. Whatever it was, nothing of ours is left there, and nothing that was
/// there is altered.
package struct PlacingError: Error, Hashable {
    /// What follows from it.
    package enum Cause: Hashable, Sendable {
        /// Something stands in the way, and will stand there the next time: a symlink, a name that is taken, a directory
        /// that is missing, was moved away or may not be written.
        case inTheWay
        /// No space, or no quota.
        case full
        case inputOutput
    }

    package let cause: Cause
    /// What, where, and what to do; fit to be shown.
    package let text: String

    init(_ cause: Cause, _ text: String) {
        self.cause = cause
        self.text = text
    }

    /// What the system said of a path.
    init(_ error: SystemError, _ path: Path) {
        let text = error.isMissing ? "\(path): \(error.reason): name a directory that is there" : "\(error.about(path))"
        self.init(PlacingError.cause(of: error.code), text)
    }

    /// The same, and what the caller knows to do about it.
    package func with(remedy: String) -> PlacingError { PlacingError(cause, "\(text); \(remedy)") }

    static func cause(of code: Int32) -> Cause {
        switch code {
        case ENOSPC, EDQUOT: .full
        case EEXIST, ENOENT, ENOTDIR, ELOOP, EROFS, EACCES, EPERM, ENAMETOOLONG, EMLINK, EXDEV: .inTheWay
        default: .inputOutput
        }
    }
}

extension PlacingError: CustomStringConvertible {
    package var description: String { text }
}

/// Makes calls to the system about a path.
func at<Found: ~Copyable>(_ path: Path, _ body: () throws(SystemError) -> Found) throws(PlacingError) -> Found {
    do throws(SystemError) {
        return try body()
    } catch {
        throw PlacingError(error, path)
    }
}
