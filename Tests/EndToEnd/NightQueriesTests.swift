import Support
import Testing

/// What staff ask of the nights, answered from the catalog.
@Suite struct `Asking what nights hold` {
    private let jail: Jail

    init() throws { jail = try Jail("queries", on: BackupServer()) }

    private func source(_ script: String) throws {
        try Command("sh", "-ec", "cd '\(jail.source)'\n\(script)").check()
    }

    /// Pushes, and makes a night of it, so many days before the second 1,000,000,000.
    private func live(daysBefore days: Int, _ script: String) throws {
        try source(script)
        try jail.push()
        let now = "@\(1_000_000_000 - days * 86_400)"
        try jail.server.server(["housekeep", jail.name, "--now", now]).check()
    }

    private func ask(_ words: String...) throws -> Command.Outcome {
        try jail.server.server(words.map { $0 == "JAIL" ? jail.name : $0 }).run()
    }

    private func answer(_ words: String...) throws -> String {
        try jail.server.server(words.map { $0 == "JAIL" ? jail.name : $0 }).check().text
            .replacing(jail.source, with: "SOURCE").replacing(jail.name, with: "JAIL")
    }

    /// Three states of a site, the oldest in night 2.
    private func threeNights() throws {
        try live(
            daysBefore: 1,
            "mkdir site; echo one > site/index; echo logo > site/logo; echo bye > gone; touch -d @1000000000 *")
        try live(
            daysBefore: 0,
            "mv site www; echo two > www/index; touch -d @1000000001 www/index; rm gone; chmod 600 www/logo")
        try source("printf x > \"$(printf 'new\\nname')\"; touch -d @1000000002 new*")
        try jail.push()
    }

