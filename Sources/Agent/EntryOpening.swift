import Glibc
import Configuration
import Model
import Platform

/// Opens the entries of a config, name by name from the jail's `/`, following no symlink.
///
/// What cannot be opened becomes an `Issue` with the reason, and stops none of the others. Names on the way that several
/// entries share are opened once, and all are held until the push ends: the walk starts from what was checked here.
package struct EntryOpening: Sendable {
    /// One per entry that was left out, in the order of the entries.
    package let issues: [Issue]
    /// How many entries there are, and how many could be opened.
    package let asked: Int
    package var opened: Int { asked - issues.count }
    let tree: EntryTree
    /// Those that were opened, and where.
    let sightings: [EntrySighting]

    /// - Throws: where not even `/` can be opened.
    package init(_ entries: [Entry], root path: Path = Path()) throws(SystemError) {
        let root = try Directory.open(path)
        var opener = Opener(root: root)
        tree = try opener.open(Plan(entries), root, Path())
        issues = opener.issues.sorted { ($0.line ?? 0, $0.path.count) < ($1.line ?? 0, $1.path.count) }
        sightings = opener.sightings
        asked = entries.count
    }
}

/// The entries by the names that lead to them.
private struct Plan {
    var entry: Entry?
    var children: [Name: Plan] = [:]

    init() {}

    init(_ entries: [Entry]) {
        for entry in entries { insert(entry, entry.path.names[...]) }
    }

    private mutating func insert(_ entry: Entry, _ rest: ArraySlice<Name>) {
        guard let first = rest.first else {
            self.entry = self.entry ?? entry
            return
        }
        children[first, default: Plan()].insert(entry, rest.dropFirst())
    }

    /// Every entry at this place and below it.
    var entries: [Entry] { (entry.map { [$0] } ?? []) + children.values.flatMap(\.entries) }
}

private struct Opener {
    let root: Directory
    var issues: [Issue] = []
    var sightings: [EntrySighting] = []

    /// The plan's part from a directory on that has been opened.
    mutating func open(_ plan: Plan, _ directory: Directory, _ path: Path) throws(SystemError) -> EntryTree {
        let status = try directory.status()
        if try directory.fileSystem().isPseudo {
            refuse(plan, .refused, "is on a file system of the kernel's own, of which nothing can be backed up")
            return EntryTree(.kept)
        }
        let children = plan.children.sorted { $0.key < $1.key }.map { name, below in
            (name: name, tree: open(below, name, below: directory, path.appending(name)))
        }
        if let entry = plan.entry {
            sightings.append(EntrySighting(path: path, fileSystem: try directory.fileSystemIdentity()))
            let rule = WalkRule(exclusion: entry.exclusion, staysOnFileSystem: entry.staysOnFileSystem)
            return EntryTree(.entry(directory, status, rule), children: children)
        }
        let leadsNowhere = children.allSatisfy(\.tree.isKept)
        return EntryTree(leadsNowhere ? .kept : .way(directory, status), children: children)
    }

    /// The plan's part under a name of a directory that has been opened.
    private mutating func open(_ plan: Plan, _ name: Name, below parent: Directory, _ path: Path) -> EntryTree {
        do throws(SystemError) {
            let status = try parent.status(of: name)
            switch status.kind {
            case .directory: return try open(plan, try openDirectory(name, plan, below: parent), path)
            case .symlink:
                refuse(plan, .symlink, at: path, resolver: LinkResolver(root: root))
                return EntryTree(.kept)
            default: return try openFile(plan, status, below: parent, path)
            }
        } catch {
            if error.isMissing {
                refuse(plan, .missing, "\(path) does not exist")
            } else {
                refuse(plan, .unreadable, error.about(path).description)
            }
            return EntryTree(.kept)
        }
    }

    /// What only leads to entries need not be readable: permission to search it is enough.
    private func openDirectory(_ name: Name, _ plan: Plan, below parent: Directory) throws(SystemError) -> Directory {
        do throws(SystemError) {
            return try parent.openDirectory(name)
        } catch  where error.code == EACCES && plan.entry == nil {
            return try parent.openToSearch(name)
        }
    }

    private mutating func openFile(
        _ plan: Plan, _ status: FileStatus, below parent: Directory, _ path: Path
    ) throws(SystemError) -> EntryTree {
        for below in plan.children.values { refuse(below, .missing, "\(path) is not a directory") }
        guard plan.entry != nil else { return EntryTree(.kept) }
        sightings.append(EntrySighting(path: path, fileSystem: try parent.fileSystemIdentity()))
        return EntryTree(.file(status))
    }

    private mutating func refuse(_ plan: Plan, _ reason: Issue.Reason, _ detail: String) {
        for entry in plan.entries {
            issues.append(Issue(path: entry.path.bytes, reason: reason, detail: detail, line: entry.line))
        }
    }

    private mutating func refuse(_ plan: Plan, _ reason: Issue.Reason, at link: Path, resolver: LinkResolver) {
        for entry in plan.entries {
            let detail =
                switch resolver.resolve(entry.path) {
                case .some(let real): "\(link) is a symlink: enter \(real) instead"
                case .none: "\(link) is a symlink that leads nowhere"
                }
            issues.append(Issue(path: entry.path.bytes, reason: reason, detail: detail, line: entry.line))
        }
    }
}

/// Finds where a path with symlinks leads, for a message and for nothing else.
struct LinkResolver {
    let root: Directory
    /// As the kernel's own limit.
    static let most = 40

    /// The path without symlinks; nil if it leads nowhere or in circles.
    func resolve(_ path: Path) -> Path? {
        var rest = path.names.reversed().map { Step.down($0) }
        var way: [(name: Name, directory: Directory)] = []
        var reached: Path = Path()
        var links = 0
        while let step = rest.popLast() {
            switch step {
            case .start:
                way = []
                reached = Path()
            case .up:
                if way.isEmpty == false, way.count == reached.names.count { way.removeLast() }
                reached = reached.parent ?? Path()
            case .down(let name):
                guard way.count == reached.names.count else { return nil }
                let directory = way.last?.directory ?? root
                guard let status = try? directory.status(of: name) else { return nil }
                if status.kind == .symlink {
                    links += 1
                    guard links <= LinkResolver.most, let target = try? directory.readLink(name),
                        let steps = LinkResolver.steps(of: target)
                    else { return nil }
                    rest += steps.reversed()
                    continue
                }
                reached = reached.appending(name)
                if status.kind == .directory, let next = try? directory.openDirectory(name) { way.append((name, next)) }
            }
        }
        return reached
    }

    private enum Step {
        case start
        case up
        case down(Name)
    }

    private static func steps(of target: [UInt8]) -> [Step]? {
        var steps: [Step] = target.first == UInt8(ascii: "/") ? [.start] : []
        for part in target.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                steps.append(.up)
            } else if let name = Name(part) {
                steps.append(.down(name))
            } else {
                return nil
            }
        }
        return steps
    }
}
