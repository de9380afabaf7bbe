import Support
import Testing

/// What staff ask of the nights, answered from the catalog. The nights are made by hand: hard-link copies of `0` that the
/// catalog is told of.
@Suite struct `Asking what nights hold` {
    private let jail: Jail

    init() throws { jail = try Jail("queries", on: BackupServer()) }

    private func source(_ script: String) throws {
        try Command("sh", "-ec", "cd '\(jail.source)'\n\(script)").check()
    }

    private func sql(_ text: String) throws {
        try Command("sqlite3", "\(jail.server.data)/\(jail.name)/.nightjar/catalog.sqlite", ".timeout 5000", text)
            .check()
    }

    /// Makes `0` a night as well, the highest number first.
    private func keep(as night: Int) throws {
        let tree = "\(jail.server.data)/\(jail.name)/\(night)"
        try Command("cp", "-al", jail.newest, tree).check()
        let facts = try Command("stat", "-c", "%i %.9W", tree).check().text.split { " .\n".contains($0) }
        let birth = "\(facts[1]), \(facts[2].drop { $0 == "0" }.isEmpty ? "0" : facts[2].drop { $0 == "0" })"
        try sql("INSERT INTO tree SELECT \(facts[0]), \(birth), max(number), NULL, 0 FROM generation WHERE state = 2")
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
        try source("mkdir site; echo one > site/index; echo logo > site/logo; echo bye > gone; touch -d @1000000000 *")
        try jail.push()
        try keep(as: 2)
        try source("mv site www; echo two > www/index; touch -d @1000000001 www/index; rm gone; chmod 600 www/logo")
        try jail.push()
        try keep(as: 1)
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
                == #"{"change":"added","what":null,"path":"SOURCE/new\\nname","path_hex":"\#(hex)","from":null}"# + "\n"
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
        try source("echo one > f; chmod 640 f; touch -d @1000000000 f; ln -s f link")
        try jail.push()
        try keep(as: 3)
        try source("touch other")
        try jail.push()
        try keep(as: 2)
        try source("echo three > f; touch -d @1000000001 f")
        try jail.push()
        try keep(as: 1)
        try source("chmod 600 f")
        try jail.push()
        func versions(_ name: String, _ form: String...) throws -> [Substring] {
            try jail.server.server(["versions", jail.name, "\(jail.source)/\(name)", "--now", "@2000000000"] + form)
                .check().lines
        }
        var lines = try versions("f", "-ms").map { $0.split(separator: "|", omittingEmptySubsequences: false) }
        #expect(
            lines.map { $0[0...3].joined(separator: "|") } == [
                "0||6|2001-09-09T01:46:41Z", "1||6|2001-09-09T01:46:41Z", "2,3||4|2001-09-09T01:46:40Z",
            ])
        #expect(lines.map { $0[4] } == ["-rw-------", "-rw-r-----", "-rw-r-----"])
        #expect(lines.map { $0[7] } == ["", "", ""], "nothing is known of a rotation yet")
        #expect(lines[0][8] == lines[1][8] && lines[1][8] != lines[2][8] && lines[2][8].count == 32)
        try sql("INSERT INTO setting VALUES ('rotated', 2000000000)")
        lines = try versions("f", "-ms").map { $0.split(separator: "|", omittingEmptySubsequences: false) }
        // 2033-05-18T03:33:20Z and six, and five, times 20 hours.
        #expect(lines.map { $0[7] } == ["", "2033-05-23T03:33:20Z", "2033-05-22T07:33:20Z"])
        let json = try versions("link", "--json")
        #expect(
            json.count == 1 && json[0].hasPrefix(#"{"nights":"0,1,2,3","holds":null,"size":1,"modified":""#), "\(json)")
        #expect(json[0].contains(#""until":"2033-05-23T03:33:20Z","digest":null,"target":"f"}"#), "\(json)")
        #expect(try versions("f", "-m")[0] == "nights|holds|size|modified|mode|owner|group|until|digest|target")
        let human = try versions("f")
        #expect(human.count == 4 && human[0].hasPrefix("NIGHTS  HOLDS  SIZE  MODIFIED "), "\(human)")
    }

    @Test func `nights lists every tree with what it holds and when it will go`() throws {
        try threeNights()
        try sql("INSERT INTO setting VALUES ('rotated', 2000000000)")
        try Command("mkdir", "\(jail.server.data)/\(jail.name)/5").check()
        let lines = try jail.server.server(["nights", jail.name, "-m", "--now", "@2000072001"]).check().lines
            .map { $0.split(separator: "|", omittingEmptySubsequences: false) }
        #expect(lines[0].last == "goes" && lines.allSatisfy { $0.count == 12 }, "\(lines)")
        #expect(lines.dropFirst().map { $0[1...2].joined(separator: "|") } == ["0|3", "1|2", "2|1", "5|"])
        // What is due is due now; the others follow an interval later each.
        #expect(
            lines.dropFirst().map { $0[11] } == [
                "", "2033-05-23T03:33:21Z", "2033-05-22T07:33:21Z", "2033-05-19T19:33:21Z",
            ])
    }

    @Test func `what is held is named with its hold, and until when`() throws {
        try source("mkdir d; echo one > d/f; echo else > else")
        try jail.push()
        try sql(
            """
            INSERT INTO hold VALUES (CAST('ticket7' AS BLOB), 1, CAST('\(jail.source)/d' AS BLOB), 0, 0, 2000000000, 1, 1, 1);
            INSERT INTO hold VALUES (CAST('whole' AS BLOB), 1, CAST('/' AS BLOB), 0, 0, NULL, 2, 2, 2)
            """)
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
        try sql("DELETE FROM hold WHERE name = CAST('whole' AS BLOB)")
        #expect(try versions("d/f") == ["0  ", " ticket7 2033-05-18T03:33:20Z"])
        let held = try jail.server.server(["nights", jail.name, "-ms"]).check().lines
            .map { $0.split(separator: "|", omittingEmptySubsequences: false) }
        #expect(
            held.map { "\($0[1]) \($0[2]) \($0[6]) \($0[11])" } == [
                "0 2  ", " 1 ticket7:\(jail.source)/d 2033-05-18T03:33:20Z",
            ])
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
