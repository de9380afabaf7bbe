import Model
import Platform
import Support
import Testing

/// What `find` says, held against the trees themselves.
@Suite struct `What find says` {
    @Test func `is each path of all nights, once, in order, with the nights that have it`() throws {
        let jail = try Jail("find", on: BackupServer())
        let staffBox = try StaffBox()
        // Deeper than what stays in memory, with something before and after each step down.
        try Command(
            "sh", "-ec",
            "cd '\(jail.source)'; for n in $(seq 100); do mkdir down; touch above zero; mkdir -p last/one; cd down; done"
        ).check()
        var changes = RandomChanges(seed: UInt64.random(in: 0..<1_000_000), in: jail.source)
        for day in 0..<5 {
            try changes.makeRound()
            var rotation = jail.server.server(["housekeep", jail.name, "--force", "--accept"])
            rotation.environment["NIGHTJAR_SERVER_CONFIG"] = staffBox.config
            // Where the brake has nothing against it, it says so.
            _ = try rotation.run()
            try jail.push()
            if day == 2 {
                try jail.server.server(["hold", jail.name, jail.source, "--name", "kept"]).check()
            }
        }
        var expected: [Path: Set<String>] = [:]
        let nights = try Command("sh", "-c", "cd '\(jail.server.data)/\(jail.name)'; ls -d [0-6]").check().lines
        #expect(nights.count > 2)
        for night in nights {
            for path in try paths(below: "\(jail.server.data)/\(jail.name)/\(night)") {
                expected[path, default: []].insert(String(night))
            }
        }
        let told = try jail.server.server(["find", jail.name, "*", "-ms"]).check().lines.map { line in
            line.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        }
        let shown = Dictionary(
            uniqueKeysWithValues: expected.map { path, nights in
                (path.description.replacing("|", with: "\\x7C"), nights.sorted().joined(separator: ","))
            })
        let inNights = told.filter { !$0[0].isEmpty }
        #expect(Dictionary(uniqueKeysWithValues: inNights.map { ($0[2], $0[0]) }) == shown, "seed \(changes.seed)")
        let raw = try jail.server.server(["find", jail.name, "*", "-0"]).check().output
            .split(separator: 0).compactMap { Path(absolute: $0) }
        #expect(raw == raw.sorted() && Set(raw).count == raw.count && raw.count == told.count, "seed \(changes.seed)")
        let source = try #require(Path(absolute: Array(jail.source.utf8)))
        let held = try paths(below: "\(jail.server.data)/\(jail.name)/holds/kept").filter(source.contains)
        #expect(!held.isEmpty)
        #expect(told.count { $0[1] == "kept" } == held.count, "seed \(changes.seed)")
    }

    private func paths(below root: String) throws -> [Path] {
        var found: [Path] = []
        var waiting: [(Directory, Path)] = [(try Directory.open(Array(root.utf8)), Path())]
        while let (directory, path) = waiting.popLast() {
            for name in try directory.entries() {
                let here = path.appending(name)
                found.append(here)
                if try directory.status(of: name).kind == .directory {
                    waiting.append((try directory.openDirectory(name), here))
                }
            }
        }
        return found
    }
}
