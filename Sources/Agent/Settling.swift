import Model
import Platform

// Pure rules about stamps: what may be trusted, and what is sent.

extension Stamp {
    /// How long a change must lie back before no other change can bear the same time. File systems count in steps of up
    /// to two seconds (FAT); most in milliseconds.
    static let settlingTime: Int64 = 2

    /// Whether a later change could bear this very stamp, or the file system's clock runs ahead of ours.
    func isUnsettled(at now: Timestamp) -> Bool {
        changed > Timestamp(seconds: now.seconds - Stamp.settlingTime, nanoseconds: now.nanoseconds)
    }
}

extension FileStatus {
    /// The stamp as it is sent: no inode where inodes do not last; no other links where a file of another file system is
    /// mounted over this name, since its inode means nothing here; a symlink's size within the limit, whatever its file
    /// system claims.
    func stampAsSent(directoryDevice: UInt64, inodesLast: Bool, longestTarget: Int) -> Stamp {
        var sent = stamp
        if !inodesLast || device != directoryDevice {
            sent.inode = 0
            sent.links = kind == .directory ? sent.links : 1
        }
        if kind == .symlink { sent.metadata.size = min(sent.metadata.size, UInt64(longestTarget)) }
        return sent
    }
}
