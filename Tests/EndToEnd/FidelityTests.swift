import Model
import Support
import Testing

extension Tag {
    /// Takes more than ten seconds.
    @Tag static var slow: Self
}

/// What arrives is what stood there, by the word of stock rsync and of a comparison through descriptors.
@Suite struct `Every night is a true copy` {
    private func jail(_ account: Account) throws -> Jail { try Jail(on: BackupServer(as: account)) }

    private func expectTrueCopy(_ jail: Jail, excluding: [String] = []) throws {
        try expectSameTree(jail.source, jail.copy, excluding: excluding)
        try expectSameByDescriptor(jail.source, jail.copy)
    }

    @Test(arguments: Account.available) func `of a small tree`(account: Account) throws {
        let jail = try jail(account)
        let tree: TreeLiteral = [
            "file": TreeNode.file("content").mode(0o640).modified(1_234_567_890, 987_654_321),
            "directory": TreeNode.directory(["deeper": ["file": "below"]]).modified(5, 6),
            "link": .hardLink(to: "file"),
            "symlink": TreeNode.symlink("nowhere").modified(7, 8), "fifo": .fifo, "empty": [:],
        ]
        try tree.build(in: jail.source)
        try jail.handOver()
        let outcome = try jail.push()
        #expect(outcome.output.isEmpty && outcome.errors.isEmpty, "a push is silent: \(outcome)")
        try expectTrueCopy(jail)
    }

    @Test func `of the torture tree`() throws {
        let jail = try jail(.current)
        try TortureTree().build(in: jail.source)
        try jail.push()
        try expectTrueCopy(jail, excluding: TortureTree.beyondRsync)
    }

