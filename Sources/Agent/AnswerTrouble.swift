import Glibc
import Model
import Platform

/// Why a request gets no answer.
enum AnswerTrouble: Error {
    /// The file is gone, or another kind of thing stands there now: no error.
    case vanished
    /// Someone holds a write lease on it; worth another try.
    case leased
    case failed(SystemError)
    /// The push has failed elsewhere.
    case ended

    init(_ error: SystemError) {
        switch error.code {
        case ENOENT, ENOTDIR: self = .vanished
        case EAGAIN: self = .leased
        default: self = .failed(error)
        }
    }
}

/// Makes calls to the system where an answer is being found.
func asking<Found: ~Copyable>(_ body: () throws(SystemError) -> Found) throws(AnswerTrouble) -> Found {
    do throws(SystemError) {
        return try body()
    } catch {
        throw AnswerTrouble(error)
    }
}

extension Issue {
    /// Trouble of the system with a path, by which the last good copy stays.
    init(path: [UInt8], _ error: SystemError) {
        let isFault = error.code == EIO || error.code == ESTALE
        let told = SystemError(operation: error.operation, code: error.code, subject: path)
        self.init(path: path, reason: isFault ? .inputOutput : .unreadable, detail: told.description)
    }
}

extension FileStatus {
    /// Whether the content may have changed from one look to the next.
    func hasMoved(since before: FileStatus) -> Bool {
        stamp.metadata.size != before.stamp.metadata.size || stamp.metadata.modified != before.stamp.metadata.modified
            || stamp.changed != before.stamp.changed
    }
}
