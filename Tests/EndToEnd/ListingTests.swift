import Model
import Support
import Testing

/// `nightjar-server nights` and `ls`: what staff and their scripts are shown.
@Suite struct `What the server lists` {
    private func jail() throws -> Jail {
        let jail = try Jail(on: BackupServer())
        let tree: TreeLiteral = [
            "a": ["b": ["c": TreeNode.directory(["deep": "12345", "link": .symlink("deep")]).mode(0o2750)]],
            "log": TreeNode.file("x").mode(0o4755).modified(1_000_000_000),
        ]
        try tree.build(in: jail.source)
        try jail.push()
        return jail
    }

    private static let odd: [[UInt8]] = [
        Array("new\nline".utf8), Array("red\u{1B}[31m".utf8), [0xFF, 0xFE], Array("pi|pe".utf8), Array("back\\".utf8),
    ]

    /// The jail's names with what no terminal should see, in the order of their bytes.
    private func oddJail() throws -> Jail {
        let jail = try Jail(on: BackupServer())
        try TreeLiteral(Self.odd.compactMap { Name($0) }.map { ($0, "content") }).build(in: jail.source)
        try jail.push()
        return jail
    }

    private func list(_ jail: Jail, _ words: String...) throws -> Command.Outcome {
        try jail.server.server(["ls"] + words).check()
    }

    // MARK: nights

    @Test func `of nights is a line for the newest, in every style`() throws {
        let jail = try jail()
        try (["log": "longer"] as TreeLiteral).build(in: jail.scratch.directory("other"))
        try Command("cp", "\(jail.scratch.path)/other/log", "\(jail.source)/log").check()
        try jail.push()
        let header = "jail|night|generation|uuid|pushed|valid|held|files|bytes|changed|new_bytes|goes|path"
        let machine = try jail.server.server(["nights", "-m"]).check().lines
        #expect(machine.first.map(String.init) == header)
        let fields = try #require(machine.last).split(separator: "|", omittingEmptySubsequences: false)
        #expect(machine.count == 2 && fields.count == 13, "\(machine)")
        #expect(fields[0] == jail.name && fields[1] == "0" && fields[2] == "2" && fields[5] == "yes", "\(machine)")
        #expect(fields[3].count == 36 && fields[4].last == "Z", "\(machine)")
        let script = try jail.server.server(["nights", "-ms", jail.name]).check().lines
        #expect(script == machine.suffix(1))
        let json = try jail.server.server(["nights", "--json"]).check().text
        #expect(json.hasPrefix("{\"jail\":\"\(jail.name)\",\"night\":0,\"generation\":2,"), "\(json)")
        #expect(try jail.server.server(["nights", "-0"]).run().status == 64)
        let plain = try jail.server.server(["nights"]).check()
        #expect(plain.lines.first?.hasPrefix("JAIL") == true && plain.lines.count == 2, "\(plain)")
        #expect(plain.errors.isEmpty)
    }

