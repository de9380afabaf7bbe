import Glibc
internal import Model
internal import Platform

extension StorageError {
    /// What the system answered, and where.
    init(_ error: SystemError, _ place: String) {
        let remedy: String
        let problem: Problem
        switch error.code {
        case ENOSPC, EDQUOT:
            problem = .noSpace
            remedy = "; make room, and the next push goes on from here"
        case EFBIG, ENAMETOOLONG, EINVAL, EOVERFLOW:
            problem = .unfit
            remedy = "; the server's file system has no place for such a file"
        case EPERM, EACCES:
            problem = .notPermitted
            remedy = ""
        case EROFS:
            // What ext4 makes of itself after an error of its disk.
            problem = .inputOutput
            remedy = "; look into the kernel's log, a disk that fails is mounted so"
        case ENOENT, ENOTDIR, EISDIR, ELOOP, ENOTEMPTY, EXDEV:
            problem = .damaged
            remedy = "; somebody altered it"
        default:
            problem = .inputOutput
            remedy = ""
        }
        self.init(problem, "\(place): \(error)\(remedy)")
    }
}

/// Does system calls, and says of what fails where it was.
func at<Result: ~Copyable>(
    _ place: @autoclosure () -> String, _ body: () throws(SystemError) -> Result
) throws(StorageError) -> Result {
    do throws(SystemError) {
        return try body()
    } catch {
        throw StorageError(error, place())
    }
}
