import CLinux
import Glibc
import Model

/// What `statx` says of one file, never following a symlink.
package struct FileStatus: Hashable, Sendable {
    /// The size counts for regular files and symlinks, the device number for device nodes; else they are zero.
    package var stamp: Stamp
    /// The file system it lies on, as `st_dev`.
    package var device: UInt64
    /// Room taken, in units of 512 bytes.
    package var blocks: UInt64
    /// When the inode was made; zero where the file system does not keep it. Survives a rename, as the inode does.
    package var birth: Timestamp
    /// Whether a file system is mounted here.
    package var isMountRoot: Bool
    /// Whether the immutable or the append-only flag is set.
    package var isImmutable: Bool

    /// What kind of file it is.
    package var kind: FileKind { stamp.metadata.kind }

    /// Whether it is the same inode, whatever happened to its content.
    package func isSame(as other: FileStatus) -> Bool {
        kind == other.kind && device == other.device && stamp.inode == other.stamp.inode
    }

    init(of descriptor: Int32) throws(SystemError) {
        var found = linux_status()
        try shim("statx") { linux_status(descriptor, "", &found) }
        self.init(found)
    }

    init(of name: Name, below directory: Int32) throws(SystemError) {
        var found = linux_status()
        try shim("statx", name.bytes) { name.withCString { linux_status(directory, $0, &found) } }
        self.init(found)
    }

    @inline(__always)
    init(_ found: linux_status) {
        let kind = FileKind(mode: found.mode)
        let sized = kind == .regular || kind == .symlink
        let isDevice = kind == .characterDevice || kind == .blockDevice
        stamp = Stamp(
            metadata: Metadata(
                kind: kind, mode: UInt16(truncatingIfNeeded: found.mode & 0o7777), owner: found.owner,
                group: found.group, size: sized ? found.size : 0,
                modified: Timestamp(seconds: found.modified, nanoseconds: found.modified_ns),
                device: isDevice ? DeviceNumber(major: found.major, minor: found.minor) : DeviceNumber()),
            inode: found.inode, links: found.links,
            changed: Timestamp(seconds: found.changed, nanoseconds: found.changed_ns))
        device = found.device
        blocks = found.blocks
        birth = Timestamp(seconds: found.born, nanoseconds: found.born_ns)
        isMountRoot = found.is_mount_root != 0
        isImmutable = found.is_immutable != 0
    }
}

extension FileKind {
    /// The kind in the upper bits of `st_mode`.
    @inline(__always)
    init(mode: UInt32) {
        switch mode & 0o170000 {
        case 0o040000: self = .directory
        case 0o120000: self = .symlink
        case 0o010000: self = .fifo
        case 0o140000: self = .socket
        case 0o020000: self = .characterDevice
        case 0o060000: self = .blockDevice
        default: self = .regular
        }
    }

    /// The kind as `d_type` has it; nil where the file system does not say.
    @inline(__always)
    init?(directoryType: UInt8) {
        guard directoryType != 0 else { return nil }
        self.init(mode: UInt32(directoryType) << 12)
    }

    /// The upper bits of `st_mode`.
    package var modeBits: UInt32 {
        switch self {
        case .regular: 0o100000
        case .directory: 0o040000
        case .symlink: 0o120000
        case .fifo: 0o010000
        case .socket: 0o140000
        case .characterDevice: 0o020000
        case .blockDevice: 0o060000
        }
    }
}

extension Name {
    /// The name with a NUL after it, for one call.
    func withCString<Answer>(_ body: (UnsafePointer<CChar>) -> Answer) -> Answer {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
            for index in bytes.indices { buffer[index] = CChar(bitPattern: bytes[index]) }
            buffer[bytes.count] = 0
            return body(UnsafePointer(buffer.baseAddress!))
        }
    }
}

/// Bytes with a NUL after them, for one call.
package func withCString<Answer>(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> Answer) -> Answer {
    (bytes + [0]).withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
}
