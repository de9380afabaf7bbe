internal import Catalog
internal import Model
internal import Platform

/// Tree `0` for a push that reads in it while it is received.
///
/// Root has it open all the time: it stands still, whatever housekeeping does. One who is not root may have to change the
/// mode of a directory to look into it, and changes it back at once; whoever works on the trees would see that, or change
/// it back too early. So that is done while nobody does.
final class NewestTree: Sendable {
    private let opened: OpenBackupdir
    private let holder: String
    private let progress: Progress?
    /// As root; nil before the first generation too.
    private let tree: OpenTree?
    /// Whether one of the push's own threads reads.
    private let isTaken = Monitor(false)

    /// Throws `.damaged` where `0` is not the committed generation.
    init(_ opened: OpenBackupdir, _ holder: String, progress: Progress?) throws {
        self.opened = opened
        self.holder = holder
        self.progress = progress
        guard isRoot() else {
            tree = nil
            try read { _ in }
            return
        }
        tree = try opened.newestTree()
    }

    /// - Parameter body: is given nil before the first generation, and keeps nothing of the tree.
    func read<Result: ~Copyable>(_ body: (OpenTree?) throws -> Result) throws -> Result {
        if isRoot() { return try body(tree) }
        isTaken.wait { isTaken in isTaken ? nil : (isTaken = true) }
        defer { isTaken.with { $0 = false } }
        try opened.catalog.flush()
        let lock = try opened.backupdir.acquire(.trees, holder, in: opened.own, progress)
        let result = try readAlone(body)
        lock.release()
        return result
    }

    private func readAlone<Result: ~Copyable>(_ body: (OpenTree?) throws -> Result) throws -> Result {
        let tree = try opened.newestTree()
        let result = try body(tree)
        try tree?.restore()
        return result
    }
}
