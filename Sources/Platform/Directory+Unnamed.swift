import CLinux
import Glibc
import Model

// Files that get their name when they are whole.

extension Directory {
    /// Makes a file to write and read that has no name, and that is gone with whoever has it open, also after a crash.
    /// Throws EOPNOTSUPP where the file system has no such files.
    package func createUnnamedFile(mode: UInt16 = 0o600) throws(SystemError) -> Descriptor {
        let flags = LINUX_O_TMPFILE | O_RDWR | O_NOCTTY | O_CLOEXEC
        do throws(SystemError) {
            return Descriptor(owning: try system("openat") { openat(raw, ".", flags, mode_t(mode)) })
        } catch  where error.code == EISDIR {
            // What a kernel says that does not know the flag.
            throw SystemError(operation: error.operation, code: EOPNOTSUPP)
        }
    }

    /// Gives an open file of this file system a name in the directory; EEXIST if the name is taken, be it by a symlink
    /// that leads nowhere. Not durable before a `sync`.
    package func link(_ file: borrowing Descriptor, as name: Name) throws(SystemError) {
        let number = file.raw
        try shim("linkat", name.bytes) { name.withCString { linux_link_file(number, raw, $0) } }
    }
}
