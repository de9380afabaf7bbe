import Glibc
import Model
import Support
import Testing

/// Every run leaves one record that a machine can read, on both sides.
@Suite struct `The record of a run` {
    /// The members of the last object that was printed, as `name=value` in JSON's own words.
    private func members(_ outcome: Command.Outcome) throws -> [Substring] {
        let program = """
            import json, sys
            for name, value in json.loads(sys.argv[1].splitlines()[-1]).items(): print(f"{name}={json.dumps(value)}")
            """
        return try Command("python3", "-c", program, outcome.text).check().lines
    }

    private static let names: [Substring] = [
        "outcome", "reason", "exit_status", "server", "backupdir", "generation", "continued", "partial", "seconds",
        "directories",
        "files", "listings", "answers", "changed", "removed", "bytes_seen", "content_bytes", "bytes_sent",
        "bytes_received", "verified_files", "verified_bytes", "walkers", "channels", "left_out", "notes", "issues",
    ]

    @Test func `has the members that the manual has, in its order`() throws {
        let page = #filePath.replacing("/Tests/EndToEnd/RunRecordTests.swift", with: "/deploy/man/nightjar.8")
        let lines = try Command("cat", page).check().lines.drop { $0 != ".Sh THE RECORD OF A RUN" }.dropFirst()
        let named = lines.prefix { !$0.hasPrefix(".Sh") }.compactMap { $0.wholeMatch(of: /\.It Cm ([a-z_]+)/)?.1 }
        #expect(named == Self.names)
    }

    @Test func `calls nothing new that is gone`() throws {
        let jail = try Jail(on: BackupServer())
        try Command("sh", "-c", "mkdir '\(jail.source)/d' && cd '\(jail.source)/d' && touch $(seq 21)").check()
        try jail.push()
        try Command("rm", "-r", "\(jail.source)/d").check()
        let words = try jail.push("-v").complaint.split(separator: " ")
        let place = try #require(words.firstIndex(of: "new"))
        #expect(words[place...].starts(with: ["new", "or", "changed,", "22", "gone;"]), "\(words)")
        // Of the entry's own directory, and of those that lead to it, the times are new.
        #expect(Int(words[place - 1]).map { (1...5).contains($0) } == true, "\(words)")
    }

    @Test func `has the same members however far the run came`() throws {
        let jail = try Jail(on: BackupServer())
        try (["file": "12345", "other": "1"] as TreeLiteral).build(in: jail.source)
        let complete = try members(jail.push("--json"))
        #expect(complete.compactMap { $0.split(separator: "=").first } == Self.names)
        let certain: [Substring] = [
            "outcome=\"complete\"", "reason=null", "exit_status=0", "server=\"local\"", "generation=1",
            "continued=false", "files=2", "bytes_seen=6", "content_bytes=6", "channels=1", "left_out=0", "notes=0",
            "issues=[]",
        ]
        for member in certain { #expect(complete.contains(member), "no \(member): \(complete)") }

        let honest = jail.settings["receive"]
        jail.settings["receive"] = "/bin/false"
        let failed = try members(jail.backup("--json"))
        #expect(failed.compactMap { $0.split(separator: "=").first } == Self.names)
        #expect(failed.contains("outcome=\"failed\"") && failed.contains("exit_status=69"), "\(failed)")
        jail.settings["receive"] = honest
        jail.settings["server"] = nil
        let unread = try members(jail.backup("--json"))
        #expect(unread.compactMap { $0.split(separator: "=").first } == Self.names)
        #expect(unread.contains("outcome=\"failed\"") && unread.contains("exit_status=78"), "\(unread)")
    }

    @Test func `names what was left out, and the server's record does too`() throws {
        let jail = try Jail(on: BackupServer())
        try (["file": "12345"] as TreeLiteral).build(in: jail.source)
        jail.entries.append("\(jail.scratch.path)/g\u{1B}one")
        let outcome = try jail.backup("--json")
        #expect(outcome.status == 1, "\(outcome)")
        let found = try members(outcome)
        #expect(found.contains("outcome=\"complete\"") && found.contains("exit_status=1"), "\(found)")
        #expect(found.contains("left_out=1") && !outcome.output.contains(0x1B), "\(found)")
        let issue = "\"path\": \"\(jail.scratch.path)/g\\\\eone\""
        #expect(found.last?.contains(issue) == true && found.last?.contains("\"line\": ") == true, "\(found)")
        let pushes = try jail.server.server(["nights", "--pushes", "--json"]).check()
        #expect(pushes.text.contains("\"left_out\":1") && pushes.text.contains("g\\\\eone"), "\(pushes)")
    }

    /// The last word is lost with the agent: what was committed stays committed, and is written down once.
    @Test(.enabled(if: isInstalled("strace"), "needs strace to hold the commit up"))
    func `is written once though its acknowledgement is lost`() throws {
        let jail = try Jail(on: BackupServer())
        try (["file": "x"] as TreeLiteral).build(in: jail.source)
        try jail.push()
        try Command("sh", "-c", "echo more >> '\(jail.source)/file'").check()
        let plain = jail.settings["receive"] ?? ""
        // From here on the agent has nothing more to say.
        jail.settings["receive"] =
            "/usr/bin/strace -f -qq -o /dev/null -e trace=syncfs -e inject=syncfs:delay_enter=700000 \(plain)"
        let running = try jail.command().start()
        #expect(try eventually { try isCommitting(jail) })
        // The agent alone: the receiver is in its process group.
        kill(running.process, SIGKILL)
        _ = try running.wait(limit: 10)
        #expect(try jail.waitUntilUnserved())
        jail.settings["receive"] = plain
        let pushes = try jail.server.server(["nights", "--pushes", "-ms"]).check().lines
        #expect(pushes.count == 2 && pushes.first?.contains("|complete|2|") == true, "\(pushes)")
        try expectSameTree(jail.source, jail.copy)
        let record = try PushRecord(jail.push("--json"))
        #expect(record["generation"] == 3 && record["content_bytes"] == 0, "\(record)")
        #expect(try jail.server.server(["nights", "--pushes", "-ms"]).check().lines.count == 3)
    }

    /// Whether a thread of the receiver waits in `syncfs`, the first call of a commit.
    private func isCommitting(_ jail: Jail) throws -> Bool {
        try jail.receivers().contains {
            try Command("sh", "-c", "cat /proc/\($0)/task/*/comm").run().text.contains("sync")
        }
    }
}
