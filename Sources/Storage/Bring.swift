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
    private var scattered: Set<ObjectNumber> = []
    private(set) var toRelink: Set<ObjectNumber> = []
    /// Directories on the way to what differs: the names below each that have to be visited.
    private var ways: [DirectoryNumber: [DirectoryNumber]] = [:]
    private var touched: Set<DirectoryNumber> = []
    /// Directories whose own row differs, or in which a name was changed, until they have been finished.
    private var unfinished: Set<DirectoryNumber> = []
    private var done = 0

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
    }

    mutating func run() throws {
        try findWays()
        scattered = Set(try catalog.relinkings())
        if let noteCleared, try clear() { try noteCleared() }
        try walk()
        try relinkAll()
        try tree.restore()
        try base?.tree.restore()
    }

    // MARK: - Which directories

    private mutating func findWays() throws {
        for number in try catalog.touchedDirectories(from: from, to: to) {
            if number == .aboveRoot {
                touched.insert(number)
            } else if try addWay(to: number) {
                touched.insert(number)
            }
        }
    }

    /// False if the directory is not visible at `to`; what was in it goes with it.
    private mutating func addWay(to number: DirectoryNumber) throws -> Bool {
        var way: [(parent: DirectoryNumber, child: DirectoryNumber)] = []
        var next = number
        while next != .root, ways[next] == nil {
            guard let (parent, _) = try catalog.parent(of: next, at: to), parent != .aboveRoot else { return false }
            way.append((parent, next))
            next = parent
        }
        for step in way {
            ways[step.parent, default: []].append(step.child)
            if ways[step.child] == nil { ways[step.child] = [] }
        }
        return true
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

    // MARK: - The walk

    private enum Step {
        case enter(DirectoryNumber)
        case leave(DirectoryNumber)
    }

    /// Parents before what is in them; a directory's own times when all in it is done.
    private mutating func walk() throws {
        if touched.contains(.aboveRoot) {
            var differs = false
            try catalog.differences(in: .aboveRoot, from: from, to: to) { _ in differs = true }
            if differs { unfinished.insert(.root) }
        }
        var steps: [Step] = [.enter(.root)]
        while let step = steps.popLast() {
            switch step {
            case .enter(let number):
                try progress?(.bringing, done, ways.count)
                done += 1
                var below = Set(ways.removeValue(forKey: number) ?? [])
                if touched.contains(number) { try apply(number, &below) }
                steps.append(.leave(number))
                steps += below.sorted(by: >).map(Step.enter)
            case .leave(let number):
                if unfinished.remove(number) != nil { try tree.finish(number) }
            }
        }
    }

    /// Changes the names of one directory; those that are directories and have to be visited come into `below`.
    private mutating func apply(_ number: DirectoryNumber, _ below: inout Set<DirectoryNumber>) throws {
        var directory: Directory?
        try catalog.differences(in: number, from: from, to: to, base: base?.generation) { difference in
            guard let name = difference.name else { return }
            if let child = difference.after?.child {
                below.insert(child)
                unfinished.insert(child)
                if difference.before?.child == child { return }
            }
            let opened = try directory ?? tree.directory(number)
            directory = opened
            unfinished.insert(number)
            if let after = difference.after {
                if after.child == nil, scattered.contains(after.object) { toRelink.insert(after.object) }
                try bring(after, name, difference, in: opened)
            } else {
                try remove(name, in: opened, number)
            }
        }
    }
}
