/// What a name in a directory can be.
package enum FileKind: UInt8, Sendable, CaseIterable {
    case regular = 1
    case directory = 2
    case symlink = 3
    case fifo = 4
    case socket = 5
    case characterDevice = 6
    case blockDevice = 7
}

/// A moment of a file system's clock. Before 1970 the seconds are negative and the nanoseconds still count upwards.
package struct Timestamp: Hashable, Sendable, Comparable {
    /// Since 1970; negative before.
    package var seconds: Int64
    /// 0 to 999,999,999.
    package var nanoseconds: UInt32

    package init(seconds: Int64, nanoseconds: UInt32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

/// The number of a device node, as `major` and `minor` give it.
package struct DeviceNumber: Hashable, Sendable {
    package var major: UInt32
    package var minor: UInt32

    package init(major: UInt32 = 0, minor: UInt32 = 0) {
        self.major = major
        self.minor = minor
    }
}

/// What of a file a tree carries beside its content, ACLs and extended attributes.
package struct Metadata: Hashable, Sendable {
    package var kind: FileKind
    /// The twelve bits of `chmod`, setuid, setgid and sticky among them.
    package var mode: UInt16
    package var owner: UInt32
    package var group: UInt32
    /// In bytes: the content of a regular file, the target of a symlink; 0 for every other kind.
    package var size: UInt64
    /// The time of modification.
    package var modified: Timestamp
    /// Of a device node; zero for every other kind.
    package var device: DeviceNumber

    package init(
        kind: FileKind, mode: UInt16, owner: UInt32, group: UInt32, size: UInt64 = 0, modified: Timestamp,
        device: DeviceNumber = DeviceNumber()
    ) {
        self.kind = kind
        self.mode = mode
        self.owner = owner
        self.group = group
        self.size = size
        self.modified = modified
        self.device = device
    }
}

/// What `statx` says of a file that changes whenever the file does.
package struct Stamp: Hashable, Sendable {
    /// What a tree carries of it.
    package var metadata: Metadata
    /// In the jail; 0 where the file system gives none that lasts.
    package var inode: UInt64
    /// How many names the inode has, in the jail.
    package var links: UInt32
    /// The inode's ctime.
    package var changed: Timestamp

    package init(metadata: Metadata, inode: UInt64, links: UInt32, changed: Timestamp) {
        self.metadata = metadata
        self.inode = inode
        self.links = links
        self.changed = changed
    }
}
