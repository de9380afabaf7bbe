import Support
import Testing

/// `vb --add`, `vb --remove`: for scripts.
@Suite struct `A scripted change of the config` {
    @Test func `is done once, shown, and no error the second time`() throws {
        let desk = try ConfigDesk()
        let words = ["--add", desk.path("b"), "\(desk.path("etc")) --exclude=*.core"]
        let first = try desk.command("vb", words).run()
        #expect(first.status == 0 && first.errors.isEmpty, "\(first)")
        let lines = ["+ \(desk.path("b"))", "+ \(desk.path("etc")) --exclude=*.core"]
        #expect(first.lines.prefix(2).map(String.init) == lines, "\(first)")
        let added = "## ENTRY \(desk.path("b"))\n## ENTRY \(desk.path("etc")) --exclude=*.core\n"
        #expect(try desk.content(desk.config) == desk.text + added)
        let second = try desk.command("vb", words).run()
        #expect(second.status == 0 && second.output.isEmpty && second.errors.isEmpty, "\(second)")
        let removal = try desk.command("vb", ["--remove", desk.path("b"), desk.path("etc")]).run()
        #expect(removal.status == 0 && removal.text.hasPrefix("- \(desk.path("b"))\n- "), "\(removal)")
        #expect(try desk.content(desk.config) == desk.text)
        let again = try desk.command("vb", ["--remove", desk.path("b")]).run()
        #expect(again.status == 0 && again.complaint.contains("\(desk.path("b")) is no entry"), "\(again)")
        #expect(try desk.beside() == ["backup.config.~1~", "backup.config.~2~"])
    }

    @Test(
        arguments: [
            ("gone", 1, "backup.config: ROOT/gone: ROOT/gone does not exist"),
            ("link", 78, "ROOT/link is a symlink: enter ROOT/b instead"),
            ("a/inner", 78, "is saved with ROOT/a"),
            ("b --exclud=x", 78, "unknown option"),
            ("a --exclude=x", 78, "backup.config:5: ROOT/a is an entry with other options"),
            ("../b", 64, "without . and .."),
            ("b\n## ENTRY /etc", 64, "cannot have \\n in it"),
        ] as [(String, Int32, String)])
    func `that is not good is not made, nor is what was asked for with it`(
        entry: String, status: Int32, complaint: String
    ) throws {
        let desk = try ConfigDesk()
        let outcome = try desk.command("vb", ["--add", desk.path("etc"), desk.path(entry)]).run()
        #expect(outcome.status == status, "\(outcome)")
        let wanted = complaint.replacing("ROOT", with: desk.scratch["root"])
        #expect(outcome.complaint.contains(wanted) && outcome.output.isEmpty, "\(outcome)")
        #expect(try desk.content(desk.config) == desk.text)
        #expect(try desk.beside().isEmpty)
    }

    @Test func `is not kept back by an entry that was missing before`() throws {
        let desk = try ConfigDesk()
        try Command("sh", "-c", "echo '## ENTRY \(desk.path("gone"))' >> '\(desk.config)'").check()
        let outcome = try desk.command("vb", ["--add", desk.path("b")]).run()
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    }

    @Test func `is kept back by a line that cannot be read, which is named as it stands in the file`() throws {
        let desk = try ConfigDesk()
        try Command("sh", "-c", "echo broken >> '\(desk.config)'").check()
        for words in [["--add", desk.path("b")], ["--remove", desk.path("a")]] {
            let outcome = try desk.command("vb", words).run()
            #expect(outcome.status == 78, "\(outcome)")
            let told = outcome.complaint.split(separator: "\n").filter { $0.contains("backup.config:") }
            #expect(told.count == 1 && told[0].contains("backup.config:6: neither key=value"), "\(outcome)")
        }
        #expect(try desk.content(desk.config) == desk.text + "broken\n")
    }

    @Test func `that mends a config is made`() throws {
        let desk = try ConfigDesk()
        try Command("sh", "-c", "echo '## ENTRY \(desk.path("b")) --exclud=x' >> '\(desk.config)'").check()
        let outcome = try desk.command("vb", ["--remove", desk.path("b")]).run()
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        #expect(try desk.content(desk.config) == desk.text)
    }

    @Test(arguments: [["x"], ["--add"], ["--remove"], ["--add", "--remove", "/a"], ["--remove", "/a --exclude=x"]])
    func `wants words that make sense`(words: [String]) throws {
        let desk = try ConfigDesk()
        let outcome = try desk.command("vb", words).run()
        #expect(outcome.status == 64 && outcome.complaint.contains("vb --help tells more"), "\(outcome)")
    }
}

