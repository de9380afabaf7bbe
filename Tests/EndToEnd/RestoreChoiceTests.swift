import Support
import Testing

/// Which parts of which night, by the words that staff type.
@Suite struct `A restore finds` {
    private let scene: RestoreScene

    init() throws {
        scene = try RestoreScene()
        try scene.makeEntry(
            "usr/home", of: "col00214", "mkdir bob eve; echo one > bob/f; echo two > bob/g; echo x > eve/f")
        try scene.makeEntry("etc", of: "col00214", "echo p > passwd")
        try scene.makeEntry("usr/home", of: "col0021", "echo other > secret")
        try scene.makeEntry("data", of: "col00214", disk: 2, "echo second > disk")
    }

    private func names(_ words: String...) throws -> [String] { try scene.names(try scene.archive(words)) }

    @Test func `a customer on all disks, and never another whose name begins alike`() throws {
        try scene.jail.push()
        #expect(try names("col0021") == ["usr/", "usr/home/", "usr/home/secret"])
        let both = try names("col00214")
        #expect(both.first == "data1/")
        #expect(both.contains("data1/69.55.238.98-col00214-DIR/usr/home/bob/f"))
        #expect(both.contains("data2/69.55.238.98-col00214-DIR/data/disk"))
        #expect(!both.contains { $0.contains("col0021-") || $0.contains("secret") })
    }

