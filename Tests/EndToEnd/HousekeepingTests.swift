import Glibc
import Model
import Support
import Testing

/// `nightjar-server housekeep` as it is installed, a day after the other.
@Suite struct `Housekeeping` {
    private let jail: Jail

    init() throws {
        jail = try Jail(on: BackupServer())
        // Beside these, what the tests remove is no loss that would stop the nights.
        try Command("sh", "-c", "cd '\(jail.source)'; for i in $(seq 20); do echo ballast > b$i; done").check()
    }

    private func housekeep(day: Int, _ arguments: String..., wrapper: [String] = []) throws -> Command {
        var command = jail.server.server(["housekeep", "--now", "@\(1_700_000_000 + day * 86_400)"] + arguments)
        command.arguments = wrapper.map { Array($0.utf8) } + command.arguments
        return command
    }

    private func night(_ number: Int) -> String { "\(jail.server.data)/\(jail.name)/\(number)" }

    /// A night: a push of this, and what housekeeping makes of it.
    private func live(day: Int, _ script: String) throws -> String {
        try Command("sh", "-c", "cd '\(jail.source)' && \(script)").check()
        try jail.push()
        let then = try jail.remember("then-\(day)")
        let outcome = try housekeep(day: day).run()
        #expect(outcome.status == 0 && outcome.errors.isEmpty && outcome.output.isEmpty, "day \(day): \(outcome)")
        return then
    }

    private func liveAWeek() throws -> [String] {
        try (0..<7).map {
            try live(day: $0, "echo \($0) > file; mkdir -p d/\($0); echo \($0) > d/\($0)/x; rm -rf d/\($0 - 3)")
        }
        .reversed()
    }

    private func expect(_ nights: [String], _ moment: String = "") throws {
        for (number, then) in nights.prefix(6).enumerated() {
            try #require(try expectSameTree(then, night(number + 1) + jail.source), "\(moment): night \(number + 1)")
        }
    }

    @Test func `a week in a second, and then a week without a push loses nothing`() throws {
        let nights = try liveAWeek()
        try expect(nights)
        for day in 7..<14 {
            let outcome = try housekeep(day: day, "-v").run()
            #expect(outcome.status == 0 && outcome.complaint.contains("nothing was pushed since"), "\(outcome)")
        }
        try expect(nights)
        let listed = try jail.server.server(["nights", "-ms"]).check().lines.map { $0.split(separator: "|")[2] }
        #expect(listed == ["7", "7", "6", "5", "4", "3", "2"])
    }

