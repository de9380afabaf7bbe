import Glibc
internal import Model
internal import Platform

/// Makes a tree the same as another by walking both and comparing the inode numbers that the directories name, without
/// trusting anybody's word on what either holds: a hard-link copy where there is nothing yet.
///
/// No inode that the trees share is altered, but directories, which they do not. Cut anywhere and run again, it arrives
/// where an uninterrupted run would have. Of a deep tree it holds no more than so many directories open.
struct Mirroring {
    private let source: Directory
    private let target: Directory
    /// For messages: where the target is.
    private let title: String
    /// The names that lead to what is mirrored; of the directories on the way nothing else is.
    private let part: [Name]
    /// Asked for every directory that is made.
    private let reserve: Reserve?
    private let progress: Progress?
    /// Names that were not in the target, or not what they are in the source, or that are too many in it; directories
    /// whose metadata differed.
    private(set) var mended = 0

    /// From the roots to where the walk is.
    private var levels: [Level] = []
    /// For inodes that take no more names: where in the target their copy is.
    private var copies: [UInt64: Copy] = [:]

    /// More levels than these do not stay open.
    private static let mostOpen = 64

    private struct Level {
        /// Nil for the root.
        let name: Name?
        var pair: Pair?
        /// The directories in it that are still to be entered, the last first.
        var waiting: [Name] = []
        /// As the source has them.
        let metadata: Metadata
        let attributes: Attributes
    }

    private struct Copy {
        let way: [Name]
        let name: Name
        let inode: UInt64
    }

    private struct Pair {
        let source: Directory
        let target: Directory
    }

    init(
        of source: Directory, in target: Directory, title: String, part: [Name] = [], reserve: Reserve? = nil,
        progress: Progress?
    ) {
        self.reserve = reserve
        self.source = source
        self.target = target
        self.title = title
        self.part = part
        self.progress = progress
    }

    mutating func run() throws {
        try walk()
        // Names that were right before an inode was copied have to be of the copy too.
        if !copies.isEmpty { try walk() }
    }

    private mutating func walk() throws {
        // Some file systems (btrfs) show a directory's names as they were when it was opened.
        let roots = try at(title) { () throws(SystemError) in
            Pair(source: try source.reopened(), target: try target.reopened())
        }
        try enter(nil, roots, try metadata(of: source))
        while !levels.isEmpty {
            guard let name = levels[levels.count - 1].waiting.popLast() else {
                try leave()
                continue
            }
            let pair = try pair(at: levels.count - 1)
            let metadata = try at(place(name)) { () throws(SystemError) in
                try pair.source.status(of: name).stamp.metadata
            }
            try enter(name, try open(name, in: pair), metadata)
        }
    }

    // MARK: - Down and up

    private mutating func enter(_ name: Name?, _ pair: Pair, _ metadata: Metadata) throws {
        try progress?(.bringing, 0, 0)
        let attributes = try at(place(name)) { () throws(SystemError) in try pair.source.attributes().attributes }
        levels.append(Level(name: name, pair: pair, metadata: metadata, attributes: attributes))
        if levels.count > Mirroring.mostOpen { levels[levels.count - 1 - Mirroring.mostOpen].pair = nil }
        try compare(pair)
    }

    private mutating func leave() throws {
        let pair = try pair(at: levels.count - 1)
        let level = levels.removeLast()
        try at(place(level.name)) { () throws(SystemError) in
            let found = try pair.target.status().stamp.metadata
            let attributes = try pair.target.attributes().attributes
            if found != level.metadata || attributes != level.attributes {
                _ = try pair.target.apply(level.metadata, level.attributes)
            }
            // One who is not root may have widened it to look into it.
            if try pair.source.status().stamp.metadata.mode != level.metadata.mode {
                try pair.source.setMode(level.metadata.mode)
            }
        }
    }

    /// The directories of a level. Those that do not stay open are found again, name by name from the roots; then as many
    /// above them are open as may be.
    private mutating func pair(at index: Int) throws -> Pair {
        if let pair = levels[index].pair { return pair }
        var pair = Pair(source: source, target: target)
        for level in 1..<(index + 1) {
            guard let name = levels[level].name else { continue }
            pair = try open(name, in: pair)
            if index - level < Mirroring.mostOpen { levels[level].pair = pair }
        }
        return pair
    }

