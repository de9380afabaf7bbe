import Glibc
import Configuration
import Model
import Platform

/// The entries by the names that lead to them.
struct EntryPlan: Sendable {
    fileprivate var entry: Entry?
    fileprivate var children: [Name: EntryPlan] = [:]

    private init() {}

    init(_ entries: [Entry]) {
        for entry in entries { insert(entry, entry.path.names[...]) }
    }

    private mutating func insert(_ entry: Entry, _ rest: ArraySlice<Name>) {
        guard let first = rest.first else {
            self.entry = self.entry ?? entry
            return
        }
        children[first, default: EntryPlan()].insert(entry, rest.dropFirst())
    }

    /// Every entry at this place and below it.
    fileprivate var entries: [Entry] { (entry.map { [$0] } ?? []) + children.values.flatMap(\.entries) }

    /// Opens all of it from the jail's `/` on. May hang; the activity tells where.
    ///
    /// - Parameter hanging: paths that are known to hang: what leads through one is refused without a look at it.
    /// - Throws: where not even `/` can be opened.
    func open(passing hanging: Set<[UInt8]>, _ activity: Activity) throws(SystemError) -> OpenedEntries {
        activity.begin(.root)
        let root = try Directory.open(Path())
        var opener = EntryOpener(root: root, hanging: hanging, activity: activity)
        let tree = try opener.open(self, root, .root)
        activity.rest()
        return OpenedEntries(
            tree: tree, issues: opener.issues, sightings: opener.sightings, media: Set(opener.media.values))
    }
}

/// What one pass over the entries came to.
struct OpenedEntries: Sendable {
    let tree: EntryTree
    let issues: [Issue]
    let sightings: [EntrySighting]
    let media: Set<Medium>
}

/// One pass over the plan, on one thread.
private struct EntryOpener {
    let root: Directory
    let hanging: Set<[UInt8]>
    let activity: Activity
    var issues: [Issue] = []
    var sightings: [EntrySighting] = []
    /// What was opened lies on, by device.
    var media: [UInt64: Medium] = [:]

    /// The plan's part from a directory on that has been opened.
    mutating func open(_ plan: EntryPlan, _ directory: Directory, _ trail: Trail) throws(SystemError) -> EntryTree {
        let status = try directory.status()
        if try directory.fileSystem().isPseudo {
            refuse(plan, .refused, "is on a file system of the kernel's own, of which nothing can be backed up")
            return EntryTree(.kept)
        }
        let children = plan.children.sorted { $0.key < $1.key }.map { name, below in
            (name: name, tree: open(below, name, below: directory, trail))
        }
        if let entry = plan.entry {
            try note(trail.path, on: directory, status.device)
            let rule = WalkRule(exclusion: entry.exclusion, staysOnFileSystem: entry.staysOnFileSystem)
            return EntryTree(.entry(directory, status, rule), children: children)
        }
        let leadsNowhere = children.allSatisfy(\.tree.isKept)
        return EntryTree(leadsNowhere ? .kept : .way(directory, status), children: children)
    }

    /// The plan's part under a name of a directory that has been opened.
    private mutating func open(_ plan: EntryPlan, _ name: Name, below parent: Directory, _ above: Trail) -> EntryTree {
        let trail = above.appending(name)
        let path = trail.path
        if hanging.contains(path.bytes) {
            refuse(plan, .unreadable, "\(path) does not answer: a file system hangs")
            return EntryTree(.kept)
        }
        activity.begin(above, name)
        do throws(SystemError) {
            let status = try parent.status(of: name)
            switch status.kind {
            case .directory: return try open(plan, try openDirectory(name, plan, below: parent), trail)
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
    private func openDirectory(_ name: Name, _ plan: EntryPlan, below parent: Directory) throws(SystemError)
        -> Directory
    {
        do throws(SystemError) {
            return try parent.openDirectory(name)
        } catch  where error.code == EACCES && plan.entry == nil {
            return try parent.openToSearch(name)
        }
    }

    private mutating func openFile(
        _ plan: EntryPlan, _ status: FileStatus, below parent: Directory, _ path: Path
    ) throws(SystemError) -> EntryTree {
        for below in plan.children.values { refuse(below, .missing, "\(path) is not a directory") }
        guard plan.entry != nil else { return EntryTree(.kept) }
        try note(path, on: parent, status.device)
        return EntryTree(.file(status))
    }

    /// An entry was opened.
    private mutating func note(_ path: Path, on directory: Directory, _ device: UInt64) throws(SystemError) {
        sightings.append(EntrySighting(path: path, fileSystem: try directory.fileSystemIdentity()))
        if media[device] == nil { media[device] = directory.medium() }
    }

    private mutating func refuse(_ plan: EntryPlan, _ reason: Issue.Reason, _ detail: String) {
        for entry in plan.entries {
            issues.append(Issue(path: entry.path.bytes, reason: reason, detail: detail, line: entry.line))
        }
    }

    private mutating func refuse(_ plan: EntryPlan, _ reason: Issue.Reason, at link: Path, resolver: LinkResolver) {
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
