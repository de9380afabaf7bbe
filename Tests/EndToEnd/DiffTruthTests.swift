import Model
import Platform
import Support
import Testing

/// What `diff` says, held against the two trees themselves.
@Suite struct `What diff says` {
    @Test func `turns the one tree into the other, and names all that changed and nothing else`() throws {
        let jail = try Jail("truth", on: BackupServer())
        let start: TreeLiteral = [
            "site": ["htdocs": ["index": "home", "logo": "picture"], "log": "line"], "mail": ["cur": [:], "new": [:]],
            "link": .symlink("site"), "fifo": .fifo, "twice": "linked", "again": .hardLink(to: "twice"),
        ]
        try start.build(in: jail.source)
        var changes = RandomChanges(seed: UInt64.random(in: 0..<1_000_000), in: jail.source)
        for _ in 0..<3 { try changes.makeRound() }
        try jail.push()
        for round in 0..<6 {
            let before = try jail.scratch.directory("before-\(round)")
            try Command("cp", "-a", "\(jail.newest)/.", before).check()
            let number = try generation(jail)
            try changes.makeRound(of: 40)
            try jail.push()
            let lines = try jail.server.server(["diff", jail.name, "@\(number)", "0", "-ms"]).check().lines
            let told = Told(lines)
            try told.check(Tree(before), Tree(jail.newest), "seed \(changes.seed), round \(round)")
        }
    }

    @Test func `is so of nights that have moved, and of those in recycled trees`() throws {
        let jail = try Jail("truth", on: BackupServer())
        let config = try jail.scratch.write("server.conf", "brake-shrink=100%\nbrake-change=100%\n")
        var changes = RandomChanges(seed: UInt64.random(in: 0..<1_000_000), in: jail.source)
        try changes.makeRound(of: 60)
        for day in 0..<11 {
            try changes.makeRound(of: 15)
            try jail.push()
            var command = jail.server.server(["housekeep", "--now", "@\(1_700_000_000 + day * 86_400)"])
            command.environment["NIGHTJAR_SERVER_CONFIG"] = config
            _ = try command.check()
        }
        try changes.makeRound(of: 15)
        try jail.push()
        let trees = try (0...6).map { try Tree("\(jail.server.data)/\(jail.name)/\($0)") }
        for (from, to) in [(6, 0), (6, 1), (4, 3), (2, 1), (1, 0), (1, 6), (3, 3)] {
            let lines = try jail.server.server(["diff", jail.name, "\(from)", "\(to)", "-ms"]).check().lines
            #expect(lines.isEmpty == (from == to))
            Told(lines).check(trees[from], trees[to], "seed \(changes.seed), \(from) to \(to)")
        }
    }

    private func generation(_ jail: Jail) throws -> Substring {
        let line = try jail.server.server(["nights", jail.name, "-ms"]).check().lines[0]
        return line.split(separator: "|")[2]
    }
}

/// The lines of a diff.
private struct Told {
    var added: Set<String> = []
    var removed: Set<String> = []
    var changed: Set<String> = []
    /// New paths by old ones.
    var renamed: [String: String] = [:]

    init(_ lines: [Substring]) {
        for line in lines {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            // How many names an inode has is the jail's matter, and may concern names outside of the tree.
            let isChanged = !["", "links"].contains(fields[1])
            switch fields[0] {
            case "added": added.insert(fields[2])
            case "removed": removed.insert(fields[2])
            case "renamed": renamed[fields[3]] = fields[2]
            default: break
            }
            if isChanged { changed.insert(fields[2]) }
        }
    }

    /// Where a path of the old tree is in the new one: it goes with the nearest directory that moved.
    private func place(_ path: String) -> String {
        var (head, tail) = (path[...], "")
        while true {
            if let new = renamed[String(head)] { return new + tail }
            guard let slash = head.lastIndex(of: "/") else { return path }
            tail = head[slash...] + tail
            head = head[..<slash]
        }
    }

    func check(_ before: Tree, _ after: Tree, _ comment: String) {
        var left = after.files
        var altered: Set<String> = []
        for (path, file) in before.files where !removed.contains(path) {
            let new = place(path)
            guard let found = left.removeValue(forKey: new) else {
                Testing.Issue.record("\(path) is not at \(new), as diff says; \(comment)")
                continue
            }
            if found != file { altered.insert(new) }
        }
        #expect(Set(left.keys) == added, "\(comment)")
        #expect(changed == altered, "\(comment)")
        #expect(removed.isSubset(of: before.files.keys), "\(comment)")
    }
}

/// All of a tree, by paths as the program shows them.
private struct Tree {
    struct File: Hashable {
        var metadata: Metadata
        var attributes: Attributes
        var target: [UInt8]?
        var content: [UInt8]?
    }

    var files: [String: File] = [:]

    init(_ path: String) throws {
        var waiting: [(Directory, Path)] = [(try Directory.open(Array(path.utf8)), Path())]
        while let (directory, path) = waiting.popLast() {
            for name in try directory.entries() {
                let kind = try directory.status(of: name).kind
                let here = path.appending(name)
                if kind == .directory { waiting.append((try directory.openDirectory(name), here)) }
                files[here.description.replacing("|", with: "\\x7C")] = File(
                    metadata: try directory.status(of: name).stamp.metadata,
                    attributes: try directory.attributes(of: name, kind: kind).attributes,
                    target: kind == .symlink ? try directory.readLink(name) : nil,
                    content: kind == .regular ? try directory.openFile(name).readAll(atMost: 1 << 26) : nil)
            }
        }
    }
}