    private func open(_ name: Name, in pair: Pair) throws -> Pair {
        try at(place(name)) { () throws(SystemError) in
            Pair(source: try pair.source.openOwn(name), target: try pair.target.openOwn(name))
        }
    }

    private func metadata(of directory: Directory) throws -> Metadata {
        try at(title) { () throws(SystemError) in try directory.status().stamp.metadata }
    }

    // MARK: - Names

    /// Makes the names of a directory the same; those that are directories wait to be entered.
    private mutating func compare(_ pair: Pair) throws {
        let wanted = try names(of: pair.source, part: levels.count <= part.count ? part[levels.count - 1] : nil)
        var there = Dictionary(
            uniqueKeysWithValues: try names(of: pair.target, part: nil).map { ($0.name, $0) })
        for entry in wanted {
            let old = there.removeValue(forKey: entry.name)
            if entry.kind == .directory {
                levels[levels.count - 1].waiting.append(entry.name)
                if old?.kind != .directory { try makeDirectory(entry.name, in: pair, replacing: old != nil) }
            } else if old?.inode != copies[entry.inode]?.inode ?? entry.inode || old?.kind == .directory {
                try link(entry, in: pair, replacing: old != nil)
            }
        }
        if levels.count <= part.count { return }
        for name in there.keys {
            mended += 1
            try at(place(name)) { () throws(SystemError) in try pair.target.removeTree(name) { isAlive(progress) } }
        }
    }

    private struct Entry {
        var name: Name
        var inode: UInt64
        var kind: FileKind
    }

    private func names(of directory: Directory, part: Name?) throws -> [Entry] {
        try at(place(nil)) { () throws(SystemError) in
            if let part {
                let status = try directory.status(of: part)
                return [Entry(name: part, inode: status.stamp.inode, kind: status.kind)]
            }
            let listing = try directory.list()
            var entries: [Entry] = []
            for listed in listing.names {
                guard let name = listing.name(of: listed) else { continue }
                var kind = listed.kind
                if kind == nil { kind = try directory.status(of: name).kind }
                guard let kind else { continue }
                entries.append(Entry(name: name, inode: listed.inode, kind: kind))
            }
            return entries
        }
    }

    private mutating func makeDirectory(_ name: Name, in pair: Pair, replacing: Bool) throws {
        mended += 1
        try reserve?.takeInode()
        try at(place(name)) { () throws(SystemError) in
            if replacing { try pair.target.unlink(name) }
            try pair.target.makeDirectory(name)
        }
    }

    /// Gives the source's inode this name too; one copy of it, if it takes no more.
    private mutating func link(_ entry: Entry, in pair: Pair, replacing: Bool) throws {
        let (name, place) = (entry.name, place(entry.name))
        // Two inodes that are alike: one had too many names once.
        let isCopy = try at(place) { () throws(SystemError) in
            guard replacing else { return false }
            return try pair.source.status(of: name).stamp.metadata == pair.target.status(of: name).stamp.metadata
        }
        if !isCopy { mended += 1 }
        let copy = copies[entry.inode]
        let from = try copy.map { try directory($0.way) } ?? pair.source
        let made = try at(place) { () throws(SystemError) -> UInt64? in
            if replacing { try pair.target.removeTree(name) { isAlive(progress) } }
            do throws(SystemError) {
                try from.link(copy?.name ?? name, to: pair.target, as: name)
                return nil
            } catch  where error.code == EMLINK {
                try copyInode(name, from: pair.source, to: pair.target, as: name)
                return try pair.target.status(of: name).stamp.inode
            }
        }
        if let made { copies[entry.inode] = Copy(way: levels.compactMap(\.name), name: name, inode: made) }
    }

    /// A directory of the target.
    private func directory(_ way: [Name]) throws -> Directory {
        try at(title) { () throws(SystemError) in
            var directory = target
            for name in way { directory = try directory.openOwn(name) }
            return directory
        }
    }

    /// For messages.
    private func place(_ name: Name?) -> String {
        ([title] + (levels.compactMap(\.name) + [name].compactMap { $0 }).map(\.description)).joined(separator: "/")
    }
}
