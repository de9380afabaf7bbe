import Glibc
import Support
import Testing

/// What comes between the beginning of an edit and its end.
@Suite struct `An edit of the config` {
    /// `vb` whose editor has written a line and waits until `go` exists.
    private func waiting(_ desk: ConfigDesk) throws -> Running {
        let go = desk.scratch["go"]
        let running = try desk.vb(
            "echo '# edited' >> \"$1\"; touch '\(go).begun'; while [ ! -e '\(go)' ]; do sleep 0.05; done"
        ).start()
        #expect(eventually { access("\(go).begun", F_OK) == 0 }, "the editor does not start")
        return running
    }

    private func finish(_ running: Running, _ desk: ConfigDesk) throws -> Command.Outcome {
        try desk.scratch.write("go", "")
        return try running.wait(limit: 60)
    }

    @Test func `keeps another away, who is told who edits`() throws {
        let desk = try ConfigDesk()
        let first = try waiting(desk)
        for words in [[], ["--add", desk.path("b")]] {
            let second = try desk.command("vb", words).run()
            #expect(second.status == 75, "\(second)")
            #expect(second.complaint.contains("\(desk.config): is being edited by "), "\(second)")
            #expect(second.complaint.contains(", process \(first.process)\n"), "\(second)")
        }
        #expect(try finish(first, desk).status == 0)
        #expect(try desk.content(desk.config) == desk.text + "# edited\n")
        #expect(try desk.command("vb", ["--add", desk.path("b")]).run().status == 0)
    }

    @Test func `overwrites nothing that another wrote meanwhile, and says what that was`() throws {
        let desk = try ConfigDesk()
        let first = try waiting(desk)
        try Command("sh", "-c", "echo '## ENTRY \(desk.path("b"))' >> '\(desk.config)'").check()
        let outcome = try finish(first, desk)
        #expect(outcome.status == 75, "\(outcome)")
        #expect(outcome.complaint.contains("was changed by another meanwhile: nothing was installed"), "\(outcome)")
        #expect(outcome.complaint.contains("+ \(desk.path("b"))"), "\(outcome)")
        #expect(try desk.content(desk.config) == desk.text + "## ENTRY \(desk.path("b"))\n")
        #expect(try desk.beside() == [".backup.config.draft"])
        // The next one is told what its draft would undo.
        let next = try desk.vb("exit 1", typing: "d\n").run()
        #expect(next.complaint.contains("there is a draft of "), "\(next)")
        #expect(next.complaint.contains("- \(desk.path("b"))"), "\(next)")
        #expect(try desk.beside().isEmpty)
    }

    @Test func `shows each line that it takes back from another, also where entries changed`() throws {
        let desk = try ConfigDesk()
        let first = try waiting(desk)
        let theirs = "s/backup1/backup2\u{1B}[2J/; $ a ## ENTRY \(desk.path("b"))"
        try Command("sed", "-i", theirs, desk.config).check()
        let outcome = try finish(first, desk)
        #expect(outcome.status == 75, "\(outcome)")
        let (ours, other) = ("server=backup1\n", "server=backup2\\e[2J\n")
        let words = ["what the other changed:\n", "  + \(desk.path("b"))\n", "  - \(ours)", "  + \(other)"]
        #expect(outcome.complaint.contains(words.map { "vb: \($0)" }.joined()), "\(outcome)")
        let next = try desk.vb("true", typing: "c\n").run()
        #expect(next.status == 0, "\(next)")
        let taken = ["- \(desk.path("b"))\n", "- \(other)", "+ \(ours)", "+ # edited\n"]
        #expect(next.complaint.contains("as it is now:\n" + taken.map { "vb:   \($0)" }.joined()), "\(next)")
        #expect(next.text.hasPrefix(taken.joined()), "\(next)")
        #expect(![outcome.errors, next.errors, next.output].joined().contains(0x1B))
        #expect(try desk.content(desk.config) == desk.text + "# edited\n")
    }

