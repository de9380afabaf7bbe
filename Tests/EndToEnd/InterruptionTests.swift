import Glibc
import Model
import Support
import Testing

/// Either end may die at any moment: `0` is the old night or the new one, and the next push completes it.
@Suite(.tags(.slow)) struct `A push that is killed` {
    enum Victim: CaseIterable { case agent, receiver }

    /// A jail with one night on the server, and the source already changed for the next.
    private struct Scene {
        let jail: Jail
        var old: String
        var new: String
        var random: RandomSource

        init(seed: UInt64, wrapper: [String] = []) throws {
            jail = try Jail(on: BackupServer(), wrapper: wrapper)
            random = RandomSource(seed: seed)
            var changes = RandomChanges(seed: seed, in: jail.source)
            for _ in 0..<4 { try changes.makeRound(of: 100) }
            try jail.push()
            old = try jail.remember("old")
            for _ in 0..<2 { try changes.makeRound(of: 100) }
            new = try jail.remember("new")
        }

        /// Whether `0` is the new night; anything but one of the two is a failure.
        func isNew(_ moment: String) throws -> Bool {
            let judged = try judge([(original: new, copy: jail.copy), (original: old, copy: jail.copy)])
            let (toNew, toOld) = (judged[0], judged[1])
            if toNew.isEmpty { return true }
            #expect(
                toOld.isEmpty, "\(moment): neither the old night (\(toOld.prefix(3))) nor the new (\(toNew.prefix(3)))")
            return false
        }

        /// The push after the kill.
        func complete(_ moment: String) throws {
            let outcome = try jail.backup()
            #expect(outcome.status == 0, "\(moment): \(outcome)")
            try expectSameTree(jail.source, jail.copy)
            try expectSameByDescriptor(jail.source, jail.copy)
        }

        /// A push whose receiver runs under strace, which injects something into system calls of this name; and what
        /// strace saw of them. It counts the calls of each thread for itself; each `syncfs` has one of its own.
        func push(injecting injection: String, into name: String) throws -> (Command.Outcome, trace: String) {
            let (plain, trace) = (jail.settings["receive"] ?? "", jail.scratch["trace"])
            jail.settings["receive"] =
                "/usr/bin/strace -f -qq -o \(trace) -e trace=\(name) -e inject=\(injection) \(plain)"
            defer { jail.settings["receive"] = plain }
            return (try jail.backup(), try Command("cat", trace).check().text)
        }

        /// Once the new state is the night: the way back is as good a push.
        mutating func turn() throws {
            swap(&old, &new)
            try makeSource(like: new)
        }

        /// rsync may ask a directory for its default ACL when it has just put a file in its place, and then exits 23; and
        /// it may leave a file of several names with another's owner. What it left undone it does when it is run again.
        private func makeSource(like state: String) throws {
            let copying = Command("rsync", "-aAXHS", "--delete", "--checksum", "\(state)/", "\(jail.source)/")
            if try copying.run().status == 23 { try copying.check() }
            var wrong = try judge(state, jail.source)
            if !wrong.isEmpty {
                try copying.check()
                wrong = try judge(state, jail.source)
            }
            try #require(wrong == [])
        }
    }

    @Test(arguments: Victim.allCases) func `at a dozen random moments`(victim: Victim) throws {
        var scene = try Scene(seed: UInt64.random(in: 0..<1_000_000))
        var start = now()
        try scene.jail.push()
        let whole = now() - start
        var (killed, committed) = (0, 0)
        for number in 1...12 {
            try scene.turn()
            let delay = Double.random(in: 0...whole * 1.1, using: &scene.random)
            let moment = "\(victim) killed \(Int(delay * 1000)) ms into push \(number)"
            let running = try scene.jail.command().start()
            start = now()
            while now() - start < delay, running.isRunning() { usleep(200) }
            let processes = try victim == .agent ? [running.process] : scene.jail.receivers()
            for process in processes where running.isRunning() {
                Glibc.kill(process, SIGKILL)
                killed += 1
            }
            _ = try running.wait(limit: 60)
            #expect(try scene.jail.waitUntilUnserved(), "a receiver does not end")
            if try scene.isNew(moment) { committed += 1 }
            try scene.complete(moment)
        }
        print("\(victim): \(killed) kills in pushes of \(Int(whole * 1000)) ms; \(committed) had been committed")
        #expect(killed > 2)
    }

    @Test(.enabled(if: isInstalled("strace"), "needs strace"))
    func `at a system call of the receiver`() throws {
        var scene = try Scene(seed: 7)
        for name in ["/^renameat", "linkat", "unlinkat", "mkdirat", "syncfs", "fdatasync", "pwrite64", "utimensat"] {
            try kill(&scene, at: name)
        }
    }

    private func kill(_ scene: inout Scene, at name: String) throws {
        var killed = 0
        for when in [1, 2, 20] {
            let moment = "receiver killed at \(name) number \(when)"
            let (_, trace) = try scene.push(injecting: "\(name):signal=SIGKILL:when=\(when)", into: name)
            if trace.contains("killed by SIGKILL") { killed += 1 }
            #expect(try scene.jail.waitUntilUnserved(), "a receiver does not end")
            _ = try scene.isNew(moment)
            try scene.complete(moment)
            try scene.turn()
        }
        // Of some calls a push makes only one or two.
        #expect(killed > 0, "\(name): no push was killed")
    }

    @Test(
        .enabled(if: isInstalled("strace"), "needs strace"),
        arguments: [
            ("pwrite64", "ENOSPC", 3), ("linkat", "EIO", 3), ("mkdirat", "ENOSPC", 3), ("syncfs", "EIO", 1),
            ("/^renameat", "EIO", 3), ("utimensat", "EIO", 3),
        ])
    func `by an error of the server's disk leaves the old night and says so`(
        name: String, error: String, call: Int
    ) throws {
        let scene = try Scene(seed: 8)
        let moment = "\(name) answers \(error)"
        let (outcome, trace) = try scene.push(injecting: "\(name):error=\(error):when=\(call)+", into: name)
        #expect(trace.contains("(INJECTED)"), "\(moment): never")
        // An error after the exchange leaves the new night unacknowledged: only success may not be claimed for the old.
        if try !scene.isNew(moment) { #expect(outcome.status != 0, "\(moment): the night is old, yet \(outcome)") }
        if outcome.status != 0 { #expect(!outcome.errors.isEmpty) }
        try scene.complete(moment)
    }

    @Test(.enabled(if: isInstalled("strace"), "needs strace"))
    func `by a disk that fails while much is being written out leaves the old night and says so`() throws {
        let jail = try Jail(on: BackupServer())
        try Command("dd", "if=/dev/urandom", "of=\(jail.source)/large", "bs=1M", "count=140", "status=none").check()
        let plain = jail.settings["receive"] ?? ""
        // The first of all: the one that runs beside the staging. Those of the commit go well.
        jail.settings["receive"] =
            "/usr/bin/strace -f -qq -o \(jail.scratch["trace"]) -e trace=syncfs -e inject=syncfs:error=EIO:when=1 \(plain)"
        let outcome = try jail.backup()
        jail.settings["receive"] = plain
        #expect(try Command("grep", "-c", "INJECTED", jail.scratch["trace"]).run().lines == ["1"])
        #expect(outcome.status == 74, "\(outcome)")
        #expect(access(jail.newest, F_OK) != 0, "there is a night")
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
    }
}
