import CLinux
import Glibc
import Model

/// An inode held by a descriptor, of which attributes are read or set. A descriptor opened with O_PATH takes none of
/// those calls; its path below /proc/self/fd does, and leads to that very inode, a symlink too.
struct Inode {
    let raw: Int32
    /// Nil where the descriptor itself will do.
    let path: String?

    init(_ descriptor: borrowing Descriptor) {
        raw = descriptor.raw
        path = descriptor.isHandle ? Descriptor.path(of: descriptor.raw) : nil
    }

    func status() throws(SystemError) -> Metadata { try FileStatus(of: raw).stamp.metadata }

    func list(_ buffer: UnsafeMutableRawPointer?, _ size: Int) -> Int {
        let list = buffer?.assumingMemoryBound(to: CChar.self)
        return path.map { linux_list_attributes_at($0, list, size) } ?? linux_list_attributes(raw, list, size)
    }

    func get(_ name: [UInt8], _ value: UnsafeMutableRawPointer?, _ size: Int) -> Int {
        withCString(name) { name in
            path.map { linux_get_attribute_at($0, name, value, size) } ?? linux_get_attribute(raw, name, value, size)
        }
    }

    func set(_ attribute: ExtendedAttribute) throws(SystemError) {
        try shim("fsetxattr", attribute.name) {
            withCString(attribute.name) { name in
                attribute.value.withUnsafeBytes { value in
                    path.map { linux_set_attribute_at($0, name, value.baseAddress, value.count) }
                        ?? linux_set_attribute(raw, name, value.baseAddress, value.count)
                }
            }
        }
    }

    func remove(_ name: [UInt8]) throws(SystemError) {
        do throws(SystemError) {
            try shim("fremovexattr", name) {
                withCString(name) { name in
                    path.map { linux_remove_attribute_at($0, name) } ?? linux_remove_attribute(raw, name)
                }
            }
        } catch  where error.code == ENODATA {
        }
    }

    func setOwner(_ owner: UInt32, _ group: UInt32) throws(SystemError) {
        try system("fchownat") { fchownat(raw, "", owner, group, LINUX_AT_EMPTY_PATH) }
    }

    func setMode(_ mode: UInt16) throws(SystemError) {
        try system("fchmod") { path.map { chmod($0, mode_t(mode)) } ?? fchmod(raw, mode_t(mode)) }
    }

    /// Sets the time of modification; that of access stays.
    func setModified(_ modified: Timestamp) throws(SystemError) -> Bool {
        // UTIME_OMIT
        let unchanged = timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2)
        let times = [unchanged, timespec(tv_sec: Int(modified.seconds), tv_nsec: Int(modified.nanoseconds))]
        try system("utimensat") { path.map { utimensat(AT_FDCWD, $0, times, 0) } ?? futimens(raw, times) }
        // A file system takes what is beyond its range without a word, and keeps the nearest that it has. Every one has
        // room for 32 bits: so nothing is asked of times within.
        if Int32(exactly: modified.seconds) != nil { return true }
        return try status().modified.seconds == modified.seconds
    }
}
