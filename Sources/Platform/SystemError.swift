import Glibc
import Model

/// What the system answered to one call. Its text says operation, subject and answer: `openat x: Permission denied`.
package struct SystemError: Error, Hashable {
    /// The system call's own name, `openat`.
    package var operation: String
    /// As `errno` had it.
    package var code: Int32
    /// The name or path that the call was about, raw; nil where it was about an open descriptor.
    package var subject: [UInt8]?

    package init(operation: String, code: Int32, subject: [UInt8]? = nil) {
        self.operation = operation
        self.code = code
        self.subject = subject
    }

    /// The same trouble, told of the whole path that the caller knows.
    package func about(_ path: Path) -> SystemError {
        SystemError(operation: operation, code: code, subject: path.bytes)
    }

    /// Whether the name, or the place it should be in, does not exist.
    package var isMissing: Bool { code == ENOENT || code == ENOTDIR }

    /// Whether the disk, a quota or the table of inodes is full.
    package var isFull: Bool { code == ENOSPC || code == EDQUOT }

    /// What the system calls the code: `Permission denied`.
    package var reason: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let text = buffer.baseAddress, strerror_r(code, text, buffer.count) == 0 else {
                return "error \(code)"
            }
            return String(cString: text)
        }
    }
}

extension SystemError: CustomStringConvertible {
    package var description: String {
        guard let subject else { return "\(operation): \(reason)" }
        return "\(operation) \(escaped(subject)): \(reason)"
    }
}
