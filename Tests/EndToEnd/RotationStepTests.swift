import Glibc
import Support
import Testing

/// The program stopped at the calls by which a rotation changes anything, its catalog's files included, and run again.
@Suite(.tags(.slow), .enabled(if: isInstalled("strace"), "needs strace"))
struct `At any step of a rotation` {
    @Test(.enabled(if: LoopFileSystem.isPossible(.ext4), "needs root, mkfs.ext4 and loop devices"))
    func `a kill at a third of them leaves whole nights, and the next run arrives`() throws {
        let nights = try DueNights(on: .ext4)
        try nights.kill(at: some(3, of: nights.calls()))
    }

    @Test(
        .enabled(if: LoopFileSystem.isPossible(.xfs, .btrfs), "needs root, mkfs.xfs, mkfs.btrfs and loop devices"),
        arguments: [LoopFileSystem.Kind.xfs, .btrfs])
    func `a kill does so on other file systems, at an eighth of them`(kind: LoopFileSystem.Kind) throws {
        let nights = try DueNights(on: kind)
        try nights.kill(at: some(8, of: nights.calls()))
    }

    @Test(.enabled(if: LoopFileSystem.isPossible(.ext4), "needs root, mkfs.ext4 and loop devices"))
    func `a full disk and one that fails are told, and lose nothing, at a tenth of them`() throws {
        let nights = try DueNights(on: .ext4)
        let calls = try nights.calls()
        for (error, status) in [("ENOSPC", Int32(75)), ("EIO", 74)] {
            try nights.fail(with: error, status, at: some(10, of: calls))
        }
    }

    /// One of so many, from a random one on.
    private func some(_ part: Int, of calls: [DueNights.Call]) -> [DueNights.Call] {
        let first = Int.random(in: 0..<part)
        print("each of \(part) from number \(first) on")
        return stride(from: first, to: calls.count, by: part).map { calls[$0] }
    }
}

/// A week whose `0` waits to be rotated, on a disk that can be brought back to this moment.
private struct DueNights {
    private let disk: LoopFileSystem
    private let jail: Jail
    /// The copies that `0` … `6` are to be the same as.
    private var then: [String] = []
    private let seed: UInt64

    init(on kind: LoopFileSystem.Kind) throws {
        disk = try LoopFileSystem(kind, size: kind == .ext4 ? "64M" : "300M")
        jail = try Jail(on: BackupServer(in: disk.path))
        try jail.setReserve("1M")
        // On the same disk: file systems do not all show the same of an ACL as attributes.
        jail.source = "\(disk.path)/source"
        jail.entries = [jail.source]
        try Command("mkdir", jail.source).check()
        // What chance removes is no loss here.
        try jail.scratch.write("housekeeping.conf", "brake-shrink=100%\nbrake-change=100%\n")
        seed = UInt64.random(in: 0..<1_000_000)
        var changes = RandomChanges(seed: seed, in: jail.source)
        try changes.makeRound(of: 40)
        for day in 0...7 {
            try changes.makeRound(of: 5)
            try jail.push()
            then.insert("\(disk.path)/then-\(day)", at: 0)
            try Command("cp", "-a", jail.source, then[0]).check()
            if day < 7 { _ = try housekeep(day: day, "--force").check() }
        }
        // 0 waits; what 1 holds was pushed the night before.
        then = Array(then.prefix(7))
        try disk.keep()
    }

    private func housekeep(day: Int, _ arguments: String...) -> Command {
        var command = jail.server.server(["housekeep", "--now", "@\(1_700_000_000 + day * 86_400)"] + arguments)
        command.environment["NIGHTJAR_SERVER_CONFIG"] = jail.scratch["housekeeping.conf"]
        return command
    }

    private func traced(_ options: String...) -> Command {
        var command = housekeep(day: 7)
        let strace = ["/usr/bin/strace", "-f", "-qq"] + options
        command.arguments = strace.map { Array($0.utf8) } + command.arguments
        return command
    }

    /// A call as strace finds it again: the first that is so many-th of its name in its thread.
    struct Call: CustomStringConvertible {
        var name: String
        var number: Int
        var text: String
        var description: String { "\(name) number \(number), \(text)" }
    }

    /// What changes a file system. A kill at any other call leaves what a kill at the next of these does.
    private static let changing = [
        "copy_file_range", "fallocate", "fchmod", "fchmodat", "fchmodat2", "fchown", "fchownat", "fdatasync",
        "fremovexattr", "fsetxattr", "fsync", "ftruncate", "linkat", "lremovexattr", "lsetxattr", "mkdirat", "mknodat",
        "openat", "pwrite64", "removexattr", "renameat", "renameat2", "setxattr", "symlinkat", "unlink", "unlinkat",
        "utimensat",
    ]

