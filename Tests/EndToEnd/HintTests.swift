import Glibc
import Support
import Testing

/// `backup --changed`: only what the list leads to is looked at. Each push has a change that it is not told of, so that it
/// can be seen whether it looked elsewhere too.
@Suite struct `A push that is told what changed` {
    private let place: Scratch
    private let jail: Jail

    init() throws {
        place = try Scratch("hints", in: "/var/tmp")
        jail = try Jail(on: BackupServer())
        jail.source = try place.directory("source")
        jail.entries = [jail.source]
    }

    private func shell(_ script: String) throws { try Command("sh", "-ec", "cd '\(jail.source)'; \(script)").check() }

    /// A small tree, pushed when it had settled.
    private func lay(_ script: String = "", isPushed: Bool = true) throws {
        try shell(
            """
            mkdir -p a/b/c d/sub/deep e/sub/deep quiet
            for f in a/f a/b/f a/b/c/f d/f d/sub/f d/sub/deep/f e/f e/sub/f e/sub/deep/f quiet/f; do echo $f > $f; done
            \(script)
            """)
        guard isPushed else { return }
        jail.settle()
        try jail.push()
    }

    /// Changes something, and what is not told of; then pushes with a list of these paths below the source.
    private func push(
        _ script: String, telling list: [String], isZFS: Bool = false
    ) throws -> Command.Outcome {
        try shell("\(script)\necho unheard of >> quiet/f")
        jail.settle()
        return try push(list.map { $0.hasPrefix("/") || isZFS ? $0 : "\(jail.source)/\($0)" })
    }

    /// Pushes with a list of these lines.
    private func push(_ lines: [String]) throws -> Command.Outcome {
        var command = try jail.command(["--changed=-", "--json", "-v"])
        command.input = Array(lines.map { "\($0)\n" }.joined().utf8)
        return try command.check()
    }

    private var isHeard: Bool {
        get throws { try Command("cat", "\(jail.copy)/quiet/f").check().text.contains("unheard") }
    }

    /// The server's, of the newest push.
    private func lastRecord() throws -> Substring {
        try #require(jail.server.server(["nights", "--pushes", "--json", jail.name]).check().lines.first)
    }

    /// Of what was told, all is there; of the rest nothing.
    private func expectPartial(_ outcome: Command.Outcome, _ what: String = "") throws {
        #expect(outcome.text.contains(#""partial":true"#), "\(outcome)")
        #expect(try lastRecord().contains(#""partial":true"#))
        #expect(outcome.complaint.contains("only what the list leads to was looked at"), "\(outcome)")
        #expect(try !isHeard, "\(what): \(outcome)")
        try Command("cp", "-a", "\(jail.copy)/quiet/f", "\(jail.source)/quiet/f").check()
        try Command("touch", "-r", "\(jail.copy)/quiet", "\(jail.source)/quiet").check()
        try expectSameTree(jail.source, jail.copy)
    }

    private func expectWhole(_ outcome: Command.Outcome) throws {
        #expect(outcome.text.contains(#""partial":false"#), "\(outcome)")
        #expect(try lastRecord().contains(#""partial":false"#))
        #expect(try isHeard, "\(outcome)")
        try expectSameTree(jail.source, jail.copy)
    }

    /// What is done in a tree, and the list that tells of it.
    private static let cases: [(what: String, script: String, list: [String])] = [
        ("a changed file", "echo more >> a/b/c/f", ["a/b/c/f"]),
        ("a new file", "echo new > a/b/new", ["a/b/new"]),
        ("a file that is gone", "rm d/sub/f", ["d/sub/f"]),
        ("a directory that is gone, with what was in it", "rm -r d/sub", ["d/sub/deep/f", "d/sub/f"]),
        ("a directory that is gone, alone", "rm -r d/sub", ["d/sub"]),
        ("a renamed directory", "mv d moved", ["d", "moved"]),
        ("a directory that was moved deeper", "mv a/b d/sub/b", ["a/b", "d/sub/b"]),
        (
            "a path below a new directory", "mkdir -p new/er/est; echo x > new/er/est/f; echo y > new/g",
            ["new/er/est/f"]
        ),
        ("a directory of which only its mode changed", "chmod 700 a/b", ["a/b"]),
        ("a directory that became a file", "rm -r a/b; echo file > a/b", ["a/b"]),
        ("a file that became a directory", "rm d/f; mkdir d/f; echo x > d/f/g", ["d/f/g"]),
        ("a directory in the place of another", "mv d old; mv e d", ["d", "old", "e"]),
        ("the same one level down", "mv d/sub old; mv e/sub d/sub", ["d/sub", "old", "e/sub"]),
        ("a directory in the place of one that moved up", "mv a/b/c d/c; mv d/sub a/b/c", ["a/b/c", "d/sub", "d/c"]),
        ("the top itself", "touch new-at-the-top", [""]),
        ("what never was, and what is outside", "true", ["no/such/thing", "/nowhere/at/all", "/etc/passwd", "/"]),
    ]

