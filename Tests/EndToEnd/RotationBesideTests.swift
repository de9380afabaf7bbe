import Glibc
import Support
import Testing

/// Rotation while others are at work: the programs as they are installed.
@Suite struct `A rotation` {
    private static func housekeep(_ server: BackupServer, day: Int) -> Command {
        server.server(["housekeep", "--now", "@\(1_700_000_000 + day * 86_400)"])
    }

    /// A push and a rotation for each day, and the copies that `1` … are to be the same as.
    private static func live(_ jail: Jail, days: Range<Int>) throws -> [String] {
        try days.map { day in
            try change(jail, day)
            try jail.push()
            let outcome = try housekeep(jail.server, day: day).run()
            try #require(outcome.status == 0 && outcome.errors.isEmpty, "day \(day): \(outcome)")
            return try jail.remember("then-\(day)")
        }.reversed()
    }

    private static func change(_ jail: Jail, _ day: Int) throws {
        let script = """
            cd '\(jail.source)'; mkdir -p still d/\(day); seq 20 | split -l 1 -a 3 - still/; echo \(day) > day
            seq 5 | split -l 1 -a 2 - d/\(day)/; rm -rf d/\(day - 2)
            """
        try Command("sh", "-ec", script).check()
    }

    private static func expect(_ nights: [String], of jail: Jail, _ moment: String = "") throws {
        for (number, then) in nights.prefix(6).enumerated() {
            let night = "\(jail.server.data)/\(jail.name)/\(number + 1)\(jail.source)"
            try #require(try expectSameTree(then, night), "\(moment): night \(number + 1)")
        }
    }

    @Test func `of a jail that is pushing and that push come out whole, whichever commits first`() throws {
        let jail = try Jail(on: BackupServer())
        var nights = try Self.live(jail, days: 0..<7)
        for day in 7..<9 {
            // What was pushed last is due; what is being pushed is the next night's, unless it is there in time.
            try Self.change(jail, day)
            try jail.push()
            let then = try jail.remember("then-\(day)")
            try Command("sh", "-c", "cd '\(jail.source)'; seq 400 | split -l 1 -a 4 - d/\(day)/").check()
            let push = try jail.command().start()
            while try push.isRunning() && jail.receivers().isEmpty { usleep(1_000) }
            let rotation = try Self.housekeep(jail.server, day: day).run()
            let pushed = try push.wait(limit: 60)
            #expect(rotation.status == 0 && rotation.errors.isEmpty, "\(rotation)")
            #expect(pushed.status == 0, "\(pushed)")
            try expectSameTree(jail.source, jail.copy)
            let first = "\(jail.server.data)/\(jail.name)/1\(jail.source)"
            let count = try Command("find", "\(first)/d/\(day)", "-type", "f").check().lines.count
            nights.insert(count > 5 ? jail.copy : then, at: 0)
            try Self.expect(Array(nights.prefix(2)), of: jail, "day \(day)")
            nights[0] = try copy(of: first, as: "night-\(day)", jail)
        }
        try Self.expect(nights, of: jail)
    }

    private func copy(of tree: String, as name: String, _ jail: Jail) throws -> String {
        try Command("cp", "-a", tree, jail.scratch[name]).check()
        return jail.scratch[name]
    }

    @Test(.tags(.slow)) func `goes on while twenty other jails push`() throws {
        let jail = try Jail(on: BackupServer())
        var nights = try Self.live(jail, days: 0..<7)
        let others = try (0..<20).map { _ in try Jail("other", on: jail.server) }
        for other in others { try Self.change(other, 0) }
        let pushes = try others.map { try $0.command().start() }
        try Self.change(jail, 7)
        try jail.push()
        nights.insert(try jail.remember("then-7"), at: 0)
        let outcome = try Self.housekeep(jail.server, day: 7).run()
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        for push in pushes {
            let pushed = try push.wait(limit: 120)
            #expect(pushed.status == 0, "\(pushed)")
        }
        try Self.expect(nights, of: jail)
        for other in others { try expectSameTree(other.source, other.copy) }
    }

    @Test func `leaves night 6 to who reads it, to the last byte`() throws {
        let jail = try Jail(on: BackupServer())
        var nights = try Self.live(jail, days: 0..<6)
        let oldest = "\(jail.server.data)/\(jail.name)/6"
        let restored = try jail.scratch.directory("restored")
        let fifo = jail.scratch["fifo"]
        try Command("mkfifo", fifo).check()
        // A restore that has begun, and is held up before it has read anything.
        let restore = try Command(
            "sh", "-ec",
            "cd '\(oldest)'; flock --shared . sh -c \"cat '\(fifo)'; tar -c . | tar -C '\(restored)' -x\""
        ).start()
        while access(fifo, F_OK) == 0, try Command("flock", "-n", "--exclusive", oldest, "true").run().status == 0 {
            usleep(10_000)
        }
        for day in 6..<9 {
            try Self.change(jail, day)
            try jail.push()
            nights.insert(try jail.remember("then-\(day)"), at: 0)
            let outcome = try Self.housekeep(jail.server, day: day).run()
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.complaint.contains("is being read") == (day == 6), "\(outcome)")
            try Self.expect(nights, of: jail, "day \(day)")
        }
        try Command("sh", "-c", ": > '\(fifo)'").check()
        let outcome = try restore.wait(limit: 60)
        #expect(outcome.status == 0, "\(outcome)")
        try expectSameTree(nights[8], restored + jail.source)
    }
}
