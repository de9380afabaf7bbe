import Support
import Testing

private let program = #filePath.replacing("Tests/EndToEnd/BtrfsListTests.swift", with: "deploy/btrfs-changes")

/// `backup --changed` with what btrfs says of two snapshots, as nightjar(8) has it made a list.
@Suite(.enabled(if: isInstalled("perl"), "needs perl")) struct `What btrfs says of two snapshots` {
    private func list(_ dump: String, below top: String = "/home") throws -> [String] {
        var command = Command(program, top)
        command.input = Array(dump.utf8)
        return try command.check().text.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
    }

    @Test(arguments: [
        ("mkfile          ./s@new/o1-2-0", ["/home/o1-2-0"]), ("utimes          ./s@new/      atime=1", ["/home/"]),
        (#"unlink ./s/b\ c\\\n\t\101x"#, ["/home/b c\\\n\tAx"]),
        ("rename  ./s/o1-2-0   dest=./s/k/moved", ["/home/o1-2-0", "/home/k/moved"]),
        (#"chmod ./s/name\ dest=./x  mode=644"#, ["/home/name dest=./x"]),
        ("snapshot ./s  uuid=1 transid=8", ["/home"]), ("link ./s/k/link dest=d/e/x", ["/home/k/link"]),
        (#"symlink ./a\ b/l   dest=./s/t"#, ["/home/l"]),
        ("set_xattr ./s/f name=user.a data=1\n2\n./3 len=5", ["/home/f"]),
        ("ERROR: no such stream", []), ("", []),
    ])
    func `is each path that it names, and of a renamed one both`(line: String, paths: [String]) throws {
        #expect(try list(line + "\n") == paths + [""])
        #expect(try list(line) == paths + [""], "the last line need not end")
    }

    @Test func `is refused without the place where the subvolume lies`() throws {
        #expect(try Command(program).run().status == 64)
        #expect(try Command(program, "home").run().status == 64)
    }

    @Test(
        .enabled(if: LoopFileSystem.isPossible(.btrfs) && isInstalled("btrfs"), "needs root and btrfs"),
        arguments: 0..<2 as Range<UInt64>)
    func `leads to all that changed between them`(seed: UInt64) throws {
        let disk = try LoopFileSystem(.btrfs, size: "600M")
        let jail = try Jail(on: BackupServer())
        jail.source = "\(disk.path)/home"
        jail.entries = [jail.source]
        let list = jail.scratch["list"]
        func shell(_ script: String) throws { try Command("bash", "-ec", "cd '\(disk.path)'; \(script)").check() }
        try shell("btrfs -q subvolume create home; mkdir home/busy")
        var changes = RandomChanges(seed: 200 + seed, in: "\(jail.source)/busy")
        for round in 0..<5 {
            try changes.makeRound(of: 80)
            // Where nothing else happens only the list leads to it.
            let odd = "$'quiet/odd\\n\\t\\001 \\\\\\xe9'"
            let change = "mkdir -p \(odd); echo \(round) > \(odd)/f; setfattr -n user.a -v $'\\n./b\\n' busy"
            try shell("cd home; \(change)")
            jail.settle()
            try shell("btrfs -q subvolume snapshot -r home new")
            if round > 0 {
                try shell(
                    """
                    btrfs send -q --no-data -p pushed -f '\(list).stream' new
                    btrfs receive --dump -f '\(list).stream' > '\(list).dump'
                    '\(program)' '\(jail.source)' < '\(list).dump' > '\(list)'
                    """)
            }
            let outcome = try jail.push(round == 0 ? "-v" : "--changed=\(list)", "--json")
            #expect(outcome.text.contains(#""partial":\#(round > 0)"#), "seed \(seed), round \(round): \(outcome)")
            try expectSameTree(jail.source, jail.copy)
            try shell("if [ -e pushed ]; then btrfs -q subvolume delete pushed; fi; mv new pushed")
        }
    }
}