    @Test func `finds all of that, and looks at nothing else`() throws {
        let top = jail.source
        for (number, _) in Self.cases.enumerated() {
            jail.source = "\(top)/\(number)"
            try Command("mkdir", jail.source).check()
            try lay(isPushed: false)
        }
        jail.settle()
        try jail.push()
        var lines: [String] = []
        for (number, one) in Self.cases.enumerated() {
            jail.source = "\(top)/\(number)"
            try shell("\(one.script); echo unheard of >> quiet/f")
            lines += one.list.map { $0.hasPrefix("/") ? $0 : "\(jail.source)/\($0)" }
        }
        jail.settle()
        let outcome = try push(lines)
        for (number, one) in Self.cases.enumerated() {
            jail.source = "\(top)/\(number)"
            try expectPartial(outcome, one.what)
        }
    }

    @Test func `finds what lies in one of many directories of one`() throws {
        try lay("for i in $(seq 200); do mkdir a/$i; echo x > a/$i/f; done")
        // Of the directory only 64 names are kept, whichever they are.
        let script = "for i in $(seq 200); do echo y > a/$i/new; done"
        try expectPartial(push(script, telling: (1...200).map { "a/\($0)" }))
    }

    @Test func `understands what zfs diff says of it`() throws {
        try lay()
        let source = jail.source
        try expectPartial(
            push(
                "mv a/b 'a/with blank'; rm d/f; echo x > d/new; echo y >> d/sub/f",
                telling: [
                    "R\t\(source)/a/b\t\(source)/a/with\\0040blank", "M\t\(source)/a", "-\t\(source)/d/f",
                    "+\t\(source)/d/new", "M\tF\t\(source)/d/sub/f",
                ], isZFS: true))
    }

    @Test func `follows no symlink that a path leads through`() throws {
        try lay("mkdir \(place.path)/elsewhere; echo secret > \(place.path)/elsewhere/f; ln -s ../elsewhere link")
        try expectPartial(push("rm -r a/b; ln -s ../../elsewhere a/b", telling: ["link/f", "a/b/f", "a/b/c/f"]))
    }

