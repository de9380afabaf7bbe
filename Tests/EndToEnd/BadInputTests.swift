import Model
import Support
import Testing

/// A config that cannot be meant: 78, with the file and the line; nothing is sent.
@Suite struct `A config` {
    private func jail() throws -> Jail {
        let jail = try Jail(on: BackupServer())
        try (["file": "x"] as TreeLiteral).build(in: jail.source)
        return jail
    }

    /// Runs over a config of this text.
    private func backup(_ jail: Jail, _ text: String, mode: UInt32 = 0o600) throws -> Command.Outcome {
        try jail.scratch.write("own.config", text, mode: mode)
        return try jail.agent(["backup", "--config", jail.scratch["own.config"]]).run()
    }

    private func expectRefusal(_ jail: Jail, _ outcome: Command.Outcome, _ words: String...) throws {
        #expect(outcome.status == 78, "\(outcome)")
        for word in words + [jail.scratch["own.config"]] {
            #expect(outcome.complaint.contains(word), "no word of \(word): \(outcome)")
        }
        #expect(try Command("test", "-e", jail.newest).run().status != 0, "something was sent")
    }

    @Test func `that is missing is refused`() throws {
        let jail = try jail()
        try expectRefusal(jail, jail.agent(["backup", "--config", jail.scratch["own.config"]]).run())
    }

    @Test func `that others may write is refused`() throws {
        let jail = try jail()
        try expectRefusal(jail, backup(jail, jail.configText, mode: 0o666))
    }

    @Test func `whose key is mistyped is refused with the line of what was typed`() throws {
        let jail = try jail()
        jail.settings["backupdri"] = jail.settings.removeValue(forKey: "backupdir")
        let outcome = try backup(jail, jail.configText)
        try expectRefusal(jail, outcome, "backupdir is missing", "unknown key backupdri")
        try jail.scratch.write("own.config", jail.configText)
        let check = try jail.agent(["check", "-m", "--config", jail.scratch["own.config"]]).run()
        #expect(check.text.contains("unknown key backupdri"), "\(check)")
    }

    @Test(arguments: ["backupdir", "server"]) func `that lacks a key is refused`(key: String) throws {
        let jail = try jail()
        jail.settings[key] = nil
        try expectRefusal(jail, backup(jail, jail.configText), key)
    }

    @Test func `with a relative entry is refused with its line`() throws {
        let jail = try jail()
        jail.entries = ["etc/ssh"]
        let line = jail.configText.split(separator: "\n", omittingEmptySubsequences: false).count - 1
        try expectRefusal(jail, backup(jail, jail.configText), "etc/ssh", "\(line)")
    }

    @Test func `with NUL bytes is refused`() throws {
        let jail = try jail()
        try expectRefusal(jail, backup(jail, jail.configText + "## ENTRY /a\0b\n"))
    }

    @Test func `of a directory is refused`() throws {
        let jail = try jail()
        try jail.scratch.directory("own.config")
        try expectRefusal(jail, jail.agent(["backup", "--config", jail.scratch["own.config"]]).run())
    }

    @Test func `of 100,000 lines is read`() throws {
        let jail = try jail()
        let comments = String(repeating: "# a word on what follows, and why it is so\n", count: 100_000)
        let outcome = try backup(jail, comments + jail.configText)
        #expect(outcome.status == 0, "\(outcome)")
    }

    @Test(.enabled(if: Account.other != nil, "needs root, who reads all, to put on another user"))
    func `that an ordinary user may not read is refused`() throws {
        let account = try #require(Account.other)
        let jail = try Jail(on: BackupServer(as: account))
        try jail.scratch.write("own.config", jail.configText)
        let outcome = try jail.agent(["backup", "--config", jail.scratch["own.config"]]).run()
        try expectRefusal(jail, outcome, "Permission denied")
    }
}

/// What is not a server of ours: 69 with a word on the peer, and nothing lost.
@Suite struct `A peer` {
    /// Runs a push to what a shell script says in place of the receiver.
    private func backup(to script: String) throws -> (Command.Outcome, Jail) {
        let jail = try Jail(on: BackupServer())
        try (["file": "x"] as TreeLiteral).build(in: jail.source)
        try jail.push()
        let honest = jail.settings["receive"]
        jail.settings["receive"] = try jail.scratch.write("peer", "#!/bin/sh\n\(script)\n", mode: 0o755)
        var command = try jail.command()
        command.limit = 60
        let outcome = try command.run()
        #expect(!outcome.timedOut, "the agent hangs")
        #expect(!outcome.errors.isEmpty)
        jail.settings["receive"] = honest
        return (outcome, jail)
    }

    @Test(arguments: [
        "echo Welcome to FreeBSD!; cat > /dev/null", "printf 'NIGHTJAR\\377\\377'; cat > /dev/null", "exit 0",
        "exit 127",
        "printf 'NIGHTJAR\\004\\000\\020\\000\\000\\000\\020\\000\\000\\000ab'",
        "printf 'NIGHTJAR\\004\\000\\377\\377\\377\\377\\377\\377\\377\\377'; cat > /dev/null",
        "printf 'NIGHTJAR\\004\\000\\003\\000\\000\\000\\003\\000\\000\\000\\143\\001\\001'; cat > /dev/null",
        "head -c 100000 /dev/urandom; cat > /dev/null", "kill -9 $$",
    ])
    func `that is no server ends the run with 69 and a word`(script: String) throws {
        let (outcome, jail) = try backup(to: script)
        #expect(outcome.status == 69, "\(outcome)")
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
    }

    @Test func `of another version is named with both versions`() throws {
        let (outcome, _) = try backup(to: "printf 'NIGHTJAR\\377\\000'; cat > /dev/null")
        #expect(outcome.complaint.contains("255"), "\(outcome)")
    }

    @Test func `that greets is quoted, without its escapes`() throws {
        let (outcome, _) = try backup(to: "printf 'Last login \\033[31m'; cat > /dev/null")
        #expect(outcome.complaint.contains("Last login"), "\(outcome)")
        #expect(!outcome.errors.contains(0x1B), "\(outcome)")
    }
}
