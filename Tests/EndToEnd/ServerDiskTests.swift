import Model
import Support
import Testing

/// A jail whose file system has room for what the server's has not: an xfs pushed to an ext4.
@Suite(.enabled(if: LoopFileSystem.isPossible(.xfs, .ext4), "needs root, mkfs.xfs, mkfs.ext4 and loop devices"))
struct `What the server's disk has no place for` {
    private let disk: LoopFileSystem
    private let source: String

    init() throws {
        disk = try LoopFileSystem(.xfs, size: "300M")
        source = "\(disk.path)/source"
        try Command("mkdir", source).check()
    }

    private func onExt4() throws -> LoopFileSystem { try LoopFileSystem(.ext4, size: "64M") }

    /// A jail with the source on the xfs, and its server elsewhere.
    private func jail(onServerIn place: String) throws -> Jail {
        let jail = try Jail(on: BackupServer(in: place))
        jail.source = source
        jail.entries = [source]
        try jail.setReserve("1M")
        return jail
    }

    @Test func `of a directory's attributes is left to the catalog, and the jail is not held up by it`() throws {
        let ext4 = try onExt4()
        let jail = try jail(onServerIn: ext4.path)
        let program = """
            import os, struct, sys
            os.chdir(sys.argv[1])
            os.makedirs("large/below"); open("large/below/file", "w").write("x"); open("file", "w").write("y")
            for path in ["large", "file"]: os.setxattr(path, "user.large", b"v" * 60000)
            entry = lambda tag, name: struct.pack("<HHI", tag, 7, name)
            users = b"".join(entry(2, 1000 + number) for number in range(3000))
            nobody = 0xFFFFFFFF
            acl = struct.pack("<I", 2) + entry(1, nobody) + users + entry(4, nobody) + entry(16, nobody) + entry(32, nobody)
            os.mkdir("listed"); os.setxattr("listed", "system.posix_acl_default", acl)
            """
        try Command("python3", "-c", program, jail.source).check()
        for round in 1...3 {
            let outcome = try jail.backup()
            #expect(outcome.status == 0, "round \(round): \(outcome)")
            #expect(try Command("cat", "\(jail.copy)/large/below/file").run().text == "x")
            #expect(try Command("stat", "-c", "%a", "\(jail.copy)/listed").run().text == "755\n")
            try Command("sh", "-c", "echo \(round) > '\(jail.source)/large/new'; chmod 755 '\(jail.source)/listed'")
                .check()
        }
    }

    @Test(.enabled(if: isInstalled("strace"), "needs strace"))
    func `of a time is no reason to doubt what was staged before a kill`() throws {
        let ext4 = try onExt4()
        let jail = try jail(onServerIn: ext4.path)
        // ext4 ends in 2446, xfs in 2486.
        let future = "touch -h -d 2480-01-01 \"$@\""
        let tree: TreeLiteral = ["late": "x", "link": .symlink("late"), "d": ["late": "y"], "now": "z"]
        try tree.build(in: jail.source)
        try jail.push()
        let changes =
            "cd '\(jail.source)'; echo new | tee late d/late d/more > now; ln -sfn d link; set -- late link d/late"
        try Command("sh", "-c", "\(changes); \(future)").check()
        let plain = jail.settings["receive"] ?? ""
        let trace = jail.scratch["trace"]
        for when in [2, 4] {
            let injected = "inject=/^renameat:signal=SIGKILL:when=\(when)"
            jail.settings["receive"] = "/usr/bin/strace -f -qq -o \(trace) -e trace=/^renameat -e \(injected) \(plain)"
            let outcome = try jail.backup()
            #expect(outcome.status == 69, "\(outcome)")
            let calls = try Command("cat", trace).check().text
            #expect(calls.contains("killed by SIGKILL"), "nothing was killed:\n\(calls)")
            #expect(try jail.waitUntilUnserved())
        }
        jail.settings["receive"] = plain
        try jail.push()
        #expect(try Command("diff", "-r", "--no-dereference", jail.source, jail.copy).run().status == 0)
        jail.settle()
        try jail.push()
        let record = try PushRecord(jail.push("--json"))
        #expect(record["content_bytes"] == 0 && record["left_out"] == 0, "\(record)")
    }