    @Test(.enabled(if: Account.other != nil, "needs root to build what another user then backs up"))
    func `of the torture tree as an ordinary user, but for what only root may set`() throws {
        let jail = try jail(try #require(Account.other))
        try TortureTree().build(in: jail.source)
        try Command("rm", "-rf", "\(jail.source)/root").check()
        try Command("chmod", "u+r", "\(jail.source)/modes/write only").check()
        try jail.handOver()
        try jail.push()
        try expectTrueCopy(jail, excluding: TortureTree.beyondRsync)
    }

    @Test(arguments: [DeepTree.longNames, DeepTree.manyLevels])
    func `of paths beyond PATH_MAX`(deep: DeepTree) throws {
        let jail = try jail(.current)
        try deep.build(in: jail.source)
        try jail.push()
        try expectSameByDescriptor(jail.source, jail.copy)
        // Thousands of levels are moved in half a minute, for every one is a walk for the kernel's path rules.
        guard deep.levels < 100 else { return }
        try Command("sh", "-c", "cd '\(jail.source)' && mv * moved").check()
        try jail.push()
        try expectSameByDescriptor(jail.source, jail.copy)
    }

    @Test func `with hard links across entries, and the parents' real owner and mode`() throws {
        let jail = try jail(.current)
        let tree: TreeLiteral = [
            "a": TreeNode.directory(["one": ["file": "shared"]]).mode(0o751).modified(11, 12), "b": ["two": [:]],
        ]
        try tree.build(in: jail.source)
        try Command("ln", "\(jail.source)/a/one/file", "\(jail.source)/b/two/same").check()
        if testsRunAsRoot { try Command("chown", "12:34", "\(jail.source)/b").check() }
        jail.entries = ["\(jail.source)/a/one", "\(jail.source)/b/two"]
        try jail.push()
        try expectTrueCopy(jail)
    }

    @Test func `of hard links whose other names lie in a directory that moved`() throws {
        let jail = try jail(.current)
        try (["a": ["one": "shared", "x": ""], "b": ["two": .hardLink(to: "a/one")]] as TreeLiteral).build(
            in: jail.source)
        jail.settle()
        try jail.push()
        // Moving a directory changes nothing about the files in it: their stamps are as they were.
        try Command("mv", "\(jail.source)/a", "\(jail.source)/moved").check()
        try jail.push()
        try expectTrueCopy(jail)
    }

    @Test(.tags(.slow))
    func `of a file with more names than two nights may give to one inode`() throws {
        let jail = try jail(.current)
        let program = """
            import os, sys
            os.chdir(sys.argv[1])
            open("0", "w").write("shared")
            for number in range(1, 33000): os.link("0", str(number))
            """
        try Command("python3", "-c", program, jail.source).check()
        // With a copy of its own for the second, each night has one inode for all names, those that are new too.
        for change in ["echo first > other", "echo second > other", "echo third > other; ln 1 further"] {
            try Command("sh", "-c", "cd '\(jail.source)'; \(change)").check()
            try jail.push()
            try expectTrueCopy(jail)
        }
    }

    @Test(arguments: Account.available) func `of attributes of a file that no one may write`(account: Account) throws {
        let jail = try jail(account)
        let tree: TreeLiteral = [
            "read only": TreeNode.file("x").attribute("user.kept", "yes").mode(0o444),
            "listed": TreeNode.file("x").access("u:1234:r").mode(0o444),
            "closed": TreeNode.directory(["x": "y"]).attribute("user.on", "a directory").mode(0o555),
        ]
        try tree.build(in: jail.source)
        try jail.handOver()
        try jail.push()
        try expectTrueCopy(jail)
    }

    @Test(arguments: ["/etc", "/usr/share/doc"], Account.available)
    func `of a real directory of this machine`(entry: String, account: Account) throws {
        let jail = try jail(account)
        jail.entries = [entry]
        let outcome = try jail.backup()
        if account.identifier == 0 {
            #expect(outcome.status == 0, "\(outcome)")
            try expectSameTree(entry, jail.newest + entry)
        } else {
            // Another user cannot read all of it, nor give files away; the content of what it can read is there.
            #expect([0, 1].contains(outcome.status), "\(outcome)")
            let part = entry == "/etc" ? "/etc/apt" : "/usr/share/doc/tzdata"
            let diff = try Command("diff", "-r", "--no-dereference", part, jail.newest + part).run()
            #expect(diff.status == 0, "\(diff)")
        }
    }
}

/// Rounds of random changes, as root with owners and devices, else without.
@Suite struct `Night after night` {
    @Test(.tags(.slow), arguments: Account.available)
    func `a dozen rounds of random changes arrive, and alter no copy of an earlier night`(account: Account) throws {
        let jail = try Jail(on: BackupServer(as: account))
        try TortureTree().build(in: jail.source)
        try Command("rm", "-rf", "\(jail.source)/holes/tebibyte").check()
        if !account.prefix.isEmpty {
            try Command("rm", "-rf", "\(jail.source)/root").check()
            try Command("chmod", "u+r", "\(jail.source)/modes/write only").check()
        }
        try jail.handOver()
        var changes = RandomChanges(seed: UInt64.random(in: 0..<1_000_000), in: jail.source)
        changes.keepsToUser = account.identifier != 0
        var nights: [(kept: String, then: String)] = []
        for round in 1...12 {
            try changes.makeRound()
            try jail.handOver()
            let outcome = try jail.backup()
            #expect(outcome.status == 0, "round \(round) of seed \(changes.seed): \(outcome)")
            // What is wrong now will be wrong in each later round.
            guard try expectSameTree(jail.source, jail.copy), try expectSameByDescriptor(jail.source, jail.copy) else {
                break
            }
            let kept = "\(jail.server.data)/kept-\(round)"
            try Command("cp", "-al", jail.newest, kept).check()
            nights.append((kept + jail.source, try jail.remember("then-\(round)")))
        }
        for night in nights {
            try expectSameTree(night.then, night.kept)
            try expectSameByDescriptor(night.then, night.kept)
        }
    }
}
