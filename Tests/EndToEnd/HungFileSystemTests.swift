import Model
import Support
import Testing

/// A file system that does not answer, as a network file system whose server is gone.
@Suite(.tags(.slow), .enabled(if: HungMount.isPossible, "needs root and /dev/fuse")) struct `A hung file system` {
    private let jail: Jail

    init() throws {
        jail = try Jail(on: BackupServer())
        jail.settings["hang_after"] = "3s"
        try (["file": "first"] as TreeLiteral).build(in: jail.source)
    }

    @Test func `at an entry is named, the others are pushed, and its last good copy stays`() throws {
        let other = try jail.scratch.directory("other")
        try (["precious": "kept"] as TreeLiteral).build(in: other)
        jail.entries.append(other)
        try jail.push()
        try (["more": "second"] as TreeLiteral).build(in: jail.source)
        try Command("mv", other, "\(other).away").check()
        let mount = try HungMount(on: jail.scratch.directory("other"))
        let backup = try jail.command(["--json"]).start()
        // The same entries of another jail, whose lock this push does not hold.
        let asking = try Jail(on: jail.server)
        asking.entries = jail.entries
        asking.settings["hang_after"] = "3s"
        _ = try asking.command()
        let check = try asking.agent(["check", "--config", asking.config, "-ms"]).start()
        let words = "\(mount.path) does not answer: a file system hangs"
        let (pushed, checked) = try (backup.wait(limit: 110), check.wait(limit: 110))
        #expect(pushed.status == 1, "\(pushed)")
        #expect(pushed.complaint.contains(words), "\(pushed)")
        #expect(pushed.text.contains("\"outcome\":\"complete\""), "\(pushed)")
        try expectSameTree(jail.source, jail.copy)
        try expectSameTree("\(other).away", jail.newest + other)
        #expect(checked.status == 1, "\(checked)")
        #expect(checked.lines.contains("entry|unreadable|\(mount.path)|\(words)"), "\(checked)")
        #expect(checked.lines.contains { $0.hasPrefix("server|good|") }, "\(checked)")
    }

    @Test func `within an entry ends the push, which names it and leaves the old night`() throws {
        try jail.push()
        let old = try jail.remember("old")
        let mount = try HungMount(on: jail.scratch.directory("source/hung"))
        let outcome = try jail.command().start().wait(limit: 110)
        #expect(outcome.status == 74, "\(outcome)")
        #expect(outcome.complaint.contains("\(mount.path): the file system has not answered"), "\(outcome)")
        try expectSameTree(old, jail.copy)
    }
}