    @Test(arguments: [SIGTERM, SIGHUP])
    func `that is asked to end ends its editor, and leaves the draft and the config`(signal: Int32) throws {
        let desk = try ConfigDesk()
        let running = try waiting(desk)
        kill(running.process, signal)
        let outcome = try running.wait(limit: 60)
        #expect(outcome.status == 75 && !outcome.timedOut, "\(outcome)")
        #expect(outcome.complaint.contains("interrupted; nothing was installed"), "\(outcome)")
        #expect(try desk.content(desk.config) == desk.text)
        #expect(try desk.content(desk.draft) == desk.text + "# edited\n")
    }

    @Test func `leaves the keyboard's interrupt to the editor`() throws {
        let desk = try ConfigDesk()
        let running = try waiting(desk)
        kill(running.process, SIGINT)
        usleep(200_000)
        #expect(running.isRunning())
        #expect(try finish(running, desk).status == 0)
        #expect(try desk.content(desk.config) == desk.text + "# edited\n")
    }

    @Test(arguments: ["c\n", "d\n", "q\n", ""])
    func `that was killed leaves a draft, which the next one offers`(answer: String) throws {
        let desk = try ConfigDesk()
        let running = try waiting(desk)
        kill(running.process, SIGKILL)
        _ = try running.wait(limit: 60)
        try desk.scratch.write("go", "")
        #expect(try desk.content(desk.config) == desk.text)
        let next = try desk.vb("echo '# again' >> \"$1\"", typing: answer).run()
        #expect(next.complaint.contains("(c)ontinue with the draft, (d)iscard it, or (q)uit?"), "\(next)")
        let expected = ["c\n": desk.text + "# edited\n# again\n", "d\n": desk.text + "# again\n"]
        #expect(try desk.content(desk.config) == expected[answer] ?? desk.text)
        #expect(next.status == (expected[answer] == nil ? 1 : 0), "\(next)")
        if expected[answer] == nil { #expect(try desk.content(desk.draft) == desk.text + "# edited\n") }
    }

    @Test(
        .enabled(if: isInstalled("strace"), "needs strace"),
        arguments: ["fsync:when=1", "linkat", "/^renameat", "fsync:when=2", "unlinkat:when=2", "unlinkat:when=3"])
    func `that is killed while it installs leaves the old config or the new one, and the next goes on`(
        call: String
    ) throws {
        let desk = try ConfigDesk()
        #expect(try desk.command("vb", ["--add", desk.path("b")]).run().status == 0)
        let old = try desk.content(desk.config)
        var command = try desk.vb("echo '# edited' >> \"$1\"")
        let parts = call.split(separator: ":").map(String.init)
        let rest = parts.count > 1 ? ":\(parts[1])" : ""
        let trace = ["strace", "-qq", "-o", "/dev/null", "-e", "trace=\(parts[0])"]
        let words = trace + ["-e", "inject=\(parts[0]):signal=KILL\(rest)"]
        command.arguments = words.map { Array($0.utf8) } + command.arguments
        let killed = try command.run()
        #expect(killed.signal == SIGKILL || killed.status == 137, "\(killed)")
        #expect([old, old + "# edited\n"].contains(try desk.content(desk.config)))
        let next = try desk.vb("echo '# next' >> \"$1\"", typing: "d\n").run()
        #expect(next.status == 0, "\(next)")
        #expect(try desk.content(desk.config).hasSuffix("# next\n"))
        #expect(!(try desk.beside().contains { $0.hasPrefix(".") }))
        #expect(try desk.content(desk.version(1)) == desk.text)
    }

    @Test(.enabled(if: Account.other != nil, "needs root, and an ordinary user who can run the programs"))
    func `by one who may not write there is refused`() throws {
        let other = try #require(Account.other)
        let desk = try ConfigDesk()
        try Command("chmod", "755", desk.scratch.path, desk.scratch["sbin"]).check()
        let words = other.prefix + [Programs.path("nightjar", for: other), "vb", "--config", desk.config]
        let outcome = try Command(words).run()
        #expect(outcome.status == 77 && outcome.complaint.contains("Permission denied"), "\(outcome)")
    }
}