    @Test func `paths in a customer's root, patterns, and several at once`() throws {
        scene.jail.entries.removeLast()
        try scene.jail.push()
        #expect(
            try names("col00214", "usr/home/bob/", "etc/passwd") == [
                "etc/", "etc/passwd", "usr/", "usr/home/", "usr/home/bob/", "usr/home/bob/f", "usr/home/bob/g",
            ])
        #expect(
            try names("col00214", "usr/home/*/f") == [
                "usr/", "usr/home/", "usr/home/bob/", "usr/home/bob/f", "usr/home/eve/", "usr/home/eve/f",
            ])
        let root = scene.root("col00214")
        #expect(try names("\(root)/etc/passw?").last == String("\(root)/etc/passwd".dropFirst()))
        // What two words name is there once.
        #expect(try names("col00214", "etc", "etc/passwd") == ["etc/", "etc/passwd"])
        let two = try names("col00214", "etc", "col0021")
        #expect(
            two.filter { !$0.hasSuffix("/") } == [
                "69.55.238.98-col0021-DIR/usr/home/secret", "69.55.238.98-col00214-DIR/etc/passwd",
            ])
    }

    @Test func `nothing where there is nothing, and says in which nights there is something`() throws {
        try scene.live(daysBefore: 2)
        try Command("rm", "-r", "\(scene.root("col00214"))/usr/home/bob").check()
        try scene.live(daysBefore: 1)
        for (words, status, complaint) in [
            (["col00214", "usr/home/bob"], 1, "usr/home/bob is not in night 0; it is in night 2"),
            (["col00214", "usr/home/none", "etc"], 1, "usr/home/none is not in night 0; no night and no hold has it"),
            (["/no/such"], 1, "/no/such is not in night 0"), (["col00999"], 1, "no entry lies in the root of such"),
            (["DIR"], 1, "no entry lies in the root of such"), (["etc/passwd"], 64, "begins with '/'"),
            (["col00214", "../col0021"], 64, "cannot go through . or .."), (["/a/../b"], 64, "cannot go through"),
            (["col00214", "/etc/passwd"], 64, "after a customer, a path begins without '/'"),
            (
                ["col00214", "--night", "6"], 1,
                "has no night 6\nnightjar-server: nightjar-server nights \(scene.jail.name) lists"
            ),
            (["col00214", "--night", "7"], 64, "from 0 to 6"),
            (["col00214", "--night", "1", "--date", "2001-09-08"], 64, "not both"),
            (["col00214", "--format", "zip"], 64, "--format wants"), (["col00214", "--hold", "0"], 64, "--hold wants"),
            ([], 64, "give JAIL and what"), (["col00214", "--date", "yesterday"], 64, "--date wants"),
        ] as [([String], Int32, String)] {
            let outcome = try scene.restore(words + ["--output", scene.jail.scratch["never"]]).run()
            #expect(outcome.status == status && outcome.complaint.contains(complaint), "\(words): \(outcome)")
            #expect(outcome.output.isEmpty)
        }
        #expect(try Command("test", "-e", scene.jail.scratch["never"]).run().status == 1)
        #expect(
            try names("col00214", "usr/home/bob", "--night", "2").contains(
                "data1/69.55.238.98-col00214-DIR/usr/home/bob/f"))
    }

    @Test func `nothing where a night is only held in parts, and says that they are had one after the other`() throws {
        try scene.live(daysBefore: 9)
        let root = scene.root("col00214")
        for (name, path) in [("a", "usr"), ("b", "etc")] {
            try scene.jail.server.server(["hold", scene.jail.name, "\(root)/\(path)", "--night", "1", "--name", name])
                .check()
        }
        for day in 1...8 { try scene.live(daysBefore: 9 - day) }
        #expect(try names("col00214", "etc", "--night", "@1", "--no-hold").last?.hasSuffix("/etc/passwd") == true)
        let both = try scene.restore("col00214", "etc/passwd", "usr/home/bob", "--night", "@1").run()
        #expect(both.status == 1 && both.complaint.contains("no single night or hold has all of"), "\(both)")
        let other = try scene.restore("col00214", "srv", "--night", "@1").run()
        #expect(other.status == 1 && other.complaint.contains("no night has generation 1"), "\(other)")
    }

    @Test func `the night that was the newest on a day, or at a time`() throws {
        scene.jail.entries.removeLast()
        let file = "\(scene.root("col00214"))/etc/passwd"
        for days in [3, 2, 1] {
            try Command("sh", "-c", "echo \(days) > '\(file)'").check()
            try scene.live(daysBefore: days)
        }
        func content(_ date: String) throws -> String {
            try Command("tar", "-xOf", try scene.archive(["col00214", "etc/passwd", "--date", date]), "etc/passwd")
                .check().text
        }
        // 1,000,000,000 is 2001-09-09T01:46:40Z.
        #expect(try content("2001-09-06T01:46:40Z") == "3\n")
        #expect(try content("2001-09-06Z") == "3\n")
        #expect(try content("2001-09-07T01:46:39Z") == "3\n")
        #expect(try content("2001-09-07T01:46:41Z") == "2\n")
        #expect(try content("2001-09-08Z") == "1\n")
        #expect(try content("2020-01-01") == "1\n")
        let outcome = try scene.restore("col00214", "--date", "2001-09-06T01:46:39Z").run()
        #expect(outcome.status == 1 && outcome.complaint.contains("has no night that was pushed by then"), "\(outcome)")
    }

    @Test func `of many parts what they have in common is held, once`() throws {
        let place = "\(scene.root("col0021"))/many"
        try scene.makeEntry("many", of: "col0021", "for n in 1 2 3 4 5 6; do mkdir $n; echo $n > $n/f; done")
        try scene.jail.push()
        func holds() throws -> [String] {
            try Command("ls", "\(scene.jail.server.data)/\(scene.jail.name)/holds").check().lines.map(String.init)
        }
        let output = scene.jail.scratch["many"]
        try scene.restore((1...5).map { "\(place)/\($0)" } + ["--hold", "3", "--output", output]).check()
        let held = try holds()
        #expect(held.count == 1)
        let tree = "\(scene.jail.server.data)/\(scene.jail.name)/holds/\(held[0])\(place)"
        #expect(try Command("ls", tree).check().lines == ["1", "2", "3", "4", "5", "6"])
    }

    @Test func `how much it would be, and which files, without writing anything`() throws {
        try scene.jail.push()
        let list = try scene.restore("col0021", "--list", "-0").check().text
        let lines = try scene.restore("col0021", "--list", "--json").run().lines
        #expect(list == "usr\0usr/home\0usr/home/secret\0")
        #expect(
            lines.count == 3 && lines[2].contains(#""size":6"#) && lines[2].contains(#""path":"usr/home/secret""#),
            "\(lines)")
        let plan = try scene.restore("col0021", "--dry-run").check().text
        #expect(plan.hasPrefix("3 files and directories, 6 B, pushed "), "\(plan)")
        for words in [["--hold", "9"], ["--no-hold"], ["--damaged"], ["--format", "tar"]] {
            let outcome = try scene.restore(["col0021", "--list"] + words).run()
            #expect(outcome.status == 64 && outcome.output.isEmpty, "\(words): \(outcome)")
            #expect(outcome.complaint.contains("\(words[0]) is not for --list"), "\(outcome)")
        }
        #expect(try Command("ls", "\(scene.jail.server.data)/\(scene.jail.name)").check().lines == ["0"])
    }
}
