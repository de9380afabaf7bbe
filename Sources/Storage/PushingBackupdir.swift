package import Catalog
package import Model
internal import Platform

/// A backupdir into which nobody else pushes (see `Backupdir.lockPush`), until the last reference goes. The nights may
/// move meanwhile.
package final class PushingBackupdir: Sendable {
    let opened: OpenBackupdir
    private let lock: Lock
    private let holder: String

    init(_ opened: OpenBackupdir, lock: consuming Lock, holder: String) {
        self.opened = opened
        self.lock = lock
        self.holder = holder
    }

    package var path: Path { opened.path }
    /// Open for writing.
    package var catalog: Catalog { opened.catalog }
    /// The record of every push.
    package var pushes: PushLog { opened.pushes }

    /// Throws what would stand in a push's way: `.damaged` where `0` is not the committed generation, `.noSpace` where
    /// fewer bytes than the reserve are left.
    package func check(reserve: UInt64, progress: Progress? = nil) throws {
        _ = try NewestTree(opened, holder, progress: progress)
        try Reserve(reserve, on: opened.own, of: path).take(0)
    }

    /// Opens the next generation for a push, or continues the one that broke off: what arrived whole is still there,
    /// what did not is removed. After a power cut all that was staged is read and checked.
    /// - Parameter reserve: staging stops with `.noSpace` before fewer bytes than these are left; 0 asks nothing.
    package func stage(at now: Timestamp, reserve: UInt64 = 0, progress: Progress? = nil) throws -> Staging {
        let newest = try NewestTree(opened, holder, progress: progress)
        return try stage(at: now, reserve: reserve, newest: newest, progress: progress)
    }

    private func stage(
        at now: Timestamp, reserve: UInt64, newest: NewestTree?, progress: Progress?
    ) throws -> Staging {
        let boot = try at(opened.title) { () throws(SystemError) in try bootIdentity() }
        let open = try catalog.begin(at: now, boot: boot)
        let incoming = try opened.incoming(of: open.number)
        if try !at(opened.title, { () throws(SystemError) in try incoming.top.keepsNanoseconds() }) {
            opened.shortfalls.note(["nanoseconds of times"], of: .root)
        }
        var reconciliation = Reconciliation(
            catalog: catalog, incoming: incoming, reading: open.boot != boot, progress: progress)
        try reconciliation.run()
        if open.boot != boot { try catalog.confirm(boot: boot) }
        return Staging(
            generation: open.number, incoming: incoming, catalog: catalog, newest: newest,
            reserve: Reserve(reserve, on: opened.own, of: path), shortfalls: opened.shortfalls)
    }

    /// Makes what was staged the newest night. When it returns, a power cut loses nothing of it. If it throws, `0` is
    /// the old night or the new one as a whole, and who takes either lock next finishes it if it was sealed.
    ///
    /// Flushes the catalog first, and waits for the trees. All writers must be done. Throws `.damaged`, and takes back
    /// the rows in question, if something is missing of what was staged.
    @discardableResult
    package func commit(_ staging: Staging, at now: Timestamp, progress: Progress? = nil) throws -> GenerationRecord {
        try finish(staging, progress)
        return try lockTrees(progress).commit(staging.generation, at: now, progress: progress)
    }

    /// Makes what a past night holds the state of `0` again, as a new generation: a push whose jail is that night. What a
    /// push that broke off had staged is forgotten.
    ///
    /// As with a push, `0` is the old tree or the new one at every moment, and what was cut is finished by the next run
    /// or forgotten. The next push compares the jail with this state, and brings what differs.
    package func revert(to number: Int, at now: Timestamp, progress: Progress? = nil) throws -> GenerationRecord {
        let locked = try lockTrees(progress)
        let (root, generation) = try locked.openNight(number)
        _ = try opened.newestTree()
        try catalog.abandon()
        let staging = try stage(at: now, reserve: 0, newest: nil, progress: progress)
        let night = OpenTree(root: root, title: "\(path)/\(number)", catalog: catalog, generation: generation)
        try staging.fill(from: night, at: generation)
        try finish(staging, progress)
        return try locked.commit(staging.generation, at: now, progress: progress)
    }

    /// Removes what earlier pushes left in `incoming`. Nothing depends on it: to be called after the agent was told.
    package func tidy(progress: Progress? = nil) throws { try opened.tidy(progress: progress) }

    /// From here nothing is staged any more, and all that is has its row.
    private func finish(_ staging: Staging, _ progress: Progress?) throws {
        try catalog.flush()
        try staging.separate()
        try staging.finish()
        var reconciliation = Reconciliation(
            catalog: catalog, incoming: staging.incoming, reading: false, progress: progress)
        try reconciliation.run()
        guard reconciliation.withdrawn == 0 else {
            throw StorageError(
                .damaged,
                "\(staging.incoming.title): \(reconciliation.withdrawn) staged files are missing; the next push sends them again"
            )
        }
    }

    /// What was cut since this program had them is finished first.
    private func lockTrees(_ progress: Progress?) throws -> LockedBackupdir {
        try catalog.flush()
        let lock = try opened.backupdir.acquire(.trees, holder, in: opened.own, progress)
        let locked = LockedBackupdir(opened, lock: lock, reserve: 0)
        try locked.recover(progress: progress)
        return locked
    }
}

extension Directory {
    /// Whether its file system has room for the whole of a time: told once for all files, instead of read back of each.
    fileprivate func keepsNanoseconds() throws(SystemError) -> Bool {
        let moment = Timestamp(seconds: 1_000_000_000, nanoseconds: 123_456_789)
        try setModified(moment)
        return try status().stamp.metadata.modified == moment
    }
}
