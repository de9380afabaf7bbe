import Model
import Platform
import Wire

/// A directory to walk, and how to come to it.
struct Visit: Sendable {
    enum Approach: Sendable {
        /// An ancestor of entries or an entry, opened when the entries were.
        case opened(Directory, FileStatus)
        /// By name below its parent; what the parent's scan said of it.
        case below(Directory, Name, seen: FileStatus, parentDevice: UInt64)
    }

    let number: DirectoryNumber
    let trail: Trail
    let approach: Approach
    /// Nil where only what leads to entries is listed.
    let rule: WalkRule?
    let tree: EntryTree?
    /// The digest of the listing that the server has.
    let indexed: ListingDigest?
    var scope = Scope.whole
}

/// The directories below one, to be walked in the order of their inodes: a file system lays what is in a directory near to
/// it, so that a disk of which nothing is in memory is gone through once from front to back. Nothing is made for one of
/// them before its turn.
struct Children: Sendable {
    private let parent: PendingListing
    private var directories: [(position: Int32, digest: ListingDigest?)]
    private var numbers: [DirectoryNumber]
    /// Of each; nil where all are looked at whole.
    private var scopes: [Scope]?
    /// Which of them each turn takes; empty until they are pushed.
    private var order: [Int32] = []
    private let rule: WalkRule?

    /// All of these, looked at whole.
    init(
        parent: PendingListing, directories: [(position: Int32, digest: ListingDigest?)], numbers: [DirectoryNumber],
        rule: WalkRule?
    ) {
        self.parent = parent
        self.directories = directories
        self.numbers = numbers
        self.rule = rule
    }

    /// None yet.
    init(parent: PendingListing, rule: WalkRule?) {
        self.init(parent: parent, directories: [], numbers: [], rule: rule)
        scopes = []
    }

    mutating func add(_ position: Int, _ number: DirectoryNumber, _ digest: ListingDigest?, _ scope: Scope) {
        directories.append((Int32(position), digest))
        numbers.append(number)
        scopes?.append(scope)
    }

    var count: Int { directories.count }

    /// Settles the order, before the first is taken.
    fileprivate mutating func arrange() {
        let inodes = directories.map { parent.inode(Int($0.position)) }
        order = directories.indices.map(Int32.init).sorted { inodes[Int($0)] < inodes[Int($1)] }
    }

    fileprivate func visit(_ turn: Int) -> Visit? {
        let index = Int(order[turn])
        var visit = whole(index)
        if let scope = scopes?[index] { visit?.scope = scope }
        return visit
    }

    private func whole(_ index: Int) -> Visit? {
        let position = Int(directories[index].position)
        let (name, status) = parent.entry(position)
        let trail = parent.trail.appending(name)
        let place = Int(parent.listed[position])
        if place < 0, let tree = parent.tree?.children[-place - 1].tree {
            return Visit(
                tree, number: numbers[index], trail: trail, rule: rule, indexed: directories[index].digest)
        }
        guard let status, let directory = parent.directory else { return nil }
        return Visit(
            number: numbers[index], trail: trail,
            approach: .below(directory, name, seen: status, parentDevice: parent.own.device), rule: rule, tree: nil,
            indexed: directories[index].digest)
    }
}

extension Visit {
    /// A directory that was opened with the entries; an outer entry's rule holds where none of its own does.
    init?(_ tree: EntryTree, number: DirectoryNumber, trail: Trail, rule: WalkRule?, indexed: ListingDigest?) {
        let directory: Directory
        let status: FileStatus
        var own: WalkRule?
        switch tree.what {
        case .way(let opened, let seen): (directory, status) = (opened, seen)
        case .entry(let opened, let seen, let rule): (directory, status, own) = (opened, seen, rule)
        case .file, .kept: return nil
        }
        self.init(
            number: number, trail: trail, approach: .opened(directory, status), rule: own ?? rule, tree: tree,
            indexed: indexed)
    }
}

/// The directories still to be walked, shared by the walkers; the newest first, so that few are held open at a time.
final class WalkStack: Sendable {
    private struct State {
        var groups: [(children: Children, next: Int)] = []
        var first: Visit?
        /// Walkers that may still push.
        var active = 0
        var hasFailed = false
    }

    private let monitor: Monitor<State>

    init(_ first: Visit) { monitor = Monitor(State(first: first)) }

    func push(_ children: Children) {
        if children.count == 0 { return }
        var children = children
        children.arrange()
        monitor.with { [children] in $0.groups.append((children, 0)) }
    }

    /// A directory to walk, if there is one now. `finished` comes after it.
    func nextNow() -> Visit? { monitor.with { WalkStack.next(&$0) } }

    /// The same, waiting; nil once everything has been walked, or the push has failed.
    func next() -> Visit? {
        monitor.wait { state -> Visit?? in
            if let visit = WalkStack.next(&state) { return .some(visit) }
            return state.active == 0 || state.hasFailed ? .some(nil) : nil
        }
    }

    private static func next(_ state: inout State) -> Visit? {
        guard !state.hasFailed else { return nil }
        if let first = state.first {
            state.first = nil
            state.active += 1
            return first
        }
        while let last = state.groups.indices.last {
            let group = state.groups[last]
            if group.next + 1 == group.children.count {
                state.groups.removeLast()
            } else {
                state.groups[last].next += 1
            }
            guard let visit = group.children.visit(group.next) else { continue }
            state.active += 1
            return visit
        }
        return nil
    }

    func finished() { monitor.with { $0.active -= 1 } }

    func fail() { monitor.with { $0.hasFailed = true } }
}
