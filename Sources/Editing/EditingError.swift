import Glibc
import Model
import Platform

/// Why a config cannot be edited, or was not replaced. It is as it was.
package enum EditingError: ClassifiedError, Hashable {
    /// Somebody else edits it; who, as far as that one said.
    case busy(holder: String?)
    /// It is not what it was when the editing began.
    case changed
    case failed(SystemError)
    /// Its path does not end in a name, or in one that leaves no room for more behind it.
    case unusableName

    package var problem: Problem {
        switch self {
        case .busy, .changed: .busy
        case .unusableName: .misconfigured
        case .failed(let error):
            switch error.code {
            case EACCES, EPERM, EROFS: .notPermitted
            case ENOENT, ENOTDIR: .missing
            default: error.isFull ? .noSpace : .inputOutput
            }
        }
    }
}

extension EditingError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .busy(let holder): "is being edited by \(holder ?? "another process")"
        case .changed: "was changed by another meanwhile: nothing was installed"
        case .failed(let error): error.description
        case .unusableName: "is not the path of a file, or too long a name"
        }
    }
}
