import CLinux
import Glibc

extension Descriptor {
    /// The kind of file system that the file lies on. An O_PATH descriptor will do, which does not wake an automount.
    package func fileSystem() throws(SystemError) -> FileSystemKind {
        FileSystemKind(magic: try shim("fstatfs") { linux_file_system_magic(raw) })
    }
}
