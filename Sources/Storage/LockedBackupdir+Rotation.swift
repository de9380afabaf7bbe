internal import Catalog
package import Model
internal import Platform

/// What a rotation made the new night 1 of.
package struct RotationReport: Hashable, Sendable {
    package enum Source: Hashable, Sendable {
        /// Of night 6, which held this generation.
        case recycled(Generation)
        /// There were fewer than seven nights.
        case freshCopy
        /// Night 6 could not be used: why. It is put aside.
        case freshCopyInstead(String)
    }

    /// What night 1 holds.
    package var generation: Generation
    package var source: Source
    /// Names that were not what the catalog says, as a comparison found; they are now.
    package var mended = 0
}

/// The nights move down by one.
///
/// What an observer sees: `6` goes, every other night has the next number, and `1` is what `0` is. What happens: `6` is
/// taken out, brought to the generation of `0`, and put back under its number; then it changes places with its neighbour,
/// in one step each, until it is `1`. No number is ever missing but `6` while it is being brought, and no night ever.
///
/// All that has to be remembered is which tree is to become `1`: where it lies, and what it holds, says how far an earlier
/// run came. Until it is `1`, whoever takes the trees next goes on from there. A push that is received meanwhile is not in the
/// way: what it stages, and the rows of the generation to come, are no night's.
extension LockedBackupdir {
    /// Rotates now. Throws `.damaged` if `0` is not the committed generation's tree, `.refused` before the first push.
    /// - Parameter comparing: also walks `0` and the new `1`, and mends what differs.
    package func rotate(at moment: Moment, comparing: Bool = false, progress: Progress? = nil) throws -> RotationReport
    {
        guard try opened.newestTree() != nil else { throw StorageError(.refused, "\(title): nothing was pushed yet") }
        let target = try catalog.committed()
        let (tree, held, source) = try chooseTree()
        try catalog.beginRotation(
            tree, TreeState(generation: held, target: target), compares: comparing, at: moment)
        var report = RotationReport(generation: target, source: source)
        try finishRotation(&report, progress)
        return report
    }

    /// From a rotation that was begun forward, wherever an earlier run was cut. Nothing happens if there is none.
    func finishRotation(progress: Progress?) throws {
        var report = RotationReport(generation: .empty, source: .freshCopy)
        try finishRotation(&report, progress)
    }

    private func finishRotation(_ report: inout RotationReport, _ progress: Progress?) throws {
        guard let underWay = try catalog.rotation() else { return }
        var tree = underWay.tree
        if try catalog.tree(tree)?.target != nil {
            tree = try build(underWay, &report, progress)
            try sync(progress)
            try catalog.setTree(tree, TreeState(generation: try catalog.committed()))
        }
        try moveToFirst(tree)
        try sync(progress)
        try catalog.endRotation(hasCompared: underWay.compares)
    }

    // MARK: - Which tree

    /// Night 6 if it can be recycled, else an empty tree; and which generation it holds.
    private func chooseTree() throws -> (TreeIdentity, held: Generation, RotationReport.Source) {
        guard try firstFreeNumber() == nil else { return try emptyTree(.freshCopy) }
        let title = nightTitle(Layout.oldest)
        guard let oldest = try night(Layout.oldest), let state = try catalog.tree(oldest), state.target == nil else {
            return try emptyTree(.freshCopyInstead("\(title) is no tree that the catalog knows"))
        }
        // A reader who comes later than this will find the tree being changed, and one who comes before it is changed
        // keeps it as it is: it is claimed again then.
        let isFree = try at(title) { () throws(SystemError) in
            try directory.openOwn(Layout.night(Layout.oldest)).claim()
        }
        return isFree
            ? (oldest, state.generation, .recycled(state.generation))
            : try emptyTree(.freshCopyInstead("\(title) is being read"))
    }

    private func emptyTree(
        _ source: RotationReport.Source
    ) throws -> (TreeIdentity, held: Generation, RotationReport.Source) {
        (try makeTree(Layout.recycled).identity, .empty, source)
    }

    // MARK: - What it holds

