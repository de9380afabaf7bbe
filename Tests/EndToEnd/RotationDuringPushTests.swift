import Glibc
import Support
import Testing

/// The nights move while a push of the same jail is received: the programs as they are installed.
@Suite(.enabled(if: isInstalled("python3"), "needs python3 to hold a push up")) struct `While a push is under way` {
    private let jail: Jail
    private let server: BackupServer
    /// Copies of what `1` … are to be.
    private var nights: [String] = []
    private var day = 0

    /// A week of nights, two of each push, and one more push that is due to be night 1.
    init() throws {
        server = try BackupServer()
        jail = try Jail(on: server)
        for _ in 0..<3 {
            try pushNext()
            try rotate("day \(day)")
            nights.insert(nights[0], at: 0)
            try rotate("day \(day), again")
        }
        try pushNext()
    }

    private func night(_ number: Int) -> String { "\(server.data)/\(jail.name)/\(number)\(jail.source)" }

    private func housekeep(_ arguments: String..., wrapper: [String] = []) -> Command {
        var command = server.server(["housekeep", jail.name] + arguments)
        command.arguments = wrapper.map { Array($0.utf8) } + command.arguments
        return command
    }

    /// Something of each kind, beside much that stays: more than a push says before it is held up.
    private mutating func change() throws {
        day += 1
        let script = """
            cd '\(jail.source)'; mkdir -p still d/\(day); seq 40 | split -l 1 -a 3 - still/; echo \(day) > day; rm -rf d/\(day - 2)
            head -c 600000 /dev/urandom | split -b 2000 -a 3 - d/\(day)/; ln d/\(day)/aaa d/\(day)/link
            chmod \(day % 2 == 0 ? 750 : 755) still; ln -sfn \(day) link; rm -rf turns; \(day % 2 == 0 ? "mkdir" : "touch") turns
            """
        try Command("sh", "-ec", script).check()
    }

    /// A push of something new, which is to be the next night.
    private mutating func pushNext() throws {
        try change()
        try jail.push()
        nights.insert(try jail.remember("then-\(day)"), at: 0)
    }

    private func rotate(_ moment: String, _ arguments: String...) throws {
        let outcome = try server.server(["housekeep", jail.name, "--force"] + arguments).run()
        try #require(outcome.status == 0 && outcome.errors.isEmpty, "\(moment): \(outcome)")
    }

    private func expectNights(_ moment: String) throws {
        try expectSame(nights.prefix(6).enumerated().map { ($1, night($0 + 1)) }, moment)
    }

    private func expectSame(_ pairs: [(original: String, copy: String)], _ moment: String) throws {
        for (pair, differences) in zip(pairs, try judge(pairs)) {
            let shown = differences.prefix(10).joined(separator: "\n")
            try #require(differences.isEmpty, "\(moment): \(pair.copy) is not \(pair.original):\n\(shown)")
        }
    }

    /// A push of the next day, held up when some of it is staged.
    private mutating func hold(wrapper: [String] = []) throws -> HeldPush {
        try change()
        let push = try HeldPush(jail, after: 400_000, wrapper: wrapper)
        let incoming = "\(server.data)/\(jail.name)/.nightjar/incoming"
        let isStaged = try eventually { try Command("find", incoming, "-type", "f").check().lines.count > 30 }
        try #require(isStaged, "hardly anything is staged")
        return push
    }

    /// Has a push go on until thirty of its files are in the catalog, which are not sent again if it breaks off. The
    /// receiver writes down what became whole when it hears more.
    private func keepSome(of push: HeldPush) throws {
        let catalog = "\(server.data)/\(jail.name)/.nightjar/catalog.sqlite"
        let query = """
            SELECT count(*) FROM entry WHERE size = 2000 AND since NOT IN
            (SELECT number FROM generation WHERE committed_s IS NOT NULL)
            """
        for _ in 0..<6 {
            let isKept = try eventually(within: 1) {
                let kept = try Command("sqlite3", "-cmd", ".timeout 5000", catalog, query).check().text
                return Int(kept.dropLast()) ?? 0 >= 30
            }
            if isKept { return }
            try push.advance(by: 50_000, in: jail)
        }
        throw FixtureError("the server keeps nothing of what it has")
    }

    /// The push's end, and a rotation of what it brought.
    private mutating func end(_ push: HeldPush, _ moment: String) throws {
        #expect(push.isUnderWay, "\(moment)")
        let outcome = try push.finish()
        try #require(outcome.status == 0, "\(moment): \(outcome)")
        try expectEnd(moment)
    }

    private mutating func expectEnd(_ moment: String) throws {
        try expectSame([(jail.source, jail.copy)], moment)
        try expectNights("\(moment), after the push")
        nights.insert(try jail.remember("end-\(day)"), at: 0)
        try rotate("\(moment), after the push")
        try expectNights("\(moment), a night later")
    }

    @Test mutating func `they move, holds are made and let go, and the push commits onto them`() throws {
        let push = try hold()
        let zero = nights[0]
        try rotate("while the push is under way")
        #expect(push.isUnderWay)
        try expectNights("while the push is under way")
        try expectSameTree(zero, jail.copy)
        let listed = try server.server(["nights", jail.name, "-ms"]).check().lines
        #expect(listed.count == 7, "\(listed)")
        let running = try server.server(["nights", "--pushes", "-ms"]).check().lines
        #expect(running.count { $0.contains("|running|") } == 1, "\(running)")
        #expect(try server.server(["hold", jail.name, "--night", "0", "--name", "kept"]).run().text == "kept\n")
        try expectSameTree(zero, "\(server.data)/\(jail.name)/holds/kept\(jail.source)")
        #expect(try server.server(["release", jail.name, "kept"]).run().status == 0)
        try end(push, "rotated")
        let pushes = try server.server(["nights", "--pushes", "-ms"]).check().lines
        #expect(pushes.count == 5 && pushes.allSatisfy { $0.contains("|complete|") }, "\(pushes)")
    }

    @Test mutating func `no other push, check or revert is let in, and each is told why`() throws {
        let push = try hold()
        try rotate("while the push is under way")
        for other in [try jail.command(), jail.agent(["check", "--config", jail.config])] {
            let outcome = try other.run()
            #expect(
                outcome.status == 75 && "\(outcome)".contains("a push is under way (locked by a push"), "\(outcome)")
        }
        let revert = try server.server(["revert", jail.name]).run()
        #expect(revert.status == 75 && revert.complaint.contains("a push is under way (locked by a push"), "\(revert)")
        try end(push, "with others turned away")
    }

    @Test mutating func `they move as often as one likes`() throws {
        let push = try hold()
        for round in 1...7 {
            if round % 3 == 0 { try rotate("round \(round)", "--full") } else { try rotate("round \(round)") }
            if round > 1 { nights.insert(nights[0], at: 0) }
            try expectNights("round \(round)")
        }
        #expect(push.isUnderWay)
        try end(push, "rotated seven times")
    }

    @Test(.tags(.slow), .enabled(if: isInstalled("strace"), "needs strace"))
    mutating func `a rotation that is killed is ended by the next, or by the push`() throws {
        let calls = [
            ("linkat", 1), ("unlinkat", 1), ("syncfs", 1), ("renameat2", 1), ("renameat2", 3), ("renameat2", 6),
        ]
        // Either ends three of them, each of each kind of call in the long run.
        let first = Int.random(in: 0...1)
        for (number, (call, when)) in calls.enumerated() {
            let isEndedByNext = (number + first).isMultiple(of: 2)
            let moment = "killed at \(call) number \(when), to be ended by \(isEndedByNext ? "the next" : "the push")"
            let push = try hold()
            let inject = ["-e", "trace=\(call)", "-e", "inject=\(call):signal=SIGKILL:when=\(when)"]
            let strace = ["/usr/bin/strace", "-f", "-qq", "-o", "/dev/null"] + inject
            let killed = try housekeep("--force", wrapper: strace).run()
            #expect(killed.status != 0, "\(moment): \(killed)")
            #expect(push.isUnderWay, "\(moment)")
            if isEndedByNext {
                let outcome = try housekeep().run()
                #expect(outcome.status == 0, "\(moment): \(outcome)")
                try expectNights(moment)
            }
            try end(push, moment)
            try pushNext()
        }
    }

    @Test(.enabled(if: isInstalled("sqlite3"), "needs sqlite3 to look into the catalog"))
    mutating func `a push that is killed is continued on the nights as they are then`() throws {
        for isRotatedFirst in [true, false] {
            let moment = isRotatedFirst ? "killed after a rotation" : "killed while there is a rotation"
            // Enough that more than two blocks, of 256 KiB each, come before the last.
            let make = "head -c 400000 /dev/urandom | split -b 2000 -a 3 - '\(jail.source)/more-'"
            try Command("sh", "-c", make).check()
            let push = try hold()
            try keepSome(of: push)
            if isRotatedFirst {
                try rotate(moment)
                #expect(try push.killReceiver().status != 0)
            } else {
                let rotation = try housekeep("--force").start()
                #expect(try push.killReceiver().status != 0)
                let outcome = try rotation.wait(limit: 60)
                #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
            }
            try expectNights(moment)
            let again = try jail.push("--json")
            #expect(again.text.contains("\"continued\":true"), "\(again)")
            // At least thirty of its files had been kept.
            #expect(try #require(PushRecord(again)["content_bytes"]) < 1_000_000 - 30 * 2_000, "\(again)")
            try expectEnd(moment)
            try pushNext()
        }
        let pushes = try server.server(["nights", "--pushes", "-ms"]).check().lines
        #expect(pushes.count { $0.contains("|failed|") } == 2, "\(pushes)")
    }

    @Test(.enabled(if: isInstalled("strace"), "needs strace to hold one of both up"), arguments: [false, true])
    mutating func `a commit and a rotation wait for each other`(isCommitFirst: Bool) throws {
        let slow = ["/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=syncfs"]
        let strace = slow + ["-e", "inject=syncfs:delay_enter=1000000"]
        let lock = "\(server.data)/\(jail.name)/.nightjar/lock"
        // To try the lock would be to have it for a moment.
        let find = "grep -q \":$(stat -c %i '\(lock)') \" /proc/locks"
        let isHeld = { (holder: String) in
            try eventually {
                try Command("sh", "-c", find).run().status == 0 && Command("cat", lock).run().text == holder
            }
        }
        let push = try hold(wrapper: isCommitFirst ? strace : [])
        let rotation: Running
        if isCommitFirst {
            push.letGoOn()
            #expect(try isHeld("a push"))
            rotation = try housekeep("--force").start()
            nights[0] = jail.source
        } else {
            rotation = try housekeep("--force", wrapper: strace).start()
            #expect(try isHeld("housekeeping"))
            push.letGoOn()
        }
        let outcome = try rotation.wait(limit: 60)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        let pushed = try push.finish()
        #expect(pushed.status == 0, "\(pushed)")
        try expectEnd("the \(isCommitFirst ? "commit" : "rotation") first")
    }

    @Test(arguments: [false, true])
    mutating func `a pass and a service see to that jail and to the others`(isService: Bool) throws {
        let other = try Jail("other", on: server)
        try Command("sh", "-c", "echo x > '\(other.source)/x'").check()
        try other.push()
        let config = try jail.scratch.write("server.conf", "rotate-interval=0s\n")
        let push = try hold()
        var command = server.server(["housekeep", "-v"] + (isService ? ["--watch"] : []))
        // Whom systemd watches looks for work a third of that apart, and not each five seconds.
        command.environment = ["NIGHTJAR_SERVER_CONFIG": config, "WATCHDOG_USEC": "900000"]
        let housekeeping = try command.start()
        let first = (jail: night(1) + "/day", other: "\(server.data)/\(other.name)/1\(other.source)/x")
        let zero = try Command("cat", jail.copy + "/day").check().text
        #expect(try eventually { try Command("cat", first.jail).run().text == zero && access(first.other, F_OK) == 0 })
        if isService { housekeeping.send(SIGTERM) }
        let outcome = try housekeeping.wait(limit: 60)
        #expect(outcome.status == 0, "\(outcome)")
        try expectNights("while the push is under way")
        try end(push, "rotated by a service or a pass")
    }

    @Test(.enabled(if: Account.ordinary != nil && testsRunAsRoot, "needs root, to run the programs as somebody else"))
    func `they move for a server that is not root, and may write no directory`() throws {
        let jail = try Jail(on: BackupServer(as: try #require(Account.ordinary)))
        let act = { (script: String) in
            try Command("sh", "-ec", "cd '\(jail.source)'; \(script)").check()
            try jail.handOver()
        }
        // Names that are linked to what tree 0 has, in directories that are widened for that.
        try act("mkdir a b; for f in $(seq 300); do echo $f > a/$f; ln a/$f b/$f; done; chmod 0500 a b .")
        jail.settle()
        try jail.push()
        _ = try jail.server.server(["housekeep", "--force", jail.name]).check()
        let then = try jail.remember("then")
        let change = """
            chmod 755 .; mkdir c; for f in $(seq 300); do ln a/$f c/$f; done; head -c 30000000 /dev/urandom > large
            chmod 0500 c .
            """
        try act(change)
        jail.settle()
        // Beside the large file all the small ones have come.
        let push = try HeldPush(jail, after: 25_000_000)
        let linked = Command(
            "find", "\(jail.server.data)/\(jail.name)/.nightjar/incoming", "-type", "f", "-links", "+3")
        #expect(try eventually { try linked.check().lines.count > 30 })
        _ = try jail.server.server(["hold", jail.name, "--name", "kept"]).check()
        try expectSameTree(then, "\(jail.server.data)/\(jail.name)/holds/kept\(jail.source)")
        for arguments in [[], ["--full"]] {
            let outcome = try jail.server.server(["housekeep", "--force", jail.name] + arguments).run()
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        }
        let night = { (number: Int) in "\(jail.server.data)/\(jail.name)/\(number)\(jail.source)" }
        try expectSame((0...3).map { (then, night($0)) }, "while the push is under way")
        push.letGoOn()
        let rotation = try jail.server.server(["housekeep", "--force", "--full", jail.name]).run()
        #expect(rotation.status == 0 && rotation.errors.isEmpty, "\(rotation)")
        let outcome = try push.finish()
        #expect(outcome.status == 0, "\(outcome)")
        try expectSame([(jail.source, night(0))] + (2...4).map { (then, night($0)) }, "after the push")
    }
}
