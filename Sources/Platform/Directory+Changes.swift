import CLinux
import Glibc
import Model

// What makes, moves and removes one name.

extension Directory {
    /// What becomes of what stands under the new name.
    package enum RenameMode: Sendable {
        /// What is at the new place goes.
        case replace
        /// EEXIST if there is anything at the new place.
        case noReplace
        /// Both must exist, and take each other's place in one step.
        case exchange
    }

    /// Throws EEXIST if the name is taken, by whatever. The umask takes from the mode.
    package func makeDirectory(_ name: Name, mode: UInt16 = 0o700) throws(SystemError) {
        try system("mkdirat", name.bytes) { name.withCString { mkdirat(raw, $0, mode_t(mode)) } }
    }

    /// The directory of that name, made if there is none.
    package func openOrMakeDirectory(_ name: Name, mode: UInt16 = 0o700) throws(SystemError) -> Directory {
        do throws(SystemError) {
            try makeDirectory(name, mode: mode)
        } catch  where error.code == EEXIST {}
        return try openDirectory(name)
    }

    /// Throws EEXIST if the name is taken. The target is not looked at.
    package func makeSymlink(_ name: Name, target: [UInt8]) throws(SystemError) {
        try system("symlinkat", name.bytes) {
            withCString(target) { target in name.withCString { symlinkat(target, raw, $0) } }
        }
    }

    /// Makes a fifo, a socket or a device node (those only as root); for a regular file, an empty one.
    package func makeNode(
        _ name: Name, kind: FileKind, mode: UInt16 = 0o600, device: DeviceNumber = DeviceNumber()
    ) throws(SystemError) {
        try shim("mknodat", name.bytes) {
            name.withCString {
                linux_make_node(raw, $0, kind.modeBits | UInt32(mode), device.major, device.minor)
            }
        }
    }

    /// Removes a name that is no directory.
    package func unlink(_ name: Name) throws(SystemError) {
        try system("unlinkat", name.bytes) { name.withCString { unlinkat(raw, $0, 0) } }
    }

    /// Removes an empty directory.
    package func removeDirectory(_ name: Name) throws(SystemError) {
        try system("unlinkat", name.bytes) { name.withCString { unlinkat(raw, $0, AT_REMOVEDIR) } }
    }

    /// Gives the file `name` a second name; EEXIST if that exists, EMLINK if the inode takes no more. A symlink is linked
    /// itself.
    package func link(_ name: Name, to directory: Directory, as other: Name) throws(SystemError) {
        try system("linkat", other.bytes) {
            name.withCString { from in other.withCString { linkat(raw, from, directory.raw, $0, 0) } }
        }
    }

    /// Moves a name, in one step that no observer sees half of; not durable before a sync.
    package func rename(
        _ name: Name, to directory: Directory, as other: Name, _ mode: RenameMode = .noReplace
    ) throws(SystemError) {
        let flags: Int32 =
            switch mode {
            case .replace: 0
            case .noReplace: LINUX_RENAME_NOREPLACE
            case .exchange: LINUX_RENAME_EXCHANGE
            }
        try shim("renameat2", other.bytes) {
            name.withCString { from in
                other.withCString { linux_rename(raw, from, directory.raw, $0, UInt32(flags)) }
            }
        }
    }
}