    @Test func `leaves out what its entry leaves out, and finds an entry that is a file`() throws {
        jail.entries = [
            "\(jail.source)/a --exclude=b --exclude=/\(jail.source.dropFirst())/a/skipped", "\(jail.source)/d/f",
        ]
        jail.entries.append("\(jail.source)/quiet")
        try lay("mkdir a/skipped")
        try shell("echo more > a/b/f; echo x > a/skipped/f; echo y >> d/f; echo z >> a/f; echo unheard of >> quiet/f")
        jail.settle()
        var command = try jail.command(["--changed=-", "-v"])
        command.input = Array(["a/b/f", "a/skipped/f", "a/f"].map { "\(jail.source)/\($0)\0" }.joined().utf8)
        let outcome = try command.check()
        #expect(try !isHeard, "\(outcome)")
        for name in ["a/f", "d/f"] {
            try Command("cmp", "\(jail.source)/\(name)", "\(jail.copy)/\(name)").check()
        }
        for name in ["a/b", "a/skipped", "d/sub"] { #expect(access("\(jail.copy)/\(name)", F_OK) != 0, "\(name)") }
    }

    @Test func `walks an entry that is new`() throws {
        try lay()
        jail.entries.append(try place.directory("second"))
        try Command("sh", "-ec", "cd '\(place["second"])'; mkdir -p x/y; echo 1 > x/y/f").check()
        try expectPartial(push("true", telling: ["d/f"]))
        try expectSameTree(place["second"], jail.newest + place["second"])
    }

    @Test func `looks into a directory that has the place and the inode of one that is gone`() throws {
        try lay("mkdir -p site/x/y; echo 1 > site/x/y/f")
        // A deployment, twice: file systems give inodes out again.
        let deployment = "cp -r site site.new; echo $v > site.new/x/y/f; rm -rf site; mv site.new site"
        try expectPartial(
            push(
                "for v in 2 3; do \(deployment); done",
                telling: ["site.new", "site.new/x", "site.new/x/y", "site.new/x/y/f", "site"]))
    }

    @Test func `reads what is named behind many others, though more was named below it`() throws {
        let homes = (0..<80).map { "homes/h\($0)" }
        try lay("mkdir homes; for n in $(seq 0 79); do mkdir -p homes/h$n/x/y; done")
        try expectPartial(
            push(
                "for n in $(seq 0 79); do chmod 711 homes/h$n; echo new > homes/h$n/x/y/f; done",
                telling: homes + homes.map { "\($0)/x/y/f" }))
    }

    @Test func `brings a file with several names under each of them`() throws {
        try lay("ln a/f d/linked; ln a/b/f a/b/c/linked")
        try expectPartial(push("echo more >> a/f; chmod 600 a/b/f", telling: ["a/f", "a/b/f"]))
        // And again: what was noted of the other names is what they are.
        try expectPartial(push("echo even more >> a/f", telling: ["d/linked"]))
    }

    @Test func `looks again at what was not settled, told or not`() throws {
        try lay()
        // Listed while a later change could have borne the same stamp.
        jail.isClockAhead = false
        try shell("echo one > a/b/f")
        _ = try push(["\(jail.source)/a/b/f"])
        try shell("echo two > a/b/f")
        jail.settle()
        let outcome = try push(["\(jail.source)/d/f"])
        #expect(outcome.text.contains(#""partial":true"#), "\(outcome)")
        try expectSameTree(jail.source, jail.copy)
    }

    @Test func `walks everything where a line is not understood, and names the line`() throws {
        try lay()
        try shell("echo more >> a/f; echo unheard of >> quiet/f")
        let wrong = [
            ("relative/path", "neither an absolute path"), ("/a/../b", "is . or .."), ("", "it is empty"),
            ("inode 257 file offset 0", "neither an absolute path"),
        ]
        let outcome = try push(["\(jail.source)/a/f"] + wrong.map(\.0) + ["\(jail.source)/d/f"])
        for (number, line) in wrong.enumerated() {
            let named = outcome.complaint.split(separator: "\n").first {
                $0.contains("--changed: standard input, line \(number + 2): ")
            }
            #expect(named?.contains(line.1) == true, "\(outcome)")
        }
        #expect(outcome.complaint.split(separator: "\n").count { $0.contains("standard input, line ") } == wrong.count)
        try expectWhole(outcome)
    }

    @Test(arguments: [[], ["/of/another/machine"]])
    func `walks everything where the list names nothing that is backed up, and says so`(list: [String]) throws {
        try lay()
        let outcome = try push("true", telling: list)
        let reason = list.isEmpty ? "is empty" : "names nothing in any entry"
        #expect(outcome.complaint.contains("standard input \(reason); everything is looked at"), "\(outcome)")
        try expectWhole(outcome)
    }

    @Test func `takes no second list`() throws {
        try lay()
        let outcome = try jail.backup("--changed=/dev/null", "--changed=/dev/null")
        #expect(outcome.status == 64 && outcome.complaint.contains("give --changed once"), "\(outcome)")
    }

    @Test func `walks everything where the list cannot be read, and says so`() throws {
        try lay()
        try shell("echo unheard of >> quiet/f")
        let outcome = try jail.push("--changed=\(place["missing"])", "--json")
        #expect(outcome.complaint.contains("\(place["missing"]): No such file or directory; everything"), "\(outcome)")
        try expectWhole(outcome)
        #expect(try jail.backup("--changed=-", "--checksum").status == 64)
    }

    @Test func `walks everything when the server says that it is time`() throws {
        try lay()
        let config = try jail.scratch.write("server.conf", "full-walk-every=0s\n")
        let receive = jail.settings["receive"] ?? ""
        jail.settings["receive"] = "/usr/bin/env NIGHTJAR_SERVER_CONFIG=\(config) \(receive)"
        let outcome = try push("true", telling: ["a/f"])
        #expect(outcome.complaint.contains("the server says that a full walk is due"), "\(outcome)")
        try expectWhole(outcome)
    }

    @Test func `walks everything after a push that broke off, and then no more`() throws {
        try lay()
        let plain = jail.settings["receive"]
        jail.settings["receive"] = "/bin/false"
        #expect(try jail.backup("--changed=/dev/null").status == 69)
        jail.settings["receive"] = plain
        // The server heard nothing of that one.
        try expectPartial(push("echo 1 >> a/f", telling: ["a/f"]))
        try jail.setReserve("1000T")
        try shell("echo no room for it > a/b/new")
        #expect(try jail.backup().status == 75)
        jail.settings["receive"] = plain
        try expectWhole(push("echo 2 >> a/f", telling: ["a/f"]))
        let last = try push("echo 3 >> a/f", telling: ["a/f"])
        #expect(last.text.contains(#""partial":true"#), "\(last)")
    }

    @Test func `walks everything after a revert`() throws {
        try lay()
        try jail.server.server(["housekeep", "--force", jail.name]).check()
        try expectPartial(push("echo 1 >> a/f", telling: ["a/f"]))
        try jail.server.server(["revert", jail.name]).check()
        try expectWhole(push("true", telling: ["d/f"]))
    }

    @Test func `rehearses the same`() throws {
        try lay()
        try shell("echo more >> a/f; echo unheard of >> quiet/f")
        jail.settle()
        var command = try jail.command(["--dry-run", "--changed=-"])
        command.input = Array("\(jail.source)/a/f\n".utf8)
        let outcome = try command.check()
        #expect(outcome.text.contains("/a/f\n") && !outcome.text.contains("quiet"), "\(outcome)")
    }
}

/// What the list spares.
@Suite(.enabled(if: isInstalled("strace"), "needs strace")) struct `A push of one change among many files` {
    @Test func `opens a handful of directories, and looks at a handful of names`() throws {
        let place = try Scratch("many", in: "/var/tmp")
        // Of a server on this machine the calls would be counted too.
        let scene = try SecureScene()
        let jail = scene.jail
        jail.source = try place.directory("source")
        jail.entries = [jail.source]
        let script = """
            cd '\(jail.source)'
            for d in $(seq 200); do mkdir -p part$((d / 20))/dir$d; (cd part$((d / 20))/dir$d && touch $(seq 30)); done
            """
        try Command("sh", "-ec", script).check()
        jail.settle()
        try jail.push()
        try Command("sh", "-c", "echo more > '\(jail.source)/part5/dir101/7'").check()
        jail.settle()
        let trace = place["trace"]
        func calls(_ arguments: [String], input: String = "") throws -> [String: Int] {
            var command = try jail.command(["--json"] + arguments)
            let wrapper = ["strace", "-f", "-y", "-qq", "-o", trace, "-e", "trace=getdents64,statx,openat2"]
            command.arguments = wrapper.map { Array($0.utf8) } + command.arguments
            command.input = Array(input.utf8)
            try command.check()
            var counts: [String: Int] = [:]
            // What is asked of sysfs, of the disk below, is the machine's affair.
            for line in try Command("cat", trace).check().lines where !line.contains("</sys/") {
                for name in ["getdents64", "statx", "openat2"] where line.contains(" \(name)(") {
                    counts[name, default: 0] += 1
                }
            }
            return counts
        }
        let told = try calls(["--changed=-"], input: "\(jail.source)/part5/dir101/7\n")
        try expectSameTree(jail.source, jail.copy)
        // One directory is read, in two calls, with its thirty names; the others on the way are opened.
        #expect((1...4).contains(told["getdents64"] ?? 0), "\(told)")
        #expect((30...90).contains(told["statx"] ?? 0), "\(told)")
        #expect((1...20).contains(told["openat2"] ?? 0), "\(told)")
        let whole = try calls([])
        #expect(whole["statx"] ?? 0 > 6_000 && whole["openat2"] ?? 0 > 200, "\(whole)")
    }
}

/// Against the truth, over a real sshd: what a list names that was made by comparing all of the jail.
@Suite struct `Lists of random changes` {
    private let script = """
        import os, sys
        def look(top):
            seen = {}
            for directory, directories, files in os.walk(top):
                for name in [""] + directories + files:
                    path = os.path.join(directory, name) if name else directory
                    s = os.lstat(path)
                    seen[path] = (s.st_ino, s.st_ctime_ns, s.st_mode)
            return seen
        import pickle
        top, kept, out = os.fsencode(sys.argv[1]), sys.argv[2], sys.argv[3]
        now = look(top)
        if os.path.exists(kept):
            before = pickle.load(open(kept, "rb"))
            changed = [p for p in set(now) | set(before) if now.get(p) != before.get(p)]
            open(out, "wb").write(b"".join(p + bytes(1) for p in changed))
        pickle.dump(now, open(kept, "wb"))
        """

