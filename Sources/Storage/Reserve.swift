internal import Model
internal import Platform
import Synchronization

/// What has to stay free on the file system. Asked only now and then: a call each 64 MiB, or each 1,024 inodes.
final class Reserve: Sendable {
    private let directory: Directory
    private let bytes: UInt64
    /// The backupdir.
    private let path: Path
    private let sequel: String
    // The first call asks: a push that is small fills a disk too.
    private let sinceAsked = Mutex(Reserve.stride)
    private static let stride = 64 << 20
    private static let inode = stride / 1024

    /// - Parameter sequel: what is said behind the advice to make room.
    init(
        _ bytes: UInt64, on directory: Directory, of path: Path, sequel: String = "; the next push goes on from here"
    ) {
        self.sequel = sequel
        self.path = path
        self.bytes = bytes
        self.directory = directory
    }

    /// To be called before so many bytes are written. Throws `.noSpace` if fewer than the reserve would be left.
    func take(_ count: Int) throws {
        guard bytes > 0 else { return }
        let isDue = sinceAsked.withLock { since in
            since += count
            guard since >= Reserve.stride else { return false }
            since = 0
            return true
        }
        guard isDue else { return }
        let left = try at("\(path)") { () throws(SystemError) in try directory.freeSpace() }
        guard left >= bytes, left - bytes >= count else {
            throw StorageError(
                .noSpace,
                "\(path): \(humanSize(left)) are left, and \(humanSize(bytes)) stays free (reserve in server.conf): make room"
                    + sequel)
        }
    }

    func takeInode() throws { try take(Reserve.inode) }

    /// Before what is in a file is written a second time; holes take no room.
    func takeContent(of status: FileStatus) throws { try take(Int(clamping: status.blocks) * 512) }
}
