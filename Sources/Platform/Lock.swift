import Glibc
import Model

/// Why a lock was not had.
package enum LockError: Error, Hashable {
    /// Someone else has it; who, as far as that one wrote it down.
    case held(by: String?)
    case failed(SystemError)
}

extension LockError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .held(let holder?): "locked by \(holder)"
        case .held(nil): "locked by another process"
        case .failed(let error): error.description
        }
    }
}

/// An exclusive lock on a file, let go when its owner goes, also by a crash.
package struct Lock: ~Copyable, Sendable {
    private let file: Descriptor

    /// Takes the lock at once or not at all. The file is made if there is none, and stays.
    /// - Parameter holder: who asks, to be told to whoever comes while it is held: `nightjar-receive, process 812`.
    package static func acquire(_ name: Name, in directory: Directory, holder: String) throws(LockError) -> Lock {
        do throws(SystemError) {
            let file = try directory.openOrCreateFile(name)
            let raw = file.raw
            do throws(SystemError) {
                try system("flock", name.bytes) { flock(raw, LOCK_EX | LOCK_NB) }
            } catch  where error.code == EWOULDBLOCK {
                throw SystemError(operation: "flock", code: EWOULDBLOCK, subject: try? file.readAll(atMost: 256))
            }
            try file.truncate(to: 0)
            try file.write(Array(holder.utf8))
            return Lock(file: file)
        } catch {
            guard error.operation == "flock", error.code == EWOULDBLOCK else { throw .failed(error) }
            let holder = error.subject ?? []
            throw .held(by: holder.isEmpty ? nil : escaped(holder))
        }
    }

    /// Lets go at once.
    package consuming func release() {}
}

extension Directory {
    /// Claims the directory for one who reads in it, for as long as this object lives: nobody changes what is in it then.
    /// False, at once, if somebody is changing it now.
    package func claimToRead() throws(SystemError) -> Bool {
        do throws(SystemError) {
            try system("flock") { flock(raw, LOCK_SH | LOCK_NB) }
            return true
        } catch  where error.code == EWOULDBLOCK {
            return false
        }
    }

    /// Claims the directory for one who will change what is in it, for as long as this object lives. False, at once, if
    /// somebody reads in it and said so by a shared lock (`flock --shared DIRECTORY COMMAND`).
    package func claim() throws(SystemError) -> Bool {
        do throws(SystemError) {
            try system("flock") { flock(raw, LOCK_EX | LOCK_NB) }
            return true
        } catch  where error.code == EWOULDBLOCK {
            return false
        }
    }
}