    @Test(arguments: 0..<2) func `bring the same as a walk of everything`(_ seed: UInt64) throws {
        let scene = try SecureScene()
        let jail = scene.jail
        var changes = RandomChanges(seed: 100 + seed, in: jail.source)
        let look = Command("python3", "-c", script, jail.source, jail.scratch["kept"], jail.scratch["list"])
        for round in 0..<5 {
            try changes.makeRound(of: 80)
            jail.settle()
            try look.check()
            let outcome = try jail.push(round == 0 ? "-v" : "--changed=\(jail.scratch["list"])", "--json")
            #expect(outcome.text.contains(#""partial":\#(round > 0)"#), "\(outcome)")
            try expectSameTree(jail.source, scene.copy)
        }
    }

    @Test func `that name everything do too`() throws {
        let jail = try Jail(on: BackupServer())
        var changes = RandomChanges(seed: 7, in: jail.source)
        try changes.makeRound(of: 200)
        try jail.push()
        try changes.makeRound(of: 200)
        let list = jail.scratch["list"]
        try Command("sh", "-c", "find \"$0\" -print0 > \"$1\"", jail.source, list).check()
        let outcome = try jail.push("--changed=\(list)", "--json")
        #expect(outcome.text.contains(#""partial":true"#), "\(outcome)")
        try expectSameTree(jail.source, jail.copy)
    }
}
