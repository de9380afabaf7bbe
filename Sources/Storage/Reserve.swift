internal import Model
internal import Platform
import Synchronization

/// What has to stay free on the file system. Asked only now and then: a call each 64 MiB, or each 1,024 inodes.
final class Reserve: Sendable {
    private let directory: Directory
    private let bytes: UInt64
    // The first call asks: a push that is small fills a disk too.
    private let sinceAsked = Mutex(Reserve.stride)
    private static let stride = 64 << 20
    private static let inode = stride / 1024

    init(_ bytes: UInt64, on directory: Directory) {
        self.bytes = bytes
        self.directory = directory
    }

    /// Throws `.noSpace` if fewer bytes are left than the reserve.
    func take(_ count: Int) throws {
        guard bytes > 0 else { return }
        let isDue = sinceAsked.withLock { since in
            since += count
            guard since >= Reserve.stride else { return false }
            since = 0
            return true
        }
        guard isDue else { return }
        let left = try at("incoming") { () throws(SystemError) in try directory.freeSpace() }
        guard left >= bytes else {
            throw StorageError(
                .noSpace,
                "incoming: \(left) bytes are left, and \(bytes) are kept free; the next push goes on from here")
        }
    }

    func takeInode() throws { try take(Reserve.inode) }
}
