import Support
import Testing

/// What a restore says of damage, and what it leaves behind when it fails.
@Suite struct `A restore of damaged nights` {
    private let scene: RestoreScene
    private let root: String

    /// Three nights: the file `changed` has another state in each two, `same` never changed.
    init() throws {
        scene = try RestoreScene()
        try scene.makeEntry(
            "home", of: "col00214",
            "echo same > same; echo same > cut; echo same > gone; echo old > changed; head -c 3000000 /dev/urandom > large; ln large again"
        )
        root = scene.root("col00214")
        try scene.live(daysBefore: 2)
        try scene.live(daysBefore: 1)
        try Command("sh", "-c", "echo new > '\(root)/home/changed'").check()
        try scene.live(daysBefore: 0)
    }

    private func night(_ number: Int) -> String { "\(scene.jail.server.data)/\(scene.jail.name)/\(number)\(root)/home" }

    private func exists(_ path: String) throws -> Bool { try Command("test", "-e", path).run().status == 0 }

    @Test func `names each file and where a good copy is, and leaves no archive`() throws {
        try Command(
            "sh", "-ec",
            """
            cd '\(night(0))'
            printf X | dd of=same conv=notrunc status=none
            printf X | dd of=changed conv=notrunc status=none
            printf X | dd of=large bs=1 seek=2000000 conv=notrunc status=none
            truncate -s 2 cut; rm gone
            """
        ).check()
        let output = scene.jail.scratch["out.tar.gz"]
        let outcome = try scene.restore("col00214", "--output", output).run()
        #expect(outcome.status == 65 && outcome.output.isEmpty, "\(outcome)")
        for line in [
            "\(root)/home/same: damaged: its content is not what it was; no other night has a good copy",
            "\(root)/home/changed: damaged: its content is not what it was; a good copy is to be had with --night: 2, 3",
            "\(root)/home/again: damaged: its content is not what it was; no other night has a good copy",
            "\(root)/home/cut: damaged: it has 2 bytes, not 5; no other night has a good copy",
            // The name is gone from night 0 alone.
            "a good copy is to be had with --night: 1, 2, 3",
        ] { #expect(outcome.complaint.contains(line), "\(line)\n\(outcome)") }
        #expect(try !exists(output))
        try scene.restore("col00214", "home/changed", "--night", "2", "--output", output).check()
    }

    @Test func `keeps the archive where that is asked for, with what there is`() throws {
        try Command("sh", "-ec", "cd '\(night(0))'; truncate -s 2 cut; rm gone").check()
        let output = scene.jail.scratch["out.tar.gz"]
        let outcome = try scene.restore("col00214", "--output", output, "--damaged").run()
        #expect(outcome.status == 65 && outcome.text.contains("2 of the files were damaged"), "\(outcome)")
        let copy = try scene.unpack(output)
        #expect(
            try Command("od", "-An", "-c", "\(copy)/home/cut").check().text.split(separator: " ").joined()
                == "sa\\0\\0\\0\n")
        #expect(try !exists("\(copy)/home/gone") && exists("\(copy)/home/large"))
        let json = try scene.restore("col00214", "--output", "\(output).2", "--json").run()
        #expect(json.status == 65 && json.lines.count == 1, "\(json)")
        #expect(json.text.contains(#""damaged_count":2"#) && json.text.contains(#""good_nights":[1,2,3]"#), "\(json)")
        #expect(json.text.contains(#""path":null"#), "\(json)")
    }

    @Test func `takes another name of a file where the first is gone`() throws {
        try Command("rm", "\(night(0))/again").check()
        let output = scene.jail.scratch["out.tar.gz"]
        let outcome = try scene.restore("col00214", "--output", output, "--damaged").run()
        #expect(outcome.status == 65 && outcome.complaint.contains("/home/again: damaged: "), "\(outcome)")
        let copy = try scene.unpack(output)
        try Command("cmp", "\(root)/home/large", "\(copy)/home/large").check()
        #expect(try !exists("\(copy)/home/again"))
    }

    @Test func `never writes over anything, and leaves nothing of an archive that failed`() throws {
        let output = try scene.jail.scratch.write("out.tar.gz", "mine")
        try Command("ln", "-s", "nowhere", scene.jail.scratch["link"]).check()
        for place in [output, scene.jail.scratch["link"], "/nonexistent/x", "\(output)/x"] {
            let outcome = try scene.restore("col00214", "--output", place).run()
            #expect(outcome.status == 73, "\(place): \(outcome)")
        }
        #expect(try Command("cat", output).check().text == "mine")
        #expect(try !exists(scene.jail.scratch["nowhere"]))
    }

