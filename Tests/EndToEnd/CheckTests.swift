import Glibc
import Model
import Support
import Testing

/// `check` says whether tonight's push would go through.
@Suite struct `A check` {
    private func jail() throws -> Jail {
        let jail = try Jail(on: BackupServer())
        try (["file": "x"] as TreeLiteral).build(in: jail.source)
        return jail
    }

    private func check(_ jail: Jail, _ options: String...) throws -> Command.Outcome {
        // Written anew by this.
        _ = try jail.command()
        return try jail.agent(["check", "--config", jail.config] + options).run()
    }

    @Test func `of a good config names all that is good, and pushes nothing`() throws {
        let jail = try jail()
        try jail.push()
        try (["new": "y"] as TreeLiteral).build(in: jail.source)
        let outcome = try check(jail, "-ms")
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        #expect(outcome.lines.count == 3, "\(outcome)")
        #expect(outcome.lines[0] == "config|good|\(jail.config)|", "\(outcome)")
        #expect(outcome.lines[1] == "entry|good|\(jail.source)|", "\(outcome)")
        #expect(outcome.lines[2].hasPrefix("server|good|local|nightjar-receive "), "\(outcome)")
        #expect(
            outcome.lines[2].contains(", \(jail.server.data)/\(jail.name), generation 2 is next, room for "),
            "\(outcome)")
        #expect(try Command("test", "-e", "\(jail.copy)/new").run().status != 0)
    }

    @Test func `has a header with -m, an object a line with --json, and columns else`() throws {
        let jail = try jail()
        let separated = try check(jail, "-m")
        #expect(separated.lines.first == "what|state|subject|detail", "\(separated)")
        #expect(separated.lines.count == 4, "\(separated)")
        let objects = try check(jail, "--json")
        let entry = "{\"what\":\"entry\",\"state\":\"good\",\"subject\":\"\(jail.source)\",\"detail\":\"\"}"
        #expect(objects.lines.count == 3 && objects.lines.contains(entry[...]), "\(objects)")
        let shown = try check(jail)
        #expect(shown.lines.first?.hasPrefix("WHAT    STATE  SUBJECT") == true, "\(shown)")
    }

    @Test func `names an entry that is missing, and goes on to the server`() throws {
        let jail = try jail()
        jail.entries.append("\(jail.scratch.path)/gone")
        let outcome = try check(jail, "-ms")
        #expect(outcome.status == 1, "\(outcome)")
        let gone = "\(jail.scratch.path)/gone"
        #expect(outcome.lines.contains("entry|missing|\(gone)|\(gone) does not exist"), "\(outcome)")
        #expect(outcome.lines.last?.hasPrefix("server|good|") == true, "\(outcome)")
    }

    @Test func `of a config without entries says that nothing would be saved`() throws {
        let jail = try jail()
        jail.entries = []
        let outcome = try check(jail, "-ms")
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.lines.contains { $0.hasPrefix("entry|missing||there is none") }, "\(outcome)")
    }

    @Test(arguments: [["--json"], ["-m"], ["-ms"], []])
    func `of a wrong config has a line for each problem, and ends in 78`(options: [String]) throws {
        let jail = try jail()
        jail.settings["backupdir"] = nil
        jail.entries = ["relative"]
        let text = jail.configText
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
        try jail.scratch.write("own.config", text)
        let outcome = try jail.agent(["check", "--config", jail.scratch["own.config"]] + options).run()
        #expect(outcome.status == 78 && outcome.errors.isEmpty, "\(outcome)")
        let rows = outcome.lines.filter { $0.contains("config") && $0.contains("failed") }
        #expect(rows.count == 2, "\(outcome)")
        #expect(rows.contains { $0.contains("backupdir") }, "\(outcome)")
        #expect(rows.contains { $0.contains("line \(line): ") && $0.contains("relative") }, "\(outcome)")
        #expect(rows.allSatisfy { $0.contains(jail.scratch["own.config"]) }, "\(outcome)")
    }

    @Test func `of a config that is missing has a line for it`() throws {
        let jail = try jail()
        let outcome = try jail.agent(["check", "--config", jail.scratch["none"], "-ms"]).run()
        #expect(outcome.status == 78, "\(outcome)")
        #expect(outcome.lines.count == 1, "\(outcome)")
        #expect(outcome.text.hasPrefix("config|failed|\(jail.scratch["none"])|No such file"), "\(outcome)")
    }

    @Test func `says that tree 0 is not what the catalog says, as the push does`() throws {
        let jail = try jail()
        try jail.push()
        try Command(
            "sh", "-c", "mv '\(jail.newest)' '\(jail.newest).moved' && cp -a '\(jail.newest).moved' '\(jail.newest)'"
        )
        .check()
        let outcome = try check(jail, "-ms")
        #expect(outcome.status == 65, "\(outcome)")
        #expect(outcome.lines.last?.hasPrefix("server|failed|local|") == true, "\(outcome)")
        #expect(outcome.lines.last?.contains("\(jail.newest) is not the tree of generation 1") == true, "\(outcome)")
        #expect(try jail.backup().status == 65)
    }

    @Test func `says that the catalog is lost, as the push does, and an entry's last copy stays`() throws {
        let jail = try jail()
        let other = try jail.scratch.directory("other")
        try (["last": "copy"] as TreeLiteral).build(in: other)
        jail.entries.append(other)
        try jail.push()
        try Command("rm", "-r", other).check()
        try Command("sh", "-c", "rm '\(jail.server.data)/\(jail.name)'/.nightjar/catalog.sqlite*").check()
        let outcome = try check(jail, "-ms")
        #expect(outcome.status == 65, "\(outcome)")
        #expect(outcome.lines.last?.contains("its catalog knows of no push") == true, "\(outcome)")
        #expect(try jail.backup().status == 65)
        #expect(try Command("cat", "\(jail.newest)\(other)/last").check().text == "copy")
    }

    @Test(arguments: ["", "plain"]) func `names the key where the receiver cannot be run, as the push does`(
        file: String
    ) throws {
        let jail = try jail()
        let receiver = jail.scratch["receiver\(file)"]
        if !file.isEmpty { try jail.scratch.write("receiver\(file)", "", mode: 0o644) }
        jail.settings["receive"] = receiver
        let reason = file.isEmpty ? "No such file or directory" : "Permission denied"
        let outcome = try check(jail, "-ms")
        #expect(outcome.status == 78, "\(outcome)")
        #expect(outcome.lines.last?.contains("\(jail.config): receive: \(receiver): \(reason); ") == true, "\(outcome)")
        let push = try jail.backup()
        #expect(
            push.status == 78 && push.complaint.contains("\(jail.config): receive: \(receiver): \(reason); "), "\(push)"
        )
    }

    @Test func `says that the server has too little room, as the push does`() throws {
        let jail = try jail()
        let config = try jail.server.scratch.write("server.conf", "reserve=8000T\n")
        jail.settings["receive"] =
            "/usr/bin/env NIGHTJAR_SERVER_CONFIG=\(config) \(jail.server.receive(jail.name).joined(separator: " "))"
        let outcome = try check(jail, "-ms")
        #expect(outcome.status == 75, "\(outcome)")
        #expect(outcome.lines.last?.contains("stays free (reserve in server.conf): make room") == true, "\(outcome)")
        #expect(try jail.backup().status == 75)
    }

    @Test(.enabled(if: SSHServer.program != nil, "needs sshd"))
    func `goes the whole way over a real sshd`() throws {
        let scene = try SecureScene()
        try (["file": "x"] as TreeLiteral).build(in: scene.jail.source)
        let good = try check(scene.jail, "-ms")
        #expect(good.status == 0, "\(good)")
        #expect(good.lines.last?.contains("127.0.0.1:\(scene.shell.port)|nightjar-receive ") == true, "\(good)")
        let identity = scene.jail.settings["identity"]
        scene.jail.settings["identity"] = try scene.shell.makeKey("stranger")
        let stranger = try check(scene.jail, "-ms")
        #expect(stranger.status == 69, "\(stranger)")
        #expect(stranger.lines.last?.contains("|failed|") == true, "\(stranger)")
        #expect(stranger.lines.last?.contains("refuses user") == true, "\(stranger)")
        #expect(stranger.complaint.contains("nightjar-server enroll"), "no remedy: \(stranger)")
        let object = try check(scene.jail, "--json")
        #expect(object.errors.isEmpty, "\(object)")
        #expect(object.lines.last?.contains("nightjar-server enroll") == true, "no remedy: \(object)")
        let one = Command("sh", "-c", "exec 2>&1; exec \"$@\"", "sh")
        var shown = scene.jail.agent(["check", "--config", scene.jail.config, "-ms"])
        shown.arguments = one.arguments + shown.arguments
        let lines = try shown.run().lines
        #expect(lines.firstIndex { $0.hasPrefix("server|") } == 2 && lines.count > 3, "\(lines)")
        scene.jail.settings["identity"] = identity
        scene.shell.stop()
        let unreachable = try check(scene.jail, "-ms")
        #expect(unreachable.status == 69, "\(unreachable)")
        #expect(unreachable.lines.last?.contains("Connection refused") == true, "\(unreachable)")
    }
}
