import Glibc
import Support
import Testing

/// `vb` with an editor that is a script.
@Suite struct `An edited config` {
    @Test func `is installed with owner, mode, ACL and attributes as they were, and what it was is kept`() throws {
        let desk = try ConfigDesk()
        try Command("chmod", "640", desk.config).check()
        try Command("setfattr", "-n", "user.note", "-v", "ours", desk.config).check()
        try Command("setfacl", "-m", "u:1:r", desk.config).check()
        if testsRunAsRoot { try Command("chgrp", "12", desk.config).check() }
        let metadata = [
            "sh", "-c",
            "cd \(desk.scratch.path)/sbin; stat -c '%u %g %a' backup.config; getfacl -c backup.config; getfattr -d backup.config",
        ]
        let before = try Command(metadata).check().text
        let inode = try Command("stat", "-c", "%i", desk.config).check().text
        let outcome = try desk.vb("echo '## ENTRY \(desk.path("b"))' >> \"$1\"").run()
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        let told = ["+ \(desk.path("b"))", "Installed \(desk.config); what it was is backup.config.~1~."]
        #expect(outcome.lines.map(String.init) == told)
        #expect(try desk.content(desk.config) == desk.text + "## ENTRY \(desk.path("b"))\n")
        #expect(try Command(metadata).check().text == before)
        #expect(try desk.beside() == ["backup.config.~1~"])
        #expect(try Command("stat", "-c", "%i", desk.version(1)).check().text == inode)
        #expect(try desk.content(desk.version(1)) == desk.text)
    }

    @Test func `that is as it was is said to be, and is not touched`() throws {
        let desk = try ConfigDesk()
        let before = try Command("stat", "-c", "%i %Z", desk.config).check().text
        let outcome = try desk.vb("touch \"$1\"").run()
        #expect(outcome.status == 0 && outcome.text == "Unchanged; nothing was installed.\n", "\(outcome)")
        #expect(try Command("stat", "-c", "%i %Z", desk.config).check().text == before)
        #expect(try desk.beside().isEmpty)
    }

    @Test(arguments: [
        ("server", "backup.config:6: neither key=value"),
        ("port=x", "backup.config:6: a port is a number"),
        ("## ENTRY ROOT/a", "backup.config:6: ROOT/a: repeats the entry of line 5"),
        ("## ENTRY ROOT/a/inner", "backup.config:6: ROOT/a/inner: is saved with ROOT/a, the entry of line 5"),
        ("## ENTRY ROOT/link/x", "ROOT/link is a symlink that leads nowhere"),
        ("## ENTRY ROOT/link", "backup.config:6: ROOT/link: ROOT/link is a symlink: enter ROOT/b instead"),
        ("## ENTRY /proc/sys", "is on a file system of the kernel's own"),
        ("## ENTRY x\u{1B}[2J", "not x\\e[2J; begin it with /"),
    ])
    func `that cannot be used is not installed, whatever is answered`(line: String, complaint: String) throws {
        let desk = try ConfigDesk()
        let root = desk.scratch["root"]
        let line = line.replacing("ROOT", with: root)
        let outcome = try desk.vb("printf '%s\\n' '\(line)' >> \"$1\"", typing: "i\n\nK\n").run()
        #expect(outcome.status == 78, "\(outcome)")
        #expect(outcome.complaint.contains(complaint.replacing("ROOT", with: root)), "\(outcome)")
        #expect(outcome.complaint.contains("the draft is kept for the next vb: \(desk.draft)"), "\(outcome)")
        #expect(outcome.complaint.components("(k)eep the draft? ") == 3 && !outcome.complaint.contains("(i)"))
        #expect(!outcome.errors.contains(0x1B))
        #expect(try desk.content(desk.config) == desk.text)
        #expect(try desk.content(desk.draft) == desk.text + line + "\n")
        #expect(try Command("stat", "-c", "%a", desk.draft).check().text == "600\n")
        #expect(try desk.beside() == [".backup.config.draft"])
    }

