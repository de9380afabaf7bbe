package import Catalog
package import Model
internal import Platform

/// A backupdir whose trees this program has (see `Backupdir.lock`); they are let go when the last reference goes.
package final class LockedBackupdir: Sendable {
    let opened: OpenBackupdir
    private let lock: Lock
    /// Bytes that holds leave free; 0 for any number.
    let reserve: UInt64

    init(_ opened: OpenBackupdir, lock: consuming Lock, reserve: UInt64) {
        self.opened = opened
        self.lock = lock
        self.reserve = reserve
    }

    package var path: Path { opened.path }
    /// Open for writing.
    package var catalog: Catalog { opened.catalog }
    /// The record of every push.
    package var pushes: PushLog { opened.pushes }
    var directory: Directory { opened.directory }
    var own: Directory { opened.own }
    var title: String { opened.title }
    var ownTitle: String { opened.ownTitle }

    /// Finishes what was begun when a run was cut off, whoever's it was.
    package func recover(progress: Progress? = nil) throws {
        try finishCommit(progress: progress)
        try finishRotation(progress: progress)
        try finishHold()
    }
}
