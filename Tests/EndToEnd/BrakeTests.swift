import Glibc
import Support
import Testing

/// What staff is told of, and what stands still until they have decided: the programs as they are installed, and a
/// program that keeps the mail.
@Suite struct `Housekeeping and its staff` {
    private let jail: Jail
    private let staff: StaffBox

    init() throws {
        jail = try Jail(on: BackupServer())
        staff = try StaffBox()
    }

    private func server(_ arguments: [String]) -> Command {
        var command = jail.server.server(arguments)
        command.environment["NIGHTJAR_SERVER_CONFIG"] = staff.config
        return command
    }

    private func housekeep(day: Int, _ arguments: String...) throws -> Command.Outcome {
        try server(["housekeep", "--now", "@\(1_700_000_000 + day * 86_400)"] + arguments).run()
    }

    private func night(_ number: Int) -> String { "\(jail.server.data)/\(jail.name)/\(number)\(jail.source)" }

    private func push(_ script: String) throws {
        try Command("sh", "-ec", "cd '\(jail.source)'; \(script)").check()
        try jail.push()
    }

    /// A push that may become a night, and does; answers a copy of it.
    private func live(day: Int, _ script: String) throws -> String {
        try push(script)
        let outcome = try housekeep(day: day)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "day \(day): \(outcome)")
        return try jail.remember("then-\(day)")
    }

    /// Three nights of ten files, the newest first.
    private func liveThreeNights() throws -> [String] {
        try (0..<3).map { try live(day: $0, "for i in 0 1 2 3 4 5 6 7 8 9; do echo $i > f$i; done; echo \($0) > day") }
            .reversed()
    }

    private func expect(_ nights: [String], from first: Int = 1) throws {
        for (number, then) in nights.enumerated() { try expectSameTree(then, night(first + number)) }
    }

    @Test func `a mass deletion stops the nights, and is told once, until it is accepted`() throws {
        let nights = try liveThreeNights()
        try push("rm f0 f1 f2 f3 f4 f5 f6 f7")
        for day in 3..<5 {
            let outcome = try housekeep(day: day)
            #expect(outcome.status == 1, "\(outcome)")
            #expect(
                outcome.complaint.contains(
                    ": generation \(day == 3 ? 4 : 5) may not become a night after 3: \(jail.source): it lost 72 %"),
                "\(outcome)")
            #expect(outcome.complaint.contains("housekeep --accept \(jail.name) lets it"), "\(outcome)")
            #expect(try housekeep(day: day, "--force").status == 1)
            let mails = try staff.take()
            #expect(mails.count == (day == 3 ? 1 : 0))
            #expect(
                mails.allSatisfy { $0.contains("To: staff@example.net\n") && $0.contains("it lost 72 % of its files") })
            #expect(mails.allSatisfy { $0.contains("\n  nightjar-server housekeep --accept \(jail.name)\n") })
            try expect(nights)
            // The same loss, as another generation.
            try push("echo \(day) > day")
        }
        let listed = try server(["nights", "-ms", jail.name]).run()
        #expect(listed.complaint.contains("generation 6 may not become a night after 3"), "\(listed)")
        #expect(listed.lines.count == 4 && listed.lines.allSatisfy { $0.hasSuffix("||") }, "\(listed)")
        let rehearsal = try housekeep(day: 5, "--dry-run", "-ms")
        #expect(rehearsal.status == 0 && rehearsal.text.contains("|no|generation 6 may not become"), "\(rehearsal)")
        try expect(nights)

        let accepted = try housekeep(day: 5, "--accept", jail.name)
        #expect(accepted.status == 0 && accepted.errors.isEmpty, "\(accepted)")
        try expectSameTree(jail.source, night(1))
        try expect(nights, from: 2)
        let moving = try server(["nights", "-ms", jail.name]).check()
        #expect(moving.errors.isEmpty && moving.lines.allSatisfy { !$0.hasSuffix("||") }, "\(moving)")
        _ = try live(day: 6, "echo 6 > day")
        // Once is once.
        try push("rm *")
        let outcome = try housekeep(day: 7)
        #expect(outcome.status == 1 && outcome.complaint.contains("\(jail.source): it is empty"), "\(outcome)")
        #expect(try staff.take().count == 1)
    }

    @Test func `what is accepted before it is time is so when it is`() throws {
        let nights = try liveThreeNights()
        try push("rm f*")
        // On the same day somebody does not want to wait, and is told what to do.
        let forced = try housekeep(day: 2, "--force")
        #expect(forced.status == 1 && forced.complaint.contains("housekeep --accept \(jail.name) lets it"), "\(forced)")
        let accepted = try housekeep(day: 2, "--accept", jail.name)
        #expect(accepted.status == 0 && accepted.errors.isEmpty, "\(accepted)")
        try expect(nights)
        let outcome = try housekeep(day: 3)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        try expectSameTree(jail.source, night(1))
        try expect(nights, from: 2)
    }

    @Test func `a loss that is taken back lets the nights move, and is told again when it comes again`() throws {
        let nights = try liveThreeNights()
        try push("rm f*")
        #expect(try housekeep(day: 3).status == 1)
        #expect(try staff.take().count == 1)
        _ = try server(["revert", jail.name]).check()
        try expectSameTree(nights[0], night(0))
        // The jail is as it was.
        try jail.push()
        #expect(try housekeep(day: 3).status == 1)
        #expect(try staff.take().count == 1)
        try expect(nights)
        _ = try server(["revert", jail.name]).check()
        let outcome = try housekeep(day: 3)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        try expect([nights[0]] + nights)
        #expect(try staff.take().isEmpty)
    }

    @Test func `only what was stopped can be accepted, and only of a jail that is named`() throws {
        _ = try live(day: 0, "echo 0 > file")
        #expect(try housekeep(day: 1, "--accept").status == 64)
        let outcome = try housekeep(day: 1, "--accept", jail.name)
        #expect(outcome.status == 1 && outcome.complaint.contains("nothing to accept"), "\(outcome)")
    }

    @Test func `a mail that cannot be handed over is handed over in the next pass`() throws {
        _ = try liveThreeNights()
        try push("rm f*")
        try staff.refuse(true)
        for _ in 0..<2 {
            let outcome = try housekeep(day: 3)
            #expect(outcome.status == 1 && outcome.complaint.contains("not handed over: "), "\(outcome)")
            #expect(outcome.complaint.contains("not today"), "\(outcome)")
        }
        try staff.refuse(false)
        let outcome = try housekeep(day: 3)
        #expect(outcome.status == 1 && !outcome.complaint.contains("handed over"), "\(outcome)")
        #expect(try staff.take().count == 1)
    }

    @Test func `a mail that takes its time holds up no push, and is told once beside other passes`() throws {
        _ = try liveThreeNights()
        try push("rm f*")
        try staff.delay(true)
        let telling = try server(["housekeep", "--now", "@\(1_700_000_000 + 3 * 86_400)"]).start()
        #expect(eventually { staff.isDelaying })
        try push("echo 3 > day")
        let beside = try housekeep(day: 3)
        #expect(beside.status == 1 && !beside.complaint.contains("handed over"), "\(beside)")
        #expect(telling.isRunning())
        try staff.delay(false)
        let outcome = try telling.wait(limit: 60)
        #expect(outcome.status == 1, "\(outcome)")
        #expect(try housekeep(day: 3).status == 1)
        #expect(try staff.take().count == 1)
    }

    @Test(.enabled(if: mayMountImages, "mounting images needs root, and loop devices"))
    func `a disk that is not mounted stops the nights until it is`() throws {
        try makeImage(jail.scratch["disk"], "ext4", size: "8M")
        try Command("mount", "-o", "loop", jail.scratch["disk"], jail.source).check()
        defer { _ = try? Command("umount", jail.source).run() }
        let then = try live(day: 0, "echo precious > file")
        try Command("umount", jail.source).check()
        try jail.push()
        let outcome = try housekeep(day: 1)
        #expect(outcome.status == 1 && outcome.complaint.contains("is its disk mounted?"), "\(outcome)")
        #expect(try staff.take().count == 1)
        try expect([then])
        try Command("mount", "-o", "loop", jail.scratch["disk"], jail.source).check()
        try jail.push()
        let after = try housekeep(day: 2)
        #expect(after.status == 0 && after.errors.isEmpty, "\(after)")
        try expect([then, then])
    }

    @Test func `an entry that turned empty stops the nights, whatever the others hold`() throws {
        jail.entries.append(try jail.scratch.directory("other"))
        let other = jail.scratch["other"]
        let then = try live(day: 0, "echo 1 > file; seq 100 | split -l 1 -a 3 - '\(other)/'")
        try push("rm file")
        let outcome = try housekeep(day: 1)
        #expect(outcome.status == 1 && outcome.complaint.contains("\(jail.source): it is empty"), "\(outcome)")
        #expect(!outcome.complaint.contains(other), "\(outcome)")
        try expect([then])
        #expect(try staff.take().count == 1)
    }

    @Test func `seven nights of pushes that fail lose nothing, and are told of once, and once when that is over`()
        throws
    {
        let nights = try liveThreeNights()
        let start = time(nil)
        let pass = { (hour: Int) in try self.server(["housekeep", "--now", "@\(start + hour * 3600)"]).run() }
        #expect(try pass(35).errors.isEmpty)
        #expect(try staff.take().isEmpty)
        let receive = jail.settings["receive"]
        try jail.setReserve("1000T")
        for night in 2..<9 {
            try Command("sh", "-c", "echo failing \(night) > '\(jail.source)/day'").check()
            let failed = try jail.backup()
            #expect(failed.status == 75, "\(failed)")
            let outcome = try pass(night * 24)
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
            let mails = try staff.take()
            #expect(mails.count == (night == 2 ? 1 : 0), "night \(night)")
            for mail in mails {
                #expect(mail.contains("Subject: Nightjar: a jail does not push\n"))
                #expect(mail.contains("\(jail.name) on ") && mail.contains("has not pushed for over 36 hours."))
                #expect(mail.contains("Its last attempt failed: "), "\(mail)")
            }
        }
        try expect(nights)
        // A revert is no push.
        _ = try server(["revert", jail.name]).check()
        #expect(try pass(9 * 24).status == 0)
        #expect(try staff.take().isEmpty)
        jail.settings["receive"] = receive
        try jail.push()
        #expect(try pass(1).status == 0)
        let mails = try staff.take()
        #expect(mails.count == 1 && mails[0].contains("Subject: Nightjar: a jail pushes again\n"), "\(mails)")
        #expect(try pass(2).status == 0)
        #expect(try staff.take().isEmpty)
    }

    @Test func `as a service tells once, goes on, and does what was accepted beside it`() throws {
        let staff = try StaffBox("rotate-interval=0s")
        var command = jail.server.server(["housekeep", "--watch"])
        // Whom systemd watches looks for work a third of that apart, and not each five seconds.
        command.environment = ["NIGHTJAR_SERVER_CONFIG": staff.config, "WATCHDOG_USEC": "900000"]
        let service = try command.start()
        defer { service.send(SIGKILL) }
        try push("echo 1 > a; echo 2 > b; echo 3 > c")
        #expect(eventually { access(night(1), F_OK) == 0 })
        let then = try jail.remember("then")
        try push("rm a b c")
        var mails: [String] = []
        #expect(
            try eventually {
                mails += try staff.take()
                return !mails.isEmpty
            })
        try jail.push()
        try expect([then])
        var accept = jail.server.server(["housekeep", "--accept", jail.name])
        accept.environment["NIGHTJAR_SERVER_CONFIG"] = staff.config
        let accepted = try accept.run()
        #expect(accepted.status == 0, "\(accepted)")
        try expect([jail.source, then])
        service.send(SIGTERM)
        let outcome = try service.wait(limit: 30)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(
            outcome.complaint.contains("<3>nightjar-server: \(jail.name): generation 2 may not become"), "\(outcome)")
        #expect(try (mails + staff.take()).count == 1)
    }
}