    @Test(.enabled(if: Account.available.count > 1, "needs root, to run the programs as somebody else"))
    func `works for a server that is not root, and may write hardly any directory`() throws {
        guard let account = Account.available.last else { return }
        let jail = try Jail(on: BackupServer(as: account))
        var nights: [String] = []
        for day in 0..<9 {
            let script = """
                cd "$1"; chmod -R u+rwx .; mkdir -p a/b c; echo \(day) > a/b/\(day); echo x > c/x; rm -f a/b/\(day - 2)
                chmod 0555 . a/b c; chmod \(day % 2 == 0 ? "0500" : "0711") a
                """
            try Command(account.prefix + ["sh", "-c", script, "sh", jail.source]).check()
            if day == 0 { try jail.handOver() }
            try jail.push()
            nights.insert(try jail.remember("then-\(day)"), at: 0)
            let arguments = ["housekeep", "--now", "@\(1_700_000_000 + day * 86_400)"] + (day == 7 ? ["--full"] : [])
            let outcome = try jail.server.server(arguments).run()
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "day \(day): \(outcome)")
        }
        for (number, then) in nights.prefix(6).enumerated() {
            let night = "\(jail.server.data)/\(jail.name)/\(number + 1)"
            try expectSameTree(then, night + jail.source)
            #expect(try Command("stat", "-c", "%a", "\(night)/tmp").check().text == "1777\n")
        }
        let held = try jail.server.server(["hold", jail.name, "--night", "3", "--name", "held", jail.source]).check()
        #expect(held.text == "held\n")
        try expectSameTree(nights[2], "\(jail.server.data)/\(jail.name)/holds/held\(jail.source)")
        try expectSameTree(nights[2], "\(jail.server.data)/\(jail.name)/3\(jail.source)")
    }

    @Test func `however often a jail pushes, there is one rotation a night`() throws {
        let first = try live(day: 0, "echo 0 > file")
        for hour in 1...3 {
            try jail.push()
            let now = "@\(1_700_000_000 + hour * 3600)"
            _ = try jail.server.server(["housekeep", "--now", now]).check()
        }
        try expect([first])
        #expect(access(night(2), F_OK) != 0)
        let forced = try jail.server.server(["housekeep", "--force", jail.name]).run()
        #expect(forced.status == 0, "\(forced)")
        #expect(access(night(2), F_OK) == 0)
    }

    @Test func `a dry run says what and why, and changes nothing`() throws {
        let nights = try liveAWeek()
        try Command("sh", "-c", "echo 7 > '\(jail.source)/file'").check()
        try jail.push()
        // SQLite makes two files for whoever reads beside a writer, and takes them away.
        let all =
            "find '\(jail.server.data)' ! -name '*-shm' ! -name '*-wal' ! -name .nightjar -printf '%p %i %T@ %C@ %s\n' | sort"
        let before = try Command("sh", "-c", all).check().text
        let outcome = try housekeep(day: 7, "--dry-run", "-ms").check()
        let after = try Command("sh", "-c", all).check().text
        let changed = Set(after.split(separator: "\n")).symmetricDifference(before.split(separator: "\n"))
        #expect(changed.isEmpty)
        let fields = outcome.text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        #expect(fields[1] == "yes" && fields[2].contains("it is time") && (Int(fields[3]) ?? 0) > 5, "\(outcome)")
        #expect(fields[4] == "2", "\(outcome)")
        try expect(Array(nights))
        let soon = try jail.server.server([
            "housekeep", "--dry-run", "-ms", "--now", "@\(1_700_000_000 + 6 * 86_400 + 60)",
        ])
        .check()
        #expect(soon.text.contains("|no|the last rotation was"), "\(soon)")
    }

    @Test(.enabled(if: isInstalled("strace"), "needs strace"))
    func `a rotation without a change among thousands of files touches none`() throws {
        try Command(
            "sh", "-c",
            "cd '\(jail.source)'; for d in $(seq 50); do mkdir idle-$d; cd idle-$d; seq -f still-%g 200 | xargs touch; cd ..; done"
        ).check()
        jail.settle()
        try jail.push()
        for day in 0..<6 { _ = try housekeep(day: day, "--force").check() }
        try jail.push()
        let trace = jail.scratch["trace"]
        _ = try housekeep(day: 6, wrapper: ["/usr/bin/strace", "-f", "-qq", "-o", trace]).check()
        let calls = try Command("cat", trace).check().lines
        #expect(calls.contains { $0.contains("renameat2") })
        let touched = calls.filter { $0.contains("still-") || $0.contains("idle-") }
        #expect(touched.count == 0, "\(touched.prefix(5))")
        // What starting the program and opening the catalog takes, and no more with more files.
        #expect(calls.count < 4_000)
    }

    @Test func `waits for a commit, and a push for it`() throws {
        let first = try live(day: 0, "echo 0 > file")
        try Command("sh", "-c", "echo 1 > '\(jail.source)/file'").check()
        try jail.push()
        // Whoever has the lock file says so in it.
        let lock = "\(jail.server.data)/\(jail.name)/.nightjar/lock"
        let file = open(lock, O_RDWR | O_CLOEXEC)
        defer { close(file) }
        try #require(flock(file, LOCK_EX) == 0)
        ftruncate(file, 0)
        write(file, "a push", 6)
        let waiting = try housekeep(day: 1).start()
        usleep(700_000)
        #expect(waiting.isRunning())
        flock(file, LOCK_UN)
        let outcome = try waiting.wait(limit: 60)
        #expect(outcome.status == 0, "\(outcome)")
        try #require(access(night(2), F_OK) == 0)
        try expectSameTree(first, night(2) + jail.source)

        try #require(flock(file, LOCK_EX) == 0)
        ftruncate(file, 0)
        pwrite(file, "housekeeping", 12, 0)
        let push = try jail.command().start()
        usleep(700_000)
        #expect(push.isRunning())
        flock(file, LOCK_UN)
        let pushed = try push.wait(limit: 60)
        #expect(pushed.status == 0, "\(pushed)")
    }

    @Test(.tags(.slow), .enabled(if: isInstalled("strace"), "needs strace"))
    func `killed at a system call, is ended by the next push`() throws {
        var nights = try liveAWeek()
        var day = 7
        let moments = [
            ("renameat2", [1, 2, 5, 7]), ("linkat", [1]), ("unlinkat", [1]), ("syncfs", [1]), ("mkdirat", [1]),
        ]
        for (name, whens) in moments {
            for when in whens {
                let moment = "killed at \(name) number \(when)"
                try Command(
                    "sh", "-c",
                    "cd '\(jail.source)'; echo \(day) > file; rm -rf d; mkdir -p d/\(day); echo > d/\(day)/x"
                )
                .check()
                try jail.push()
                nights.insert(try jail.remember("then-\(day)"), at: 0)
                let inject = ["-e", "trace=\(name)", "-e", "inject=\(name):signal=SIGKILL:when=\(when)"]
                let killed = try housekeep(
                    day: day, wrapper: ["/usr/bin/strace", "-f", "-qq", "-o", "/dev/null"] + inject
                )
                .run()
                #expect(killed.status != 0, "\(moment): \(killed)")
                let before = try jail.remember("before-\(day)")
                try jail.push()
                try expectSameTree(before, jail.copy)
                let outcome = try housekeep(day: day).run()
                #expect(outcome.status == 0, "\(moment): \(outcome)")
                try expect(nights, moment)
                day += 1
            }
        }
    }

    @Test func `holds, lists, lets go in time, and reverts`() throws {
        let nights = try liveAWeek()
        let server = jail.server
        let until = "@\(1_700_000_000 + 9 * 86_400)"
        let hold = { (arguments: [String]) in try server.server(["hold", self.jail.name] + arguments).run() }
        let first = try hold(["--night", "6", "--now", "@1700000000", "--until", until, "\(jail.source)/d"])
        #expect(first.text == "generation-2\n", "\(first)")
        #expect(try hold(["--night", "2", "--name", "dispute"]).text == "dispute\n")
        #expect(try hold(["--night", "2", "--name", "dispute"]).status == 73)
        #expect(try hold(["--night", "2", "/nowhere"]).status == 1)
        #expect(try hold(["--night", "7"]).status == 64)
        #expect(try hold(["--until", "@5"]).status == 64)
        let listed = try server.server(["nights", "-ms", jail.name]).check().lines.map {
            $0.split(separator: "|", omittingEmptySubsequences: false)
        }
        #expect(listed[2][6] == "dispute")
        #expect(listed[6][6] == "generation-2" && listed[6][12].isEmpty, "\(listed[6])")
        #expect(listed[7...].contains { $0[6] == "generation-2" && $0[12] == "\(jail.source)/d" }, "\(listed)")
        for day in 7..<12 { _ = try live(day: day, "echo \(day) > file; rm -rf d") }
        let holds = "\(server.data)/\(jail.name)/holds"
        try expectSameTree(nights[1], "\(holds)/dispute\(jail.source)")
        #expect(access("\(holds)/generation-2", F_OK) != 0)
        #expect(try server.server(["release", jail.name, "dispute"]).run().status == 0)
        #expect(try server.server(["release", jail.name, "dispute"]).run().status == 1)
        #expect(try Command("ls", holds).check().text == "")

        try Command("sh", "-c", "rm -rf '\(jail.source)'/*").check()
        let good = night(1) + jail.source
        try jail.push()
        #expect(try Command("ls", jail.copy).check().text == "")
        _ = try server.server(["revert", jail.name]).check()
        try expectSameTree(good, jail.copy)
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
    }
}