    @Test func `of pushes is each run with its reason, the newest first`() throws {
        let jail = try jail()
        var broken = Command(jail.server.receive(jail.name))
        broken.input = RawBytes.preface + RawBytes.block(RawBytes.hello(backupdir: jail.settings["backupdir"] ?? ""))
        #expect(try broken.run().status != 0)
        let pushes = try jail.server.server(["nights", "--pushes", "-ms"]).check().lines
        #expect(pushes.count == 2, "\(pushes)")
        let (newest, oldest) = (try #require(pushes.first), try #require(pushes.last))
        #expect(newest.hasPrefix("\(jail.name)|2|") && newest.contains("|failed|2|the connection ended"), "\(newest)")
        #expect(oldest.hasPrefix("\(jail.name)|1|") && oldest.contains("|complete|1||"), "\(oldest)")
        // Beside the nights the last push is named, since it came to nothing.
        let nights = try jail.server.server(["nights", "-ms"]).check()
        #expect(nights.complaint.contains("failed"), "\(nights)")
        #expect(nights.text.contains("|0|1|"), "\(nights)")
    }

    @Test func `of one jail is not hidden by another that is not there`() throws {
        let jail = try jail()
        let outcome = try jail.server.server(["nights", "-ms", "nobody", jail.name]).run()
        #expect(outcome.status == 78, "\(outcome)")
        #expect(outcome.complaint.contains("nobody") && outcome.lines.count == 1, "\(outcome)")
    }

    // MARK: ls

    @Test func `of a directory is what it holds, at any depth, with modes, sizes, times and targets`() throws {
        let jail = try jail()
        let below = "0:\(jail.source)"
        #expect(try list(jail, jail.name, "\(below)", "-0").text == "a\0log\0")
        #expect(try list(jail, jail.name, "\(below)//a/b/", "-0").text == "c\0")
        #expect(try list(jail, jail.name, "\(below)/a/b/c", "-0").text == "deep\0link\0")
        let deep = try list(jail, jail.name, "\(below)/a/b/c", "-m").lines
        #expect(deep.first == "mode|links|owner|group|size|modified|name|target")
        #expect(deep.dropFirst().first?.hasPrefix("-rw-r--r--|1|") == true, "\(deep)")
        #expect(deep.dropFirst().first?.contains("|5|2") == true, "\(deep)")
        #expect(deep.last?.hasPrefix("lrwxrwxrwx|1|") == true && deep.last?.hasSuffix("|link|deep") == true, "\(deep)")
        #expect(try list(jail, jail.name, "\(below)/a/b", "-ms").text.hasPrefix("drwxr-s---|"))
        let single = try list(jail, jail.name, "\(below)/log", "-ms").text
        #expect(single.hasPrefix("-rwsr-xr-x|1|") && single.hasSuffix("|1|2001-09-09T01:46:40Z|log|\n"), "\(single)")
        #expect(try list(jail, jail.name, "0", "-0").text == "\(jail.source.split(separator: "/")[0])\0")
        #expect(try list(jail, jail.name, "0:", "-0").text == list(jail, jail.name, "0:/", "-0").text)
    }

    @Test func `is escaped for a terminal, exact in JSON, and raw with -0`() throws {
        let jail = try oddJail()
        let place = "0:\(jail.source)"
        let sorted = Self.odd.sorted { $0.lexicographicallyPrecedes($1) }
        let raw = try list(jail, jail.name, place, "-0").output
        #expect(raw == sorted.flatMap { $0 + [0] })
        for style in [[], ["-m"], ["--json"]] {
            let outcome = try jail.server.server(["ls", jail.name, place] + style).check()
            #expect(outcome.lines.count == sorted.count + (style == ["--json"] ? 0 : 1), "\(outcome)")
            #expect(outcome.output.allSatisfy { $0 == 10 || (32..<127).contains($0) }, "\(style): \(outcome)")
        }
        #expect(try list(jail, jail.name, place).text.contains("new\\nline"))
        #expect(try list(jail, jail.name, place, "-m").text.contains("|pi\\x7Cpe|"))
        let json = try list(jail, jail.name, place, "--json").lines.joined(separator: ",")
        let program = """
            import json, sys
            for row in json.loads(sys.argv[1]):
                sys.stdout.buffer.write(bytes.fromhex(row["name_hex"]) if "name_hex" in row else row["name"].encode())
                sys.stdout.buffer.write(b"\\0")
            """
        #expect(try Command("python3", "-c", program, "[\(json)]").check().output == raw)
    }

    @Test func `of what is not there ends with a word and a status`() throws {
        let jail = try jail()
        try jail.server.enroll("unused")
        let below = "0:\(jail.source)"
        let cases: [(words: [String], status: Int32, word: String)] = [
            ([jail.name, "\(below)/gone"], 1, "\(jail.source)/gone"),
            ([jail.name, "\(below)/log/below"], 1, "log/below"), ([jail.name, "3"], 1, "no night 3"),
            (["unused", "0"], 1, "no night 0"), (["nobody", "0"], 78, "nobody"), ([jail.name, "7"], 64, "7"),
            ([jail.name, "0:relative"], 64, "relative"), ([jail.name, "0:/a/../b"], 64, ".."),
            ([jail.name], 64, "NIGHT"),
            (["../\(jail.name)", "0"], 64, "jail"), ([jail.name, "\(below)/e\u{1B}[2J"], 1, "\\e[2J"),
        ]
        for (words, status, word) in cases {
            let outcome = try jail.server.server(["ls"] + words).run()
            #expect(outcome.status == status, "\(words): \(outcome)")
            #expect(outcome.complaint.contains(word), "\(words): \(outcome)")
            #expect(outcome.output.isEmpty && !outcome.errors.contains(0x1B), "\(words): \(outcome)")
        }
    }
}
