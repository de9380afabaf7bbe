import CLinux
import Glibc
import Model
import Synchronization

/// An open directory, shared by reference and closed when the last reference goes.
///
/// Every operation takes one name below it; none follows a symlink in that name, none blocks on a fifo or a lease, and
/// none can leave the directory. Whoever moves the directory meanwhile changes nothing of that.
package final class Directory: Sendable {
    let descriptor: Descriptor
    /// Whether the offset may stand elsewhere than at the beginning.
    let hasBeenRead = Atomic<Bool>(false)

    /// The number, for as long as this object lives.
    package var raw: Int32 { descriptor.raw }

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    static let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC

    /// Opens a directory by a path that only we, or root, can alter. Symlinks on the way are followed.
    package static func open(_ path: [UInt8]) throws(SystemError) -> Directory {
        let flags = Directory.flags & ~O_NOFOLLOW
        let raw = try system("open", path) { withCString(path) { Glibc.open($0, flags) } }
        return Directory(Descriptor(owning: raw))
    }

    /// Opens a directory by a path that only we, or root, can alter. Symlinks on the way are followed.
    package static func open(_ path: Path) throws(SystemError) -> Directory { try open(path.bytes) }

    /// The same directory with an offset of its own, and its names as they are now.
    package func reopened() throws(SystemError) -> Directory {
        Directory(Descriptor(owning: try system("openat") { openat(raw, ".", Directory.flags) }))
    }

    /// Opens a directory in this one; ENOTDIR for a symlink as for any other kind of file.
    package func openDirectory(_ name: Name) throws(SystemError) -> Directory {
        let raw = try shim("openat2", name.bytes) {
            name.withCString { linux_open_directory(self.raw, $0, Directory.flags) }
        }
        return Directory(Descriptor(owning: raw))
    }

    /// Opens a directory some levels below this one, as if each on the way were opened by its name: the kernel follows no
    /// symlink, and does it in one call, where it can.
    package func openDirectory(along way: [Name]) throws(SystemError) -> Directory {
        var here = self
        var rest = way[...]
        while !rest.isEmpty {
            let fitting = Directory.fitting(rest)
            do throws(SystemError) {
                let path = Array(rest.prefix(fitting).map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
                let raw = try shim("openat2", path) {
                    withCString(path) { linux_open_beneath(here.raw, $0, Directory.flags) }
                }
                here = Directory(Descriptor(owning: raw))
            } catch  where error.code == ENOSYS {
                for name in rest.prefix(fitting) { here = try here.openDirectory(name) }
            }
            rest = rest.dropFirst(fitting)
        }
        return here
    }

    /// How many names make a path that the kernel takes; at least one does.
    private static func fitting(_ names: ArraySlice<Name>) -> Int {
        var room = Int(PATH_MAX) - 1
        return names.prefix { name in
            room -= name.bytes.count + 1
            return room >= 0
        }.count
    }

    /// Opens a directory that need only be searched, for what lies below it by name: its names cannot be read, but its
    /// status and attributes can.
    package func openToSearch(_ name: Name) throws(SystemError) -> Directory {
        let raw = try shim("openat2", name.bytes) {
            name.withCString { linux_open_directory(self.raw, $0, LINUX_O_PATH) }
        }
        return Directory(Descriptor(owning: raw, isHandle: true))
    }

    /// Opens a file to read; EAGAIN where someone holds a write lease on it. Its time of access stays, where the system
    /// lets us. The caller looks at `status()`: the name may be another kind of file by now.
    package func openFile(_ name: Name) throws(SystemError) -> Descriptor {
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        do throws(SystemError) {
            return try open(name, flags | LINUX_O_NOATIME)
        } catch  where error.code == EPERM {
            return try open(name, flags)
        }
    }

    /// A handle on whatever the name is, symlinks, fifos and devices too, that cannot be read or written.
    package func openAnything(_ name: Name) throws(SystemError) -> Descriptor {
        try open(name, LINUX_O_PATH | O_NOFOLLOW | O_CLOEXEC)
    }

    /// Makes a new file to write and read; EEXIST if the name exists, whatever it is.
    package func createFile(_ name: Name, mode: UInt16 = 0o600) throws(SystemError) -> Descriptor {
        try open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, mode)
    }

    /// Opens a file of our own to write and read, or makes it; for locks, never for what is backed up.
    package func openOrCreateFile(_ name: Name, mode: UInt16 = 0o600) throws(SystemError) -> Descriptor {
        try open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode)
    }

    private func open(_ name: Name, _ flags: Int32, _ mode: UInt16 = 0) throws(SystemError) -> Descriptor {
        Descriptor(
            owning: try system("openat", name.bytes) { name.withCString { openat(raw, $0, flags, mode_t(mode)) } },
            isHandle: flags & LINUX_O_PATH != 0)
    }

    /// Of the directory itself.
    package func status() throws(SystemError) -> FileStatus { try descriptor.status() }

    /// Of a name, of a symlink itself; ENOENT if there is none.
    package func status(of name: Name) throws(SystemError) -> FileStatus { try FileStatus(of: name, below: raw) }

    /// The status, or nil where there is no such name.
    package func statusIfPresent(of name: Name) throws(SystemError) -> FileStatus? {
        do throws(SystemError) {
            return try status(of: name)
        } catch  where error.code == ENOENT {
            return nil
        }
    }

    /// Where the symlink `name` points, as bytes.
    package func readLink(_ name: Name) throws(SystemError) -> [UInt8] {
        var room = 256
        while true {
            var target = [UInt8](repeating: 0, count: room)
            let count = try system("readlinkat", name.bytes) {
                target.withUnsafeMutableBytes { buffer in
                    name.withCString {
                        readlinkat(raw, $0, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count)
                    }
                }
            }
            if count < room { return Array(target.prefix(count)) }
            room *= 4
        }
    }

    /// Waits until all that is dirty on the directory's file system is on the disk. An error is told once only: any
    /// means that what was written since the last success may be lost.
    package func syncFileSystem() throws(SystemError) { try shim("syncfs") { linux_sync_file_system(raw) } }

    /// Waits until the directory's own names are on the disk.
    package func sync() throws(SystemError) { try descriptor.sync() }
}
