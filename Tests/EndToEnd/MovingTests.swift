import Model
import Support
import Testing

/// What moves under the walk, and what cannot be read.
@Suite struct `While a jail lives` {
    @Test func `files that come, go and grow are no error, and the next quiet push is true`() throws {
        let jail = try Jail(on: BackupServer())
        try (["log": "first\n", "spool": [:], "still": "x"] as TreeLiteral).build(in: jail.source)
        let life = """
            cd '\(jail.source)'; number=0
            while :; do
                number=$((number + 1)); echo "line $number" >> log
                echo $number > spool/$number; rm -f spool/$((number - 20)); mkdir -p d$((number % 5))/e; rm -rf d$(((number + 2) % 5))
            done
            """
        let busy = try Command("sh", "-c", life).start()
        for _ in 0..<5 {
            let outcome = try jail.backup()
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try Command("cat", "\(jail.copy)/still").check().text == "x")
        }
        busy.send(9)
        _ = try busy.wait(limit: 10)
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
    }

    @Test func `a file that grows while it is read is stored as read, and named in the record`() throws {
        let jail = try Jail(on: BackupServer())
        try (["log": .file(bytes: [UInt8](repeating: 10, count: 60_000_000))] as TreeLiteral).build(in: jail.source)
        let busy = try Command("sh", "-c", "while :; do echo line; done >> '\(jail.source)/log'").start()
        defer { busy.send(9) }
        let outcome = try jail.backup("--json")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.text.contains("\(jail.source)/log"), "\(outcome)")
    }

    /// Holds a write lease on a file, and lets no one have it, until it is killed.
    private func lease(_ file: String) throws -> Running {
        let program = """
            import fcntl, os, signal, sys, time
            signal.signal(signal.SIGIO, signal.SIG_IGN)
            file = os.open(sys.argv[1], os.O_RDWR)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            print("held", flush=True)
            time.sleep(100)
            """
        let holder = try Command("python3", "-c", program, file).start()
        try #require(try eventually { try !holder.outputSoFar().isEmpty })
        return holder
    }

    @Test(.enabled(if: isInstalled("python3"), "needs python3 to hold a lease"))
    func `a leased file keeps its last good copy, is named, and holds nothing up`() throws {
        let jail = try Jail(on: BackupServer())
        try (["leased": "before", "other": "x"] as TreeLiteral).build(in: jail.source)
        try jail.push()
        let (kept, file) = (jail.copy + "/leased", jail.source + "/leased")
        try Command("sh", "-c", "echo after > '\(file)'; echo y > '\(jail.source)/other'").check()
        let holder = try lease(file)
        defer { holder.send(9) }
        // A run that waited for the lease to be broken would have what was written then.
        let outcome = try jail.backup()
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.complaint.contains(file), "\(outcome)")
        #expect(try Command("cat", kept).check().text == "before")
        #expect(try Command("cat", "\(jail.copy)/other").check().text == "y\n")
        holder.send(9)
        _ = try holder.wait(limit: 10)
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
    }

    @Test(.enabled(if: isInstalled("python3"), "needs python3 to hold a lease"))
    func `all names of a leased file keep what they had, and are named`() throws {
        let jail = try Jail(on: BackupServer())
        let tree: TreeLiteral = [
            "a": ["leased": "before"], "b": ["known": .hardLink(to: "a/leased")], "other": "x",
        ]
        try tree.build(in: jail.source)
        try jail.push()
        let changes = "cd '\(jail.source)'; echo after > a/leased; ln a/leased c; ln a/leased b/new; echo y > other"
        try Command("sh", "-c", changes).check()
        let holder = try lease("\(jail.source)/a/leased")
        defer { holder.send(9) }
        let outcome = try jail.backup()
        #expect(outcome.status == 1, "\(outcome)")
        for name in ["a/leased", "b/known", "c", "b/new"] {
            #expect(outcome.complaint.contains("\(jail.source)/\(name): "), "\(name): \(outcome)")
        }
        for name in ["a/leased", "b/known"] {
            #expect(try Command("cat", "\(jail.copy)/\(name)").run().text == "before", "\(name)")
        }
        #expect(try Command("cat", "\(jail.copy)/other").check().text == "y\n")
        holder.send(9)
        _ = try holder.wait(limit: 10)
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
    }

    @Test(.enabled(if: Account.ordinary != nil, "root can read everything"))
    func `what an ordinary user cannot read keeps its last good copy, and is named`() throws {
        let account = try #require(Account.ordinary)
        let jail = try Jail(on: BackupServer(as: account))
        let tree: TreeLiteral = ["closed": ["inside": ["deep": "kept"]], "file": "kept too", "open": "x"]
        try tree.build(in: jail.source)
        try jail.handOver()
        try jail.push()
        let closing = "cd '\(jail.source)'; echo new > file; chmod 0 closed file; echo y > open"
        try Command(account.prefix + ["sh", "-c", closing]).check()
        let outcome = try jail.backup()
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.complaint.contains("\(jail.source)/closed"), "\(outcome)")
        #expect(outcome.complaint.contains("\(jail.source)/file"), "\(outcome)")
        #expect(try Command("cat", "\(jail.copy)/closed/inside/deep").run().text == "kept")
        #expect(try Command("cat", "\(jail.copy)/file").run().text == "kept too")
        #expect(try Command("cat", "\(jail.copy)/open").check().text == "y\n")
        try Command("sh", "-c", "cd '\(jail.source)'; chmod 755 closed; chmod 644 file").check()
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
    }

    @Test func `a fifo without a writer, and a socket, hold nothing up`() throws {
        let jail = try Jail(on: BackupServer())
        try (["fifo": .fifo, "socket": .socket, "after": "x"] as TreeLiteral).build(in: jail.source)
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
    }
}
