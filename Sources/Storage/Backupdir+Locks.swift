internal import Catalog
internal import Model
internal import Platform

/// The two locks of a backupdir. Each is let go when its holder ends, however that ends.
///
/// **The push** (`pushing`) is held by who decides what the next generation will be: he writes the rows that begin or end
/// with it, the counters, and `incoming`, and only he may have a generation committed. **The trees** (`lock`) are held by
/// who changes what stands in `0` to `6`, `holds`, `spare` and the rest of `.nightjar`, and which generation is committed.
///
/// | who | the push | the trees |
/// |---|---|---|
/// | a push | from its first moment to its last | while it looks after what was cut off, and while it commits |
/// | `check` | for as long as it takes | while it looks after what was cut off |
/// | `revert` | for as long as it takes | for as long as it takes |
/// | a rotation, a hold, a release | | for as long as it takes |
/// | `nights`, `ls`, a dry run, a restore that reads | | |
///
/// So the nights move while a push is received, and a commit and a rotation wait for each other. `0` and the committed
/// generation stand still for who has either lock: a commit changes them, and that takes both. One that was cut is
/// finished by whoever has the trees next, and a push has had them once before it looks at anything.
///
/// The push comes before the trees: who has the trees takes the other only if it is free at this moment. Nobody waits for
/// the trees with a transaction of the catalog open, as who has them may wait to write.
extension Backupdir {
    /// As what, or with what in front of it, those have the push who hold it for no longer than their work takes: others
    /// wait for them, as everybody does for the trees.
    package static let housekeeper = "housekeeping"

    /// Takes the trees, opens the catalog, makes what is missing in `.nightjar`, finishes what was cut off, and looks
    /// after what pushes left that were, unless one is under way. Waits for who has them, but for no longer than an hour,
    /// and not for the caller's double: then throws `.busy`.
    /// - Parameters:
    ///   - holder: who asks, for whoever finds them locked.
    ///   - reserve: holds are not made where fewer bytes than these would be left; 0 asks nothing.
    package func lock(holder: String, reserve: UInt64 = 0, progress: Progress? = nil) throws -> LockedBackupdir {
        let own = try openOwn()
        let trees = try acquire(.trees, holder, in: own, progress)
        let push = try acquirePushIfFree(in: own)
        let opened = try OpenBackupdir(self, own)
        let locked = LockedBackupdir(opened, lock: trees, reserve: reserve)
        try locked.recover(progress: progress)
        if let push {
            try opened.endPushes(progress: progress)
            push.release()
        }
        return locked
    }

    /// Takes the push, and does with the trees what `lock` does; then lets those go. Throws `.busy` if a push is under
    /// way: no later than it takes to be sure of it.
    /// - Parameter holder: who asks, for whoever finds it locked.
    package func lockPush(holder: String, progress: Progress? = nil) throws -> PushingBackupdir {
        let own = try openOwn()
        let push = try acquire(.push, holder, in: own, progress)
        let trees = try acquire(.trees, holder, in: own, progress)
        let opened = try OpenBackupdir(self, own)
        let locked = LockedBackupdir(opened, lock: trees, reserve: 0)
        try locked.recover(progress: progress)
        try opened.endPushes(progress: progress)
        return PushingBackupdir(opened, lock: push, holder: holder)
    }

    enum LockKind {
        case push
        case trees

        fileprivate var file: Name { self == .push ? Layout.pushing : Layout.lock }
        /// What its holder does, for who would.
        fileprivate var work: String { self == .push ? "a push is under way" : "its nights are being changed" }

        /// Whether to wait for that one.
        fileprivate func isPassing(_ holder: String?) -> Bool {
            self == .trees || holder?.hasPrefix(Backupdir.housekeeper) ?? false
        }
    }

    func acquire(_ kind: LockKind, _ holder: String, in own: Directory, _ progress: Progress?) throws -> Lock {
        let start = steadySeconds()
        var seen: LockError?
        while true {
            let found: LockError
            do throws(LockError) {
                return try Lock.acquire(kind.file, in: own, holder: holder)
            } catch {
                found = error
            }
            switch found {
            case .failed(let cause): throw StorageError(cause, "\(path)")
            case .held(let other) where kind.isPassing(other) && holder != other: seen = nil
            // Who has only just locked it may not have written his name over his predecessor's yet.
            case .held where seen != found: seen = found
            case .held: throw busy(kind, found)
            }
            guard steadySeconds() - start < 3600 else { throw busy(kind, found) }
            try progress?(.waiting, 0, 0)
            pause(seconds: 0.2)
        }
    }

    private func busy(_ kind: LockKind, _ found: LockError) -> StorageError {
        StorageError(.busy, "\(path): \(kind.work) (\(found)); try again when that is done")
    }

    /// Nil if somebody has it.
    private func acquirePushIfFree(in own: Directory) throws -> Lock? {
        do throws(LockError) {
            return try Lock.acquire(Layout.pushing, in: own, holder: Backupdir.housekeeper)
        } catch {
            if case .failed(let cause) = error { throw StorageError(cause, "\(path)") }
            return nil
        }
    }
}
