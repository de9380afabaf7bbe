internal import Catalog
internal import Model
internal import Platform

/// Brings a tree from one generation to another, later or earlier: the one operation behind commit, rotation, revert and
/// holds. A tree at generation 0 is empty, so making a hard-link copy is the same.
///
/// The catalog says which names differ; nothing else is looked at. What is new comes from `incoming` by rename, or from
/// the base tree by a hard link. No inode that is in a tree is altered, but directories, which no tree shares. Cut
/// anywhere and run again, it arrives where an uninterrupted run would have.
struct Bring {
    let catalog: Catalog
    let from: Generation
    let to: Generation
    /// The tree that changes.
    let tree: OpenTree
    /// A whole tree that has what is not staged; and the generation it is at.
    let base: (tree: OpenTree, generation: Generation)?
    /// Where what began with `to` is staged.
    let incoming: Incoming?
    /// Where a name may be made for a moment.
    let scratch: Directory
    /// Nil if an earlier run came so far that all replaced directories are gone; else it notes, durably, that they are.
    let noteCleared: (() throws -> Void)?
    let progress: Progress?

    /// Directories that came from `incoming` whole, in this run.
    var whole: Set<DirectoryNumber> = []
    /// For inodes that take no more names: where in this tree their copy is.
    var copies: [ObjectNumber: Place] = [:]
    /// Objects that are more than one inode, here or elsewhere; and those of them of which a name differs.
    var scattered: Set<ObjectNumber> = []
    private(set) var toRelink: Set<ObjectNumber> = []
    /// The directory whose names are being changed.
    var here = Here(number: .aboveRoot)
    /// Directories that have yet to get what is their own, which is done when all in them is.
    var unfinished: [DirectoryNumber: Finish] = [:]
    private var done = 0
    let crew: Crew

    struct Here {
        let number: DirectoryNumber
        /// Names that are to be changed in it.
        var waiting: [Difference] = []
        /// Open once a name was changed.
        var directory: Directory?
        /// It is not there at `to`: it went with what held it.
        var isGone = false

        /// A directory may be larger than the memory.
        static let mostWaiting = 1024
    }

    /// What a directory lacks.
    enum Finish {
        /// Its time of modification: all else is the same at both ends.
        case time(Timestamp)
        /// All that its row says.
        case all

        init(from before: Row?, to after: Row) {
            guard var was = before, was.child == after.child else {
                self = .all
                return
            }
            was.stamp.metadata.modified = after.stamp.metadata.modified
            self = was.isSameInTree(as: after) ? .time(after.stamp.metadata.modified) : .all
        }
    }

    init(
        catalog: Catalog, from: Generation, to: Generation, tree: OpenTree,
        base: (tree: OpenTree, generation: Generation)?, incoming: Incoming?, scratch: Directory,
        noteCleared: (() throws -> Void)?, progress: Progress?
    ) {
        self.catalog = catalog
        self.from = from
        self.to = to
        self.tree = tree
        self.base = base
        self.incoming = incoming
        self.scratch = scratch
        self.noteCleared = noteCleared
        self.progress = progress
        crew = Crew(progress: progress)
    }

    mutating func run() throws {
        scattered = Set(try catalog.relinkings())
        if let noteCleared, try clear() { try noteCleared() }
        try applyAll()
        try finishHandedOver()
        try finishRest()
        try relinkAll()
        try tree.restore()
        try base?.tree.restore()
    }

    /// Removes each directory of which the name will be another one's, before any of those is made: later nobody could
    /// tell which of both a name is. True if there were any.
    private func clear() throws -> Bool {
        guard from != .empty, to != .empty else { return false }
        let replaced = try catalog.replacedDirectories(from: from, to: to)
        for place in replaced {
            try remove(place.name, in: try tree.directory(place.directory), place.directory)
        }
        return !replaced.isEmpty
    }

    // MARK: - Directory by directory

    /// Parents before what is in them, as their numbers are lower.
    private mutating func applyAll() throws {
        let touched = try catalog.touchedDirectories(from: from, to: to)
        // A directory that came whole has all its names already.
        let isWhole = { (directory: DirectoryNumber) in scattered.isEmpty && whole.contains(directory) }
        try catalog.differences(
            in: touched, from: from, to: to, base: base?.generation, isWhole: isWhole
        ) { difference in
            if difference.directory != here.number {
                try leave()
                try progress?(.bringing, done, touched.count)
                here = Here(number: difference.directory)
                done += 1
            }
            try apply(difference)
        }
        try leave()
    }

    /// Makes one name of a directory what it is to be, at the latest with `leave`.
    private mutating func apply(_ difference: Difference) throws {
        if let after = difference.after, let child = after.child {
            unfinished[child] = Finish(from: difference.before, to: after)
            if difference.before?.child == child { return }
        }
        guard difference.name != nil, !here.isGone else { return }
        here.waiting.append(difference)
        if here.waiting.count >= Here.mostWaiting { try work() }
    }

    /// Does what waits, or hands it over to other threads; and gives the directory what is its own. One who is not root
    /// does that at the end, as it may bar the way to what is below.
    private mutating func leave() throws {
        if try handOver() { return }
        try work()
        guard here.directory != nil else { return }
        if isRoot() {
            try finish(here.number, unfinished.removeValue(forKey: here.number))
        } else if unfinished[here.number] == nil {
            unfinished[here.number] = .all
        }
    }

    /// Changes the names that wait.
    private mutating func work() throws {
        guard let directory = try open() else { return }
        for difference in here.waiting {
            guard let name = difference.name else { continue }
            if let after = difference.after {
                if after.child == nil, scattered.contains(after.object) { toRelink.insert(after.object) }
                try bring(after, name, difference, in: directory)
            } else {
                try remove(name, in: directory, here.number)
            }
        }
        here.waiting.removeAll(keepingCapacity: true)
    }

    /// The directory; nil if nothing in it is to be changed, or it went with what held it.
    mutating func open() throws -> Directory? {
        guard let first = here.waiting.first, !here.isGone else { return nil }
        if let directory = here.directory { return directory }
        // What has a name at `to` is there itself.
        if first.after == nil, try catalog.parent(of: here.number, at: to) == nil {
            here.isGone = true
            here.waiting = []
            return nil
        }
        here.directory = try tree.directory(here.number)
        return here.directory
    }

    // MARK: - What is a directory's own

    /// What is deeper comes first.
    private mutating func finishRest() throws {
        for (finished, number) in unfinished.keys.sorted(by: >).enumerated() {
            try progress?(.bringing, finished, unfinished.count)
            try finish(number, unfinished[number])
        }
        unfinished = [:]
    }

    /// - Parameter lack: nil if nothing of its own differs: only its names were changed, which moved its time.
    func finish(_ number: DirectoryNumber, _ lack: Finish?) throws {
        switch lack {
        case .all: try tree.finish(number)
        case .time(let time): try tree.setModified(time, of: number)
        case nil: if let time = try time(of: number) { try tree.setModified(time, of: number) }
        }
    }

    /// A directory's time of modification, as its row says.
    func time(of number: DirectoryNumber) throws -> Timestamp? {
        try catalog.row(of: number, at: to)?.stamp.metadata.modified
    }
}
