import Glibc
import Support
import Testing

/// Content that changed under the file system's feet: the same inode, size and times, and other bytes.
@Suite(.enabled(if: LoopFileSystem.isPossible(.ext4), "needs to mount an ext4")) struct `Silent damage` {
    private let scene: SecureScene
    // Where no other test makes or removes anything, so that the directories above it do not change either.
    private let place: Scratch
    private let disk: LoopFileSystem
    private var jail: Jail { scene.jail }

    init() throws {
        scene = try SecureScene()
        place = try Scratch("verify", in: "/var/tmp")
        scene.jail.source = try place.directory("source")
        scene.jail.entries = [scene.jail.source]
        disk = try LoopFileSystem(.ext4, size: "32M", on: scene.jail.source)
    }

    /// Eight directories with three files each, one of them with two names, pushed when all had settled.
    private func lay(_ share: String? = nil) throws {
        let script = """
            cd '\(jail.source)'
            for d in 1 2 3 4 5 6 7 8; do
                mkdir dir$d
                for f in 1 2 3; do echo "file $f of directory $d" > dir$d/f$f; done
            done
            head -c 300000 /dev/zero | tr '\\0' z > dir4/large
            echo 'the very marrow of it' >> dir4/large
            echo 'a precious word' > dir2/precious
            ln dir2/precious dir7/same
            """
        try Command("sh", "-ec", script).check()
        jail.settings["verify-share"] = share
        jail.settle()
        try jail.push()
    }

    private func damage() throws {
        #expect(try disk.damage("a precious word", into: "a corrupt word!") == 1)
        #expect(try disk.damage("the very marrow of it", into: "the very harrow of it") == 1)
    }

    /// What a push says of it.
    private func findings(_ outcome: Command.Outcome) -> [Substring] {
        outcome.complaint.split(separator: "\n").filter { $0.contains("changed without a trace") }
    }

    @Test func `is not seen by a push, and is by one with --checksum, which past nights survive`() throws {
        try lay()
        let then = try jail.remember("then")
        try jail.server.server(["housekeep", "--force", jail.name]).check()
        try damage()
        let plain = try jail.push("--json")
        #expect(findings(plain).isEmpty && PushRecord(plain)["verified_files"] == 0, "\(plain)")
        try expectSameTree(then, jail.copy)

        let checked = try jail.push("--checksum", "--json", "-v")
        #expect(findings(checked).count == 2, "\(checked)")
        for name in ["dir2/precious", "dir4/large"] {
            #expect(findings(checked).contains { $0.contains("warning: \(jail.source)/\(name): ") }, "\(checked)")
        }
        let record = PushRecord(checked)
        // A file with two names is read once.
        #expect(record["verified_files"] == 26 && record["notes"] == 2 && record["exit_status"] == 0, "\(record)")
        #expect(record["changed"] == 3, "\(record)")
        #expect(checked.complaint.contains("26 files compared by digest, "), "\(checked)")
        try expectSameTree(jail.source, jail.copy)
        try expectSameTree(then, "\(jail.server.data)/\(jail.name)/1\(jail.source)")
        let noted = try jail.server.server(["nights", "--pushes", "--json", jail.name]).check()
        let newest = try #require(noted.lines.first)
        #expect(newest.contains("dir2/precious") && newest.contains("changed without a trace"), "\(newest)")

        let again = try jail.push("--checksum", "--json")
        #expect(findings(again).isEmpty && PushRecord(again)["changed"] == 0, "\(again)")
    }

    @Test(arguments: [false, true])
    func `is found by a share of one of four within four nights, each file being read in one of them`(
        hasHints: Bool
    ) throws {
        try lay("1/4")
        try damage()
        // Of a directory in which nothing happened.
        let options = hasHints ? ["--changed=\(try jail.scratch.write("list", "\(jail.source)/dir1\n"))"] : []
        var (found, read) = (0, 0)
        for _ in 0..<4 {
            let outcome = try jail.command(["--json"] + options).check()
            #expect(outcome.text.contains(#""partial":\#(hasHints)"#), "\(outcome)")
            found += findings(outcome).count
            read += PushRecord(outcome)["verified_files"] ?? 0
        }
        #expect(found == 2)
        // Each name of what has two lies in a directory of its own night.
        #expect((26...27).contains(read), "\(read) files were read")
        try expectSameTree(jail.source, jail.copy)
    }

    @Test func `in what is verified leaves a push that finds nothing without a change`() throws {
        try lay("1")
        let before = try Command("stat", "-c", "%i", jail.newest).check().text
        let record = PushRecord(try jail.push("--json"))
        #expect(record["verified_files"] == 26 && record["changed"] == 0 && record["content_bytes"] == 0, "\(record)")
        // Not even the tree was exchanged.
        #expect(try Command("stat", "-c", "%i", jail.newest).check().text == before)
    }
}