    /// All of a rotation that nothing disturbs.
    func calls() throws -> [Call] {
        let trace = jail.scratch["trace"]
        _ = try traced("-o", trace, "-e", "trace=" + DueNights.changing.map { "?\($0)" }.joined(separator: ",")).check()
        try expect(moved, "undisturbed")
        var made: [[Substring]: Int] = [:]
        var known: Set<String> = []
        var calls: [Call] = []
        var all = 0
        for line in try Command("cat", trace).check().lines {
            let words = line.split(separator: " ", maxSplits: 1)
            let text = words[1].drop { $0 == " " }
            if text.hasPrefix("<... ") { continue }
            let name = text.prefix { $0 != "(" }
            made[[words[0], name], default: 0] += 1
            if text.contains("= -1 E") || name == "openat" && !text.contains("O_CREAT") { continue }
            let call = Call(name: String(name), number: made[[words[0], name]] ?? 0, text: String(text.prefix(80)))
            all += 1
            if known.insert("\(name) \(call.number)").inserted { calls.append(call) }
        }
        try #require(calls.count { $0.name == "renameat2" } >= 7 && calls.contains { $0.name == "linkat" })
        print("\(calls.count) of the \(all) calls that change something")
        return calls
    }

    func kill(at calls: [Call]) throws {
        var count = 0
        for call in calls {
            let moment = "killed at \(call); seed \(seed)"
            let killed = try strike("signal=SIGKILL", call)
            let isKilled = killed.signal == SIGKILL || killed.status == 128 + SIGKILL
            // What one thread did in the first run two may do in another: then none of them comes so far.
            try #require(isKilled || killed.status == 0, "\(moment): \(killed)")
            if isKilled { count += 1 }
            try goOn(moment)
        }
        try #require(count > calls.count / 2, "\(count) of \(calls.count) calls were reached")
    }

    func fail(with error: String, _ status: Int32, at calls: [Call]) throws {
        for call in calls {
            let moment = "\(error) at \(call); seed \(seed)"
            let failed = try strike("error=\(error)", call)
            // Some of SQLite's calls may fail, as when it takes away what nobody misses; and of its index in memory
            // and of what it could not synchronize it says only that.
            let isVague = [8, 1034, 4618, 4874].contains { failed.complaint.contains("(SQLite \($0))") }
            let isTold = !failed.errors.isEmpty && (failed.status == status || isVague)
            try #require(isTold || failed.status == 0, "\(moment): \(failed)")
            try goOn(moment)
        }
    }

    /// The disk as it was kept, and a run with something done to this call of it.
    private func strike(_ stroke: String, _ call: Call) throws -> Command.Outcome {
        try disk.rewind()
        return try traced(
            "-o", "/dev/null", "-e", "trace=\(call.name)", "-e", "inject=\(call.name):\(stroke):when=\(call.number)"
        ).run()
    }

    /// What a run that was stopped left behind, and what the next one makes of it.
    private func goOn(_ moment: String) throws {
        try expectWholeNights(moment)
        let outcome = try housekeep(day: 7).run()
        try #require(outcome.status == 0 && outcome.errors.isEmpty, "\(moment): \(outcome)")
        try expect(moved, moment)
    }

    /// What `0` … `6` are to be when it is done.
    private var moved: [String] { [then[0]] + then.prefix(6) }

    private func night(_ number: Int) -> String { "\(jail.server.data)/\(jail.name)/\(number)\(jail.source)" }

    /// Each night is the one that it was, the one that it becomes, or the new one on its way up; none is gone but the
    /// oldest. Attributes are left to the judge at the end.
    private func expectWholeNights(_ moment: String) throws {
        var unknown = (0...6).filter { access(night($0), F_OK) == 0 }
        var found: Set<String> = []
        for candidates in [then, moved, Array(repeating: then[0], count: 7)] {
            try unknown.removeAll { number in
                guard try TreeComparison(candidates[number], night(number)).differences.isEmpty else { return false }
                found.insert(candidates[number])
                return true
            }
        }
        try #require(unknown.isEmpty, "\(moment): nights that there never were")
        try #require(found.isSuperset(of: then.prefix(6)), "\(moment): a night is lost")
    }

    /// rsync judges the two newest, since a rotation makes night 1, and one of the others.
    private func expect(_ nights: [String], _ moment: String) throws {
        let looked = [0, 1, Int.random(in: 2..<nights.count)]
        let judged = try judge(looked.map { (original: nights[$0], copy: night($0)) })
        for (number, wrong) in zip(looked, judged) { try #require(wrong.isEmpty, "\(moment): night \(number)") }
        for (number, then) in nights.enumerated() {
            let wrong = try TreeComparison(then, night(number)).differences
            try #require(wrong.isEmpty, "\(moment): night \(number)")
        }
    }
}