    @Test func `diff names what was added, changed, removed and renamed, in every form`() throws {
        try threeNights()
        let machine = try answer("diff", "JAIL", "2", "0", jail.source, "-m")
        #expect(
            machine == """
                change|what|path|from
                changed|mtime|SOURCE|
                removed||SOURCE/gone|
                added||SOURCE/new\\nname|
                renamed||SOURCE/www|SOURCE/site
                changed|content,mtime|SOURCE/www/index|
                changed|mode|SOURCE/www/logo|

                """)
        #expect(try answer("diff", "JAIL", "2", "0", jail.source, "-ms") == String(machine.dropFirst(22)))
        #expect(
            try answer("diff", "JAIL", "1", "0", "\(jail.source)/new\nname", "--json")
                == #"{"change":"added","what":[],"path":"SOURCE/new\\nname","path_hex":"\#(hex)","from":null}"# + "\n"
        )
        #expect(try answer("diff", "JAIL", "1", "0", "\(jail.source)/new\nname", "-0") == "SOURCE/new\nname\0")
        #expect(
            try answer("diff", "JAIL", "2", "1", "\(jail.source)/gone").hasSuffix("\nremoved  -     SOURCE/gone  -\n"))
    }

    private var hex: String {
        Array("\(jail.source)/new\nname".utf8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test func `diff takes generations too, in either order, and finds nothing in the same one`() throws {
        try threeNights()
        #expect(try answer("diff", "JAIL", "@1", "@3", "-m") == answer("diff", "JAIL", "2", "0", "-m"))
        #expect(
            try answer("diff", "JAIL", "0", "@1", "\(jail.source)/gone", "-ms") == "added||SOURCE/gone|\n")
        #expect(try answer("diff", "JAIL", "1", "@2") == "")
    }

    @Test func `what is not there is named, and ends in 1`() throws {
        try threeNights()
        for (words, complaint) in [
            (["diff", jail.name, "0", "5"], "has no night 5"),
            (["diff", jail.name, "@99", "0"], "has no generation 99"),
            (["diff", jail.name, "0", "1", "/no"], "/no is neither in night 0 nor in night 1"),
            (["versions", jail.name, "/no"], "/no is in no night"), (["ls", jail.name, "@9"], "has no generation 9"),
        ] {
            let outcome = try jail.server.server(words).run()
            #expect(outcome.status == 1 && outcome.complaint.contains(complaint), "\(words): \(outcome)")
        }
        for words in [
            ["diff", jail.name, "0"], ["diff", jail.name, "0", "7"], ["diff", jail.name, "0", "@0"],
            ["diff", jail.name, "0", "1", "etc"], ["versions", jail.name], ["versions", jail.name, "/a/../b"],
            ["versions", jail.name, "/", "--now", "soon"],
        ] {
            #expect(try jail.server.server(words).run().status == 64, "\(words)")
        }
    }

    @Test func `versions lists each state of a file once, with its nights and until when it can be had`() throws {
        try live(daysBefore: 2, "echo one > f; chmod 640 f; touch -d @1000000000 f; ln -s f link")
        try live(daysBefore: 1, "touch other")
        try live(daysBefore: 0, "echo three > f; touch -d @1000000001 f")
        try source("chmod 600 f")
        try jail.push()
        func versions(_ name: String, _ form: String...) throws -> [Substring] {
            try jail.server.server(["versions", jail.name, "\(jail.source)/\(name)", "--now", "@1000000000"] + form)
                .check().lines
        }
        let lines = try versions("f", "-ms").map { $0.split(separator: "|", omittingEmptySubsequences: false) }
        #expect(
            lines.map { $0[0...3].joined(separator: "|") } == [
                "0||6|2001-09-09T01:46:41Z", "1||6|2001-09-09T01:46:41Z", "2,3||4|2001-09-09T01:46:40Z",
            ])
        #expect(lines.map { $0[4] } == ["-rw-------", "-rw-r-----", "-rw-r-----"])
        #expect(lines[0][8] == lines[1][8] && lines[1][8] != lines[2][8] && lines[2][8].count == 32)
        // 2001-09-09T01:46:40Z and six, and five, times 20 hours.
        #expect(lines.map { $0[7] } == ["", "2001-09-14T01:46:40Z", "2001-09-13T05:46:40Z"])
        let json = try versions("link", "--json")
        #expect(
            json.count == 1 && json[0].hasPrefix(#"{"nights":[0,1,2,3],"holds":[],"size":1,"modified":""#), "\(json)")
        #expect(json[0].contains(#""until":"2001-09-14T01:46:40Z","digest":null,"target":"f"}"#), "\(json)")
        #expect(try versions("f", "-m")[0] == "nights|holds|size|modified|mode|owner|group|until|digest|target")
        let human = try versions("f")
        #expect(human.count == 4 && human[0].hasPrefix("NIGHTS  HOLDS  SIZE  MODIFIED "), "\(human)")
    }

    @Test func `nights lists every tree with what it holds and when it will go`() throws {
        try threeNights()
        try Command("mkdir", "\(jail.server.data)/\(jail.name)/5").check()
        let lines = try jail.server.server(["nights", jail.name, "-m", "--now", "@1000072001"]).check().lines
            .map { $0.split(separator: "|", omittingEmptySubsequences: false) }
        #expect(lines[0].suffix(2) == ["goes", "path"] && lines.allSatisfy { $0.count == 13 }, "\(lines)")
        #expect(lines.dropFirst().map { $0[1...2].joined(separator: "|") } == ["0|3", "1|2", "2|1", "5|"])
        // What is due is due now; the others follow an interval later each.
        #expect(
            lines.dropFirst().map { $0[11] } == [
                "", "2001-09-14T01:46:41Z", "2001-09-13T05:46:41Z", "2001-09-10T17:46:41Z",
            ])
    }

    @Test func `what is held is named with its hold, and until when`() throws {
        try source("mkdir d; echo one > d/f; echo else > else")
        try jail.push()
        let until = ["--until", "@2000000000", "--name", "ticket7", "\(jail.source)/d"]
        try jail.server.server(["hold", jail.name] + until).check()
        try jail.server.server(["hold", jail.name, "--name", "whole"]).check()
        try source("echo two > d/f; rm else")
        try jail.push()
        func versions(_ name: String) throws -> [String] {
            try jail.server.server(["versions", jail.name, "\(jail.source)/\(name)", "-ms"]).check().lines.map { line in
                let fields = line.split(separator: "|", omittingEmptySubsequences: false)
                return "\(fields[0]) \(fields[1]) \(fields[7])"
            }
        }
        #expect(try versions("d/f") == ["0  ", " ticket7,whole "])
        #expect(try versions("else") == [" whole "])
        try jail.server.server(["release", jail.name, "whole"]).check()
        #expect(try versions("d/f") == ["0  ", " ticket7 2033-05-18T03:33:20Z"])
        let held = try jail.server.server(["nights", jail.name, "-ms"]).check().lines
            .map { $0.split(separator: "|", omittingEmptySubsequences: false) }
        #expect(
            held.map { "\($0[1]) \($0[2]) \($0[6]) \($0[11]) \($0[12])" } == [
                "0 2   ", " 1 ticket7 2033-05-18T03:33:20Z \(jail.source)/d",
            ])
    }

    @Test func `a night names the holds on it, and json has lists`() throws {
        try source("mkdir d; echo one > d/f")
        try jail.push()
        try jail.server.server(["hold", jail.name, "--name", "a b", "\(jail.source)/d"]).check()
        try jail.server.server(["hold", jail.name]).check()
        let machine = try jail.server.server(["nights", jail.name, "-ms"]).check().lines
            .map { $0.split(separator: "|", omittingEmptySubsequences: false) }
        #expect(
            machine.map { "\($0[1])|\($0[6])|\($0[12])" } == [
                "0|a b,generation-1|", "|a b|\(jail.source)/d", "|generation-1|/",
            ])
        let json = try jail.server.server(["nights", jail.name, "--json"]).check().lines
        #expect(json[0].contains(#","held":["a b","generation-1"],"files""#) && json[0].hasSuffix(#""path":null}"#))
        #expect(json[1].contains(#","held":["a b"],"files""#) && json[1].hasSuffix(#"/d"}"#), "\(json)")
        let versions = try jail.server.server(["versions", jail.name, "\(jail.source)/d/f", "--json"]).check().text
        #expect(versions.hasPrefix(#"{"nights":[0],"holds":["a b","generation-1"],"size""#), "\(versions)")
        let found = try jail.server.server(["find", jail.name, "f", "--json"]).check().text
        #expect(found.hasPrefix(#"{"nights":[0],"holds":["a b","generation-1"],"path":""#), "\(found)")
    }

    @Test(arguments: ["a,b", "a:b", "e\u{1b}[1m", "a\nb", "\u{7f}", "a/b", ""])
    func `no hold has a name that a list or a screen would take for something else`(name: String) throws {
        try jail.push()
        let outcome = try jail.server.server(["hold", jail.name, "--name", name]).run()
        #expect(outcome.status == 64 && outcome.output.isEmpty && !outcome.complaint.contains("\u{1b}"), "\(outcome)")
        #expect(try jail.server.server(["nights", jail.name, "-ms"]).check().lines.count == 1)
    }

    @Test func `a time that is none is a wrong command line, whatever asks`() throws {
        try jail.push()
        for words in [["nights"], ["nights", jail.name], ["nights", "--pushes"], ["versions", jail.name, "/"]] {
            let outcome = try jail.server.server(words + ["--now", "garbage"]).run()
            #expect(outcome.status == 64, "\(outcome)")
            #expect(outcome.complaint.hasPrefix("nightjar-server: garbage: --now wants a time"), "\(outcome)")
        }
    }

    @Test func `find compares a pattern with the last names of a path, unless it begins with a slash`() throws {
        try source("mkdir -p home/bob; touch home/bob/file")
        try jail.push()
        func find(_ pattern: String) throws -> String {
            let outcome = try jail.server.server(["find", jail.name, "-0", pattern]).run()
            #expect(outcome.status == (outcome.output.isEmpty ? 1 : 0), "\(outcome)")
            return outcome.text.replacing(jail.source, with: "SOURCE").replacing("\0", with: " ")
        }
        #expect(try find("home/bob") == "SOURCE/home/bob ")
        #expect(try find("bob/*") == "SOURCE/home/bob/file ")
        #expect(try find("\(jail.source)/h*/bob") == "SOURCE/home/bob ")
        #expect(try find(String("\(jail.source)/home".dropFirst())) == "SOURCE/home ")
        #expect(try find("/home/bob") == "" && find("home/file") == "")
        let open = try jail.server.server(["find", jail.name, "x/[a"]).run()
        #expect(open.status == 64 && open.complaint.contains("x/[a: a [ is not closed"), "\(open)")
    }

    @Test func `the catalog knows what each entry holds after every push, one that is missing too`() throws {
        let other = try jail.scratch.directory("other")
        try Command("sh", "-ec", "printf 12345 > '\(other)/five'; ln '\(other)/five' '\(other)/again'").check()
        try source("mkdir d; printf 123 > d/three")
        jail.entries.append(other)
        try jail.push()
        func figures() throws -> [Substring] {
            let file = "\(jail.server.data)/\(jail.name)/.nightjar/catalog.sqlite"
            let query = """
                SELECT path, files, bytes, fs_kind > 0 FROM entry_figures
                WHERE generation = (SELECT max(generation) FROM entry_figures)
                """
            return try Command("sqlite3", "-cmd", ".timeout 5000", file, query).check().lines
        }
        #expect(try figures() == ["\(other)|2|10|1", "\(jail.source)|1|3|1"])
        try source("printf 1234 > d/four; rm d/three")
        try Command("mv", other, "\(other).away").check()
        #expect(try jail.backup().status == 1)
        #expect(try figures() == ["\(other)|2|10|1", "\(jail.source)|1|4|1"])
    }
}