    @Test(arguments: [("i\n", 0), ("k\n", 1), ("", 1)] as [(String, Int32)])
    func `of which only a path is missing is installed if that is wanted`(answer: String, status: Int32) throws {
        let desk = try ConfigDesk()
        let outcome = try desk.vb("echo '## ENTRY \(desk.path("gone"))' >> \"$1\"", typing: answer).run()
        #expect(outcome.status == status, "\(outcome)")
        #expect(outcome.complaint.contains("backup.config:6: \(desk.path("gone")): "), "\(outcome)")
        #expect(outcome.complaint.contains("(i)nstall anyway"), "\(outcome)")
        #expect(try desk.content(desk.config).contains("gone") == (status == 0))
        #expect(try desk.beside() == [status == 0 ? "backup.config.~1~" : ".backup.config.draft"])
        // What is known is said, and asked no more.
        guard status == 0 else { return }
        let next = try desk.vb("echo '## ENTRY \(desk.path("b"))' >> \"$1\"").run()
        #expect(next.status == 0 && next.complaint.contains("gone does not exist"), "\(next)")
    }

    @Test func `can be edited again until it is good`() throws {
        let desk = try ConfigDesk()
        let script = "if grep -q broken \"$1\"; then sed -i s,broken,colour=1, \"$1\"; else echo broken >> \"$1\"; fi"
        let outcome = try desk.vb(script, typing: "e\n").run()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.complaint.contains("backup.config:6: unknown key colour"), "\(outcome)")
        #expect(outcome.text.hasPrefix("+ colour=1\n"), "\(outcome)")
        #expect(try desk.content(desk.config) == desk.text + "colour=1\n")
        #expect(try desk.beside() == ["backup.config.~1~"])
    }

    @Test func `keeps its last ten versions`() throws {
        let desk = try ConfigDesk()
        for number in 1...12 {
            let outcome = try desk.vb("echo '# \(number)' >> \"$1\"").run()
            #expect(outcome.status == 0, "\(outcome)")
        }
        let expected = Set((3...12).map { "backup.config.~\($0)~" })
        #expect(Set(try desk.beside()) == expected)
        #expect(try desk.content(desk.version(3)) == desk.text + "# 1\n# 2\n")
        #expect(try desk.content(desk.version(12)).hasSuffix("# 11\n"))
    }

    @Test(.enabled(if: testsRunAsRoot && isInstalled("chattr"), "the immutable flag needs root, and chattr"))
    func `is installed though an old version does not go, which is said`() throws {
        let desk = try ConfigDesk()
        for number in 1...10 { #expect(try desk.vb("echo '# \(number)' >> \"$1\"").run().status == 0) }
        try Command("chattr", "+i", desk.version(1)).check()
        defer { _ = try? Command("chattr", "-i", desk.version(1)).run() }
        let outcome = try desk.vb("echo '# last' >> \"$1\"").run()
        #expect(outcome.status == 0 && outcome.complaint.contains("an old version stays: unlinkat"), "\(outcome)")
        #expect(try desk.content(desk.config).hasSuffix("# last\n"))
        #expect(try desk.vb("echo '# more' >> \"$1\"").run().status == 0)
        #expect(try desk.beside().count == 11)
    }

    @Test func `is made from the template where there was none`() throws {
        let desk = try ConfigDesk()
        try Command("rm", desk.config).check()
        let entry = desk.path("a")
        let script = "sed -i -e '/^## ENTRY/d' \"$1\" && echo '## ENTRY \(entry)' >> \"$1\""
        let outcome = try desk.vb(script).run()
        #expect(outcome.status == 0 && outcome.text.contains("Installed \(desk.config).\n"), "\(outcome)")
        #expect(try desk.content(desk.config).contains("Read, never run"))
        #expect(try Command("stat", "-c", "%a", desk.config).check().text == "644\n")
        #expect(try desk.beside().isEmpty)
    }

    @Test func `is edited by $VISUAL before $EDITOR, whose words are split at blanks and read by no shell`() throws {
        let desk = try ConfigDesk()
        var command = try desk.vb("echo '# wrong' >> \"$1\"")
        command.environment["VISUAL"] = "sed  -i s/^$/#$(echo)/"
        let outcome = try command.run()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try desk.content(desk.config).contains("server=backup1\n#$(echo)\n##"))
        command.environment["VISUAL"] = desk.scratch["none"]
        let none = try command.run()
        #expect(none.status == 74 && none.complaint.contains("\(desk.scratch["none"]): No such file"), "\(none)")
        #expect(try desk.beside() == ["backup.config.~1~"])
    }
}

extension String {
    /// How often a text is in it.
    fileprivate func components(_ part: String) -> Int { ranges(of: part).count }
}