    @Test(.enabled(if: LoopFileSystem.isPossible(.ext4), "needs root and loop devices"))
    func `ends in 75 on a full disk, with nothing left on it`() throws {
        let disk = try LoopFileSystem(.ext4, size: "4M")
        let outcome = try scene.restore("col00214", "--output", "\(disk.path)/out.tar.gz").run()
        #expect(outcome.status == 75, "\(outcome)")
        #expect(try Command("ls", disk.path).check().lines == ["lost+found"])
    }
}

/// That what is restored is kept.
@Suite struct `A restore's hold` {
    private let scene: RestoreScene

    init() throws {
        scene = try RestoreScene()
        try scene.makeEntry("home", of: "col00214", "echo mine > f")
        try scene.makeEntry("home", of: "col00300", "echo other > f")
        try scene.live(daysBefore: 0)
    }

    /// `NAME:PATH UNTIL` of each hold.
    private func holds() throws -> [String] {
        try scene.jail.server.server(["nights", scene.jail.name, "-ms"]).check().lines.compactMap { line in
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
            return fields[1].isEmpty ? "\(fields[6]):\(fields[12]) \(fields[11])" : nil
        }
    }

    private func restore(_ words: String...) throws -> Command.Outcome {
        try scene.restore(words + ["--output", "-"]).run()
    }

    @Test func `is of the customer's root for a fortnight, and is prolonged the next time`() throws {
        let root = scene.root("col00214")
        #expect(try restore("col00214", "home/f", "--now", "@1000000000").status == 0)
        #expect(try holds() == ["restore-col00214-2001-09-09:\(root) 2001-09-23T01:46:40Z"])
        #expect(try restore("col00214", "--now", "@1000086400", "--hold", "20").status == 0)
        #expect(try holds() == ["restore-col00214-2001-09-09:\(root) 2001-09-30T01:46:40Z"])
        // Never shortened.
        #expect(try restore("col00214", "--now", "@1000086400", "--hold", "1").status == 0)
        #expect(try holds() == ["restore-col00214-2001-09-09:\(root) 2001-09-30T01:46:40Z"])
        #expect(try restore("/\(root)/home/f", "--now", "@1000000000").status == 0)
        #expect(
            try holds() == [
                "restore-2001-09-09:\(root)/home/f 2001-09-23T01:46:40Z",
                "restore-col00214-2001-09-09:\(root) 2001-09-30T01:46:40Z",
            ])
        #expect(try restore("col00300", "--no-hold").status == 0)
        #expect(try holds().count == 2)
    }

    @Test func `keeps what it holds for another restore when the night is long gone`() throws {
        #expect(try restore("col00214", "--now", "@1000000000").status == 0)
        for day in 1...8 {
            try Command("sh", "-c", "echo \(day) > '\(scene.root("col00214"))/home/f'").check()
            try scene.live(daysBefore: -day)
        }
        let outcome = try scene.restore(
            "col00214", "--night", "@1", "--format", "tar", "--output", "-", "--now", "@1001000000"
        ).run()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try Command("grep", "-c", "mine", "-").with(input: outcome.output).check().text == "1\n")
        #expect(try holds().map { $0.suffix(20) } == ["2001-10-04T15:33:20Z"])
        let refused = try restore("col00300", "--night", "@1")
        #expect(refused.status == 1 && refused.complaint.contains("no night has generation 1"), "\(refused)")
    }

    @Test func `that cannot be had while another is being made keeps nobody from his files`() throws {
        let lock = "\(scene.jail.server.data)/\(scene.jail.name)/.nightjar/lock"
        let other = "printf 'housekeeping: restore' > '\(lock)'; exec flock '\(lock)' sleep 30"
        let holding = try Command("sh", "-c", other).start()
        #expect(try eventually { try Command("flock", "-n", lock, "true").run().status != 0 })
        let outcome = try restore("col00214")
        holding.send(15)
        #expect(outcome.status == 1 && outcome.complaint.contains("the night is not held"), "\(outcome)")
        #expect(outcome.output.count > 50)
        #expect(try holds().isEmpty)
    }
}

extension Command {
    fileprivate func with(input: [UInt8]) -> Command {
        var command = self
        command.input = input
        return command
    }
}
