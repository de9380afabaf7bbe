import CLinux
import Glibc
import Model

/// What kind of file system a directory lies on, as far as a backup must know.
package struct FileSystemKind: Hashable, Sendable {
    /// The kernel's own view of itself (proc, sys, cgroup, …): nothing that could be backed up.
    package let isPseudo: Bool
    /// Whether a file keeps its inode number from one mount to the next.
    package let inodesLast: Bool
    /// Whether it keeps everything in memory.
    package let isInMemory: Bool
    /// Whether inodes with numbers near each other lie near each other on a disk of this machine.
    package let inodesLieInOrder: Bool

    init(magic: Int64) {
        isPseudo = FileSystemKind.pseudo.contains(magic)
        inodesLast = !FileSystemKind.renumbering.contains(magic)
        isInMemory = FileSystemKind.memory.contains(magic)
        inodesLieInOrder = inodesLast && !isInMemory && !FileSystemKind.remote.contains(magic)
    }

    private static let pseudo: Set<Int64> = [
        0x9FA0,  // proc
        0x6265_6572,  // sysfs
        0x27E0_EB, 0x6367_7270,  // cgroup, cgroup2
        0x1CD1,  // devpts
        0x6462_6720,  // debugfs
        0x7472_6163,  // tracefs
        0x7363_6673,  // securityfs
        0xCAFE_4A11,  // bpf
        0x6165_676C,  // pstore
        0x4249_4E4D,  // binfmt_misc
        0x6265_6570,  // configfs
        0xDE5E_81E4,  // efivarfs
        0x1980_0202,  // mqueue
        0x9584_58F6,  // hugetlbfs
        0x6573_5543,  // fusectl
        0xF97C_FF8C,  // selinuxfs
        0x4341_5D53,  // smackfs
        0x0187,  // autofs
        0x6E73_6673,  // nsfs
        0x6759_6969,  // rpc_pipefs
        0x5346_4C44,  // nfsd
        0x5049_4446,  // pidfs
    ]

    private static let renumbering: Set<Int64> = [
        0x6573_5546,  // fuse
        0x794C_7630,  // overlayfs
        0xFF53_4D42, 0xFE53_4D42, 0x517B,  // cifs, smb2, smb
        0x0102_1997,  // 9p
        0x786F_4256,  // vboxsf
    ]

    private static let memory: Set<Int64> = [
        0x0102_1994,  // tmpfs
        0x8584_58F6,  // ramfs
    ]

    /// Beside those that renumber.
    private static let remote: Set<Int64> = [
        0x6969,  // nfs
        0x00C3_6400,  // ceph
    ]
}

extension Directory {
    /// What the directory lies on.
    package func fileSystem() throws(SystemError) -> FileSystemKind {
        FileSystemKind(magic: try shim("fstatfs") { linux_file_system_magic(raw) })
    }

    /// Which file system it is, for whoever asks again after a reboot.
    package func fileSystemIdentity() throws(SystemError) -> FileSystemIdentity {
        let kind = try shim("fstatfs") { linux_file_system_magic(raw) }
        var number: UInt64 = 0
        try shim("fstatfs") { linux_file_system_number(raw, &number) }
        return FileSystemIdentity(kind: UInt64(kind), number: number)
    }

    /// Bytes that this user may still write where the directory lies.
    package func freeSpace() throws(SystemError) -> UInt64 { try space().free }

    /// Bytes that anybody may still write where the directory lies, and how many it has in all. Of a directory with a
    /// quota of its own ext4 and xfs tell what that leaves.
    package func space() throws(SystemError) -> (free: UInt64, size: UInt64) {
        var about = statvfs()
        try system("fstatvfs") { fstatvfs(raw, &about) }
        let unit = UInt64(about.f_frsize)
        return (UInt64(about.f_bavail) * unit, UInt64(about.f_blocks) * unit)
    }
}