/// `gb`, and `nightjar gb`.
@Suite struct `The entries that match` {
    private func desk() throws -> ConfigDesk {
        let desk = try ConfigDesk()
        let lines = ["1.2.3.4-col00214-DIR", "1.2.3.5-col002145-DIR --exclude=col00214x", "gone"]
        let text = lines.map { "## ENTRY \(desk.path($0))\n" }.joined()
        try Command("sh", "-c", "printf '%s' '\(text)' >> '\(desk.config)'").check()
        return desk
    }

    @Test(arguments: [
        ("col00214", [6]), ("col0021", []), ("1\\.2\\.3\\.[45]-", [6, 7]), ("--exclude", [7]), ("a$", [5]),
        ("ENTRY", [5, 6, 7, 8]),
    ])
    func `are printed as they stand; none is status 1`(pattern: String, expected: [Int]) throws {
        let desk = try desk()
        let all = try desk.content(desk.config).split(separator: "\n", omittingEmptySubsequences: false)
        var plain = try desk.command("gb", ["--", pattern])
        for _ in 0..<2 {
            let outcome = try plain.run()
            #expect(outcome.status == (expected.isEmpty ? 1 : 0) && outcome.errors.isEmpty, "\(outcome)")
            #expect(outcome.lines == expected.map { all[$0 - 1] }, "\(outcome)")
            plain = Command(Programs.path("nightjar"), "gb", "--config", desk.config, "--", pattern)
        }
    }

    @Test func `can be those that do not exist`() throws {
        let desk = try desk()
        try desk.scratch.directory("root/1.2.3.4-col00214-DIR")
        let outcome = try desk.command("gb", ["--missing", "-ms"]).run()
        let expected = [
            "7|\(desk.path("1.2.3.5-col002145-DIR"))|--exclude=col00214x", "8|\(desk.path("gone"))|",
        ]
        #expect(outcome.status == 0 && outcome.lines.map(String.init) == expected, "\(outcome)")
        #expect(try desk.command("gb", ["--missing", "col00214"]).run().status == 1)
    }

    @Test func `can be told with the nights that have them`() throws {
        let jail = try Jail(on: BackupServer())
        let names = ["old", "kept", "never"]
        jail.entries = try names.map { try jail.scratch.directory($0) }
        for night in 0..<3 {
            try Command("sh", "-c", "echo \(night) > '\(jail.entries[1])/file'").check()
            if night == 2 { try Command("rm", "-r", jail.entries[0]).check() }
            jail.entries = names.prefix(2).map { jail.scratch[$0] }
            if night == 2 { jail.entries.removeFirst() }
            try jail.push()
            let time = "@\(1_000_000_000 + night * 86_400)"
            if night < 2 { try jail.server.server(["housekeep", jail.name, "--now", time]).check() }
        }
        #expect(try jail.waitUntilUnserved())
        try jail.server.server(["hold", jail.name, jail.scratch["old"], "--night", "2", "--name", "dispute"]).check()
        jail.entries = names.map { jail.scratch[$0] }
        _ = try jail.command()
        let lines = jail.configText.split(separator: "\n", omittingEmptySubsequences: false)
        let first = try #require(lines.firstIndex { $0.hasPrefix("## ENTRY") }) + 1
        let outcome = try jail.agent(["gb", "--config", jail.config, "--held", "-ms"]).run()
        let expected = [
            "\(first)|\(jail.scratch["old"])||1,2|dispute", "\(first + 1)|\(jail.scratch["kept"])||0,1,2|",
            "\(first + 2)|\(jail.scratch["never"])|||",
        ]
        #expect(outcome.status == 0 && outcome.lines.map(String.init) == expected, "\(outcome)")
        let gone = try jail.agent(["gb", "--config", jail.config, "--held", "--missing"]).run()
        #expect(gone.lines.count == 2 && gone.text.contains("1,2"), "\(gone)")
    }

    @Test(.tags(.slow)) func `can be told with the nights, though they are more than a session answers`() throws {
        let jail = try Jail(on: BackupServer())
        try jail.push()
        jail.entries = (0..<10_000).map { "\(jail.source)/\($0)" } + jail.entries
        _ = try jail.command()
        let outcome = try jail.agent(["gb", "--config", jail.config, "--held", "-ms"]).run()
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.complaint)")
        #expect(outcome.lines.count == 10_000 + 1)
        #expect(outcome.lines.last?.hasSuffix("|\(jail.source)||0|") == true, "\(outcome.lines.last ?? "")")
    }

    @Test(arguments: [["(a"], [], ["a", "b"]]) func `need one pattern that is one`(words: [String]) throws {
        let desk = try desk()
        let outcome = try desk.command("gb", words).run()
        #expect(outcome.status == 64 && outcome.complaint.contains("gb --help tells more"), "\(outcome)")
    }
}
