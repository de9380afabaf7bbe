import Support
import Testing

/// What the admins of a jail ask of its nights, over ssh, beside what staff are told on the server.
@Suite(.enabled(if: SSHServer.program != nil)) struct `Asking from the jail` {
    private let scene: SecureScene
    private let staffBox: StaffBox
    private var jail: Jail { scene.jail }

    init() throws {
        scene = try SecureScene()
        staffBox = try StaffBox()
    }

    private func source(_ script: String) throws {
        try Command("sh", "-ec", "cd '\(jail.source)'\n\(script)").check()
    }

    /// Pushes, and makes a night of it, so many days before the second 2,000,000,000, to come.
    private func live(daysBefore days: Int, _ script: String) throws {
        try source(script)
        try jail.push()
        var rotation = jail.server.server(["housekeep", jail.name, "--now", "@\(2_000_000_000 - days * 86_400)"])
        // By that time the jail has long been silent.
        rotation.environment["NIGHTJAR_SERVER_CONFIG"] = staffBox.config
        try rotation.check()
    }

    private func ask(_ words: [String]) throws -> Command.Outcome {
        try jail.scratch.write("backup.config", jail.configText)
        return try jail.agent(words + ["--config", jail.config]).run()
    }

    /// The same of staff: their commands name the jail behind the command.
    private func staff(_ words: [String]) throws -> Command.Outcome {
        try jail.server.server([words[0], jail.name] + words.dropFirst()).run()
    }

    private func week() throws {
        try live(
            daysBefore: 1,
            "mkdir -p a/deep b; echo one > a/f; echo x > a/deep/mail.c; echo y > b/gone.c; ln -s f a/link; mkfifo p")
        try live(
            daysBefore: 0, "echo two > a/f; rm b/gone.c; mv a/deep a/moved; printf x > \"$(printf 'b/n\\033[1m|.c')\"")
        try source("mkdir dir.c; touch dir.c/in")
        try jail.push()
        // Whoever served the push may still be tidying up.
        #expect(try jail.waitUntilUnserved())
        try jail.server.server(["hold", jail.name, "\(jail.source)/b", "--night", "2", "--name", "kept"]).check()
    }

    @Test func `every answer is what staff are told on the server, in every form`() throws {
        try week()
        let source = jail.source
        let questions = [
            ["nights"], ["ls", "0"], ["ls", "0:\(source)"], ["ls", "@1:\(source)/a"], ["ls", "2:\(source)/a/f"],
            ["versions", "\(source)/a/f"], ["versions", "\(source)/b/gone.c"], ["versions", source], ["find", "*.c"],
            ["find", "*.c", "--night", "1"], ["find", "\(source)/a/*/mail.c"], ["find", "f"],
        ]
        for question in questions {
            let forms =
                ["nights", "versions"].contains(question[0])
                ? [[], ["--json"], ["-m"], ["-ms"]] : [[], ["--json"], ["-m"], ["-ms"], ["-0"]]
            for form in forms {
                // When an overdue night goes is told as now: both may be asked in different seconds.
                var (ours, theirs) = (try ask(question + form), try staff(question + form))
                for _ in 0..<5 where ours.output != theirs.output {
                    (ours, theirs) = (try ask(question + form), try staff(question + form))
                }
                #expect(ours.status == 0 && ours.output == theirs.output, "\(question + form): \(ours)\n\(theirs)")
                #expect(!ours.output.isEmpty)
            }
        }
    }

    @Test func `find comes to each path once, with the nights and holds that have it, and matches as a shell does`()
        throws
    {
        try week()
        func find(_ words: String...) throws -> String {
            try ask(["find", "-ms"] + words).text.replacing(jail.source, with: "SOURCE")
        }
        #expect(
            try find("*.c") == """
                2||SOURCE/a/deep/mail.c
                0,1||SOURCE/a/moved/mail.c
                2|kept|SOURCE/b/gone.c
                0,1||SOURCE/b/n\\e[1m\\x7C.c
                0||SOURCE/dir.c

                """)
        #expect(try find("[g]one*", "--night", "2") == "2|kept|SOURCE/b/gone.c\n")
        #expect(try find("[g]one*", "--night", "0") == "")
        #expect(
            try find("\(jail.source)/*/mail.c") == "" && find("\(jail.source)/a/*/m*").split(separator: "\n").count == 2
        )
        #expect(try find("in") == "0||SOURCE/dir.c/in\n")
        // The night goes; what is held of it stays, and what is beside that does not.
        for day in 1...6 { try live(daysBefore: -day, "date > f\(day)") }
        #expect(try find("gone.c") == "|kept|SOURCE/b/gone.c\n" && find("deep") == "")
    }

    @Test func `what is not there is named, and ends in 1`() throws {
        try week()
        for (words, complaint) in [
            (["ls", "5"], "has no night 5\nnightjar: nightjar nights lists what there is"),
            (["ls", "@99"], "has no generation 99"), (["ls", "0:/no"], "/no is not in night 0"),
            (["versions", "/no"], "/no is in no night of \(jail.name)"),
            (["find", "nothing.like.it"], "matches nothing.like.it"),
            (["find", "x", "--night", "4"], "has no night 4"),
        ] {
            let outcome = try ask(words)
            #expect(outcome.status == 1 && outcome.complaint.contains(complaint), "\(words): \(outcome)")
            #expect(try staff(words).status == 1)
        }
        for words in [
            ["ls"], ["ls", "7"], ["ls", "0:etc"], ["find"], ["find", "a/../b"], ["find", ""], ["versions", "etc"],
            ["nights", "jail1"], ["find", String(repeating: "x", count: 4_097)],
        ] {
            #expect(try ask(words).status == 64, "\(words)")
        }
    }

    @Test func `a jail that never pushed is told so, and one whose last push failed why`() throws {
        let never = try ask(["nights"])
        #expect(never.status == 0 && never.complaint.contains("nothing pushed yet"), "\(never)")
        #expect(try ask(["find", "x"]).status == 1)
        try week()
        let settings = jail.settings
        jail.settings["server"] = "local"
        try jail.setReserve("900T")
        #expect(try jail.backup().status == 75)
        jail.settings = settings
        let told = try ask(["nights", "-ms"])
        #expect(told.status == 0 && told.complaint.contains("failed:"), "\(told)")
        #expect(try told.output == staff(["nights", "-ms"]).output)
    }

    @Test func `no answer waits for whoever has the lock`() throws {
        try week()
        let lock = "\(jail.server.data)/\(jail.name)/.nightjar/lock"
        let holder = try Command("flock", lock, "sh", "-c", "echo held; sleep 100").start()
        #expect(try eventually { try !holder.outputSoFar().isEmpty })
        #expect(try ask(["find", "*.c"]).status == 0 && ask(["nights"]).status == 0)
        #expect(holder.isRunning())
    }

    @Test func `the key of a jail reaches no other jail, whatever its config says`() throws {
        try week()
        let other = try Jail("other", on: jail.server)
        try other.push()
        jail.settings["backupdir"] = "\(jail.server.data)/\(other.name)"
        for words in [["nights"], ["ls", "0"], ["find", "*"], ["versions", "/"]] {
            let outcome = try ask(words)
            #expect(outcome.status == 78 && outcome.output.isEmpty, "\(words): \(outcome)")
            #expect(outcome.complaint.contains("this key is for \(jail.server.data)/\(jail.name)"), "\(outcome)")
        }
        jail.settings["backupdir"] = "\(jail.server.data)/\(jail.name)"
        #expect(try !ask(["find", "*", "-m"]).text.contains(other.source))
    }
}