    /// Makes the tree what it is to be; another one, if that one is not what the catalog says.
    private func build(
        _ underWay: RotationUnderWay, _ report: inout RotationReport, _ progress: Progress?
    ) throws -> TreeIdentity {
        do {
            try takeOut(underWay.tree)
            guard let tree = try treeAtWork(Layout.recycled), tree.identity == underWay.tree,
                tree.state.target == (try catalog.committed())
            else { throw StorageError(.damaged, "\(ownTitle)/\(Layout.recycled) is not what a rotation left there") }
            try build(tree, compares: underWay.compares, &report, progress)
            return tree.identity
        } catch let error as StorageError where error.problem == .damaged {
            try putAside(Layout.recycled, in: own, "\(ownTitle)/\(Layout.recycled)")
            report.source = .freshCopyInstead(error.description)
            var tree = try makeTree(Layout.recycled)
            let target = try catalog.committed()
            try catalog.restartRotation(with: tree.identity, target: target)
            tree.state.target = target
            try build(tree, compares: underWay.compares, &report, progress)
            return tree.identity
        }
    }

    private func build(
        _ tree: TreeAtWork, compares: Bool, _ report: inout RotationReport, _ progress: Progress?
    ) throws {
        try bring(tree, to: try catalog.committed(), progress: progress)
        guard compares, let newest = try opened.newestTree() else { return }
        var mirroring = Mirroring(of: newest.root, in: tree.directory, title: tree.title, progress: progress)
        try mirroring.run()
        report.mended = mirroring.mended
    }

    /// Where the nights are, it is night 6 still, or nothing has begun.
    private func takeOut(_ tree: TreeIdentity) throws {
        guard let number = try number(of: tree) else { return }
        // What an earlier run left half made.
        try putAside(Layout.recycled, in: own, "\(ownTitle)/\(Layout.recycled)")
        try move(Layout.night(number), in: directory, to: own, as: Layout.recycled, nightTitle(number))
    }

    // MARK: - Where it lies

    /// Lets the tree in by the highest number that is free, and go down from there. The oldest night is put aside if none
    /// is. A tree that is gone leaves all as it is.
    private func moveToFirst(_ tree: TreeIdentity) throws {
        var here: Int
        if let number = try number(of: tree) {
            here = number
        } else {
            guard try identity(of: Layout.recycled, in: own, ownTitle) == tree else { return }
            let free = try firstFreeNumber()
            here = free ?? Layout.oldest
            if free == nil { try putAside(Layout.night(here), in: directory, nightTitle(here)) }
            try move(Layout.recycled, in: own, to: directory, as: Layout.night(here), nightTitle(here))
        }
        while here > Layout.first {
            let mode: Directory.RenameMode = try night(here - 1) == nil ? .noReplace : .exchange
            try at(nightTitle(here)) { () throws(SystemError) in
                try directory.rename(Layout.night(here), to: directory, as: Layout.night(here - 1), mode)
            }
            here -= 1
        }
        try finishRoot(Layout.night(here), in: directory, nightTitle(here))
    }

    /// The lowest number of a past night that nothing has; nil if there are seven nights.
    private func firstFreeNumber() throws -> Int? {
        try (Layout.first...Layout.oldest).first { try night($0) == nil }
    }

    /// The number of a past night.
    private func number(of tree: TreeIdentity) throws -> Int? {
        try (Layout.first...Layout.oldest).first { try night($0) == tree }
    }

    /// Which tree a night is; nil if nothing has its number. Throws `.damaged` if what has it is no directory.
    private func night(_ number: Int) throws -> TreeIdentity? {
        let name = Layout.night(number)
        if let tree = try identity(of: name, in: directory, nightTitle(number)) { return tree }
        guard try at(title, { () throws(SystemError) in try directory.statusIfPresent(of: name) }) == nil else {
            throw StorageError(.damaged, "\(nightTitle(number)) is no directory; move it elsewhere")
        }
        return nil
    }

    private func nightTitle(_ number: Int) -> String { "\(path)/\(number)" }
}