    @Test func `of a file's length is named, and all else arrives`() throws {
        // Four of them are more bytes than a number of 64 bits counts.
        let names = ["1", "2", "3", "4"].map { "\(source)/huge \($0)" }
        for name in names { try Command("truncate", "-s", "9223372036854775807", name).check() }
        try (["before": "x", "later": "y", "z": ["deep": "w"]] as TreeLiteral).build(in: source)
        let ext4 = try onExt4()
        let small = try jail(onServerIn: ext4.path)
        for round in 1...2 {
            let outcome = try small.backup("--json")
            #expect(outcome.status == 1, "round \(round): \(outcome)")
            for name in names { #expect(outcome.complaint.contains("\(name): "), "\(name): \(outcome)") }
            #expect(PushRecord(outcome)["left_out"] == 4, "\(outcome)")
            try expectSameTree(small.source, small.copy, excluding: ["huge*"])
        }
        // A server that has the room takes them, and says how much that is as well as it can.
        let xfs = try LoopFileSystem(.xfs, size: "300M")
        let large = try jail(onServerIn: xfs.path)
        try large.push()
        try expectSameByDescriptor(large.source, large.copy)
        try large.server.server(["nights"]).check()
        try large.server.server(["ls", large.name, "0:\(large.source)"]).check()
        // Its archives are as small as what is in the files, and take no longer.
        let plan = try large.server.server(["restore", large.name, large.source, "--dry-run"]).check().text
        #expect(plan.contains("16 EiB"), "\(plan)")
        let archive = large.scratch["huge.tar"]
        var restore = large.server.server(["restore", large.name, large.source, "--no-hold", "--output", archive])
        restore.limit = 60
        try restore.check()
        #expect(try Command("stat", "-c", "%s", archive).check().text.count <= "100000".count)
        let listed = try Command("tar", "-tvf", archive).check().lines
        #expect(listed.count { $0.contains(" 9223372036854775807 ") } == 4, "\(listed)")
    }
}

/// The server keeps some of its disk free: a push that would pass it ends, and is gone on with when there is room.
@Suite struct `The server's reserve` {
    @Test(.enabled(if: LoopFileSystem.isPossible(.ext4), "needs root, mkfs.ext4 and loop devices"))
    func `ends a push with 75 and loses nothing of it`() throws {
        let disk = try LoopFileSystem(.ext4, size: "64M")
        let jail = try Jail(on: BackupServer(in: disk.path))
        try (["a": "old", "d": ["x": "old"]] as TreeLiteral).build(in: jail.source)
        let before = try jail.remember("before")
        try jail.setReserve("1M")
        try jail.push()
        let fill =
            "cd '\(jail.source)'; echo new > a; for n in 1 2 3 4 5 6 7 8 9; do head -c 1000000 /dev/urandom > d/$n; done"
        try Command("sh", "-c", fill).check()
        jail.settle()

        try jail.setReserve("1T")
        let refused = try jail.backup()
        #expect(refused.status == 75, "\(refused)")
        #expect(refused.complaint.contains("stays free (reserve in server.conf)"), "\(refused)")
        try expectSameTree(before, jail.copy)

        // It is asked each 64 MiB only: somebody else fills the disk meanwhile.
        try jail.setReserve("40M")
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
        let filler = "\(disk.path)/filler"
        try Command("fallocate", "-l", "12M", filler).check()
        try Command("sh", "-c", "echo newer > '\(jail.source)/a'").check()
        let night = try jail.remember("night")
        #expect(try jail.backup().status == 75)
        try Command("rm", filler).check()
        let record = try PushRecord(jail.push("--json"))
        #expect(record.text.contains("\"continued\":true"), "\(record)")
        try expectSameTree(night, jail.copy)
        let pushes = try jail.server.server(["nights", "--pushes", "-ms"]).check().text
        #expect(
            pushes.ranges(of: "|failed|").count == 2 && pushes.contains("stays free (reserve in server.conf)"),
            "\(pushes)")
    }

    @Test(.enabled(if: LoopFileSystem.isPossible(.ext4), "needs root, mkfs.ext4 and loop devices"))
    func `is not spent on a copy of what the server has`() throws {
        let disk = try LoopFileSystem(.ext4, size: "256M")
        let jail = try Jail(on: BackupServer(in: disk.path))
        let file = "\(jail.source)/file"
        try Command("sh", "-c", "head -c 80000000 /dev/urandom > '\(file)'").check()
        try jail.setReserve("1M")
        try jail.push()
        // Another mode is another inode, with the same content.
        try Command("chmod", "600", file).check()
        jail.settle()
        try jail.setReserve("100M")
        let refused = try jail.backup()
        #expect(refused.status == 75 && refused.complaint.contains("stays free"), "\(refused)")
        try jail.setReserve("1M")
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
    }

    @Test(.enabled(if: LoopFileSystem.isPossible(.ext4), "needs root, mkfs.ext4 and loop devices"))
    func `is not needed for a full disk to lose nothing`() throws {
        let disk = try LoopFileSystem(.ext4, size: "32M")
        let jail = try Jail(on: BackupServer(in: disk.path))
        try jail.setReserve("0")
        try (["a": "old"] as TreeLiteral).build(in: jail.source)
        try jail.push()
        let before = try jail.remember("before")
        let fill = "cd '\(jail.source)'; echo new > a; for n in $(seq 20); do head -c 2000000 /dev/urandom > $n; done"
        try Command("sh", "-c", fill).check()
        let full = try jail.backup()
        #expect(full.status == 75, "\(full)")
        try expectSameTree(before, jail.copy)
        // What arrived whole is there; what is gone from the jail makes room.
        try Command("sh", "-c", "cd '\(jail.source)'; rm 1? 20").check()
        let outcome = try jail.backup()
        #expect(outcome.status == 0, "\(outcome)")
        try expectSameTree(jail.source, jail.copy)
    }
}

/// What looks like an empty data root is an unmounted disk.
@Suite struct `A data root without its marker` {
    @Test func `is refused by all, and nothing is made in it`() throws {
        let jail = try Jail(on: BackupServer())
        try (["file": "x"] as TreeLiteral).build(in: jail.source)
        let data = jail.server.data
        try Command("mv", data, "\(data).mounted elsewhere").check()
        try Command("mkdir", "-m", "700", data).check()
        let push = try jail.backup()
        #expect(push.status == 78 && push.complaint.contains("is its disk mounted?"), "\(push)")
        let receive = try Command(jail.server.receive(jail.name)).run()
        #expect(receive.status == 78, "\(receive)")
        for words in [["enroll", "another"], ["nights"], ["ls", jail.name, "0"]] {
            let outcome = try jail.server.server(words).run()
            #expect(outcome.status == 78 && outcome.complaint.contains("is its disk mounted?"), "\(words): \(outcome)")
        }
        #expect(try Command("find", data, "-mindepth", "1").check().output.isEmpty)
        try Command("rm", "-r", data).check()
        #expect(try Command(jail.server.receive(jail.name)).run().status == 78)
        #expect(try jail.server.server(["enroll", "another"]).run().status == 78)
        #expect(try Command("test", "-e", data).run().status != 0, "it was made")
        try Command("mv", "\(data).mounted elsewhere", data).check()
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
    }
}
