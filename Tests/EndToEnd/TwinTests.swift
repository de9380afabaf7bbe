import Glibc
import Model
import Support
import Testing

/// The same numbers of inodes, the same times: two mounts of one image. What are two files on the jail must not become
/// one on the server, however alike they are.
@Suite(.serialized, .enabled(if: LoopFileSystem.isPossible(.ext4), "needs root, and loop devices"))
struct `Two file systems with equal inodes` {
    private let jail: Jail
    private let image: Scratch
    private let mounts: Mounts

    /// Mounted below the source; unmounted with the last reference.
    private final class Mounts {
        var paths: [String] = []

        deinit { for path in paths { _ = try? Command("umount", "-l", path).run() } }
    }

    init() throws {
        jail = try Jail(on: BackupServer())
        image = try Scratch("image")
        mounts = Mounts()
        try makeImage(image["image"], "ext4", size: "16M")
        let point = try image.directory("point")
        try Command("mount", "-o", "loop", image["image"], point).check()
        defer { _ = try? Command("umount", point).run() }
        let tree = """
            cd "$0"; rmdir lost+found; mkdir -p d/deep e; for i in 1 2 3; do head -c ${i}0000 /dev/urandom > d/$i; done
            echo x > d/deep/x; ln -s x d/deep/to; mkfifo d/fifo
            head -c 5000 /dev/urandom > d/twice; ln d/twice e/again; echo outside > e/half; ln e/half half
            """
        try Command("sh", "-ec", tree, point).check()
        jail.settle()
    }

    private func mount(_ name: String) throws {
        let copy = image["copy-\(name)"]
        if access(copy, F_OK) != 0 { try Command("cp", image["image"], copy).check() }
        try Command("mkdir", "-p", "\(jail.source)/\(name)").check()
        try Command("mount", "-o", "loop,noatime", copy, "\(jail.source)/\(name)").check()
        mounts.paths.append("\(jail.source)/\(name)")
    }

    private func unmount(_ name: String) throws {
        try Command("umount", "\(jail.source)/\(name)").check()
        mounts.paths.removeAll { $0 == "\(jail.source)/\(name)" }
    }

    private func push() throws -> PushRecord {
        let record = try PushRecord(jail.push("--json"))
        try expectSameTree(jail.source, jail.copy)
        try expectSameByDescriptor(jail.source, jail.copy)
        return record
    }

    private func inode(_ name: String) throws -> String {
        try Command("stat", "-c", "%i", "\(jail.copy)/\(name)").check().text
    }

    private func change(_ script: String) throws {
        try Command("bash", "-ec", "cd '\(jail.source)'; \(script)").check()
        jail.settle()
    }

    @Test func `are two, where the second comes later, and stay two when one changes`() throws {
        try mount("a")
        _ = try push()
        try mount("b")
        #expect(try push()["content_bytes"] == 0, "what is alike need not be sent")
        for name in ["d/1", "d/deep/x", "d/deep/to", "d/fifo", "d/twice", "e/half"] {
            #expect(try inode("a/\(name)") != inode("b/\(name)"), "\(name)")
        }
        try change("echo more >> b/d/1; chmod 600 b/d/twice")
        _ = try push()
        try change("mv a/d/1 a/d/one; mv b/d/2 b/d/two; mv b/e b/e2; touch a/e/half")
        _ = try push()
    }

    @Test func `are two, where the first moved and the second came at once`() throws {
        try mount("a")
        _ = try push()
        try unmount("a")
        try change("rmdir a")
        try mount("b")
        try mount("c")
        #expect(try push()["content_bytes"] == 0)
        #expect(try inode("b/d/1") != inode("c/d/1"))
    }

    @Test(.enabled(if: isInstalled("strace"), "needs strace"), arguments: [1, 3, 6])
    func `are two, where the push was cut while that was seen to`(moment: Int) throws {
        try mount("a")
        _ = try push()
        try mount("b")
        let plain = jail.settings["receive"] ?? ""
        let injection = "-e trace=copy_file_range -e inject=copy_file_range:signal=KILL:when=\(moment)"
        jail.settings["receive"] = "/usr/bin/strace -f -qq -o \(image["trace"]) \(injection) \(plain)"
        #expect(try jail.backup().status != 0)
        jail.settings["receive"] = plain
        #expect(try push()["content_bytes"] == 0)
        #expect(try inode("a/d/1") != inode("b/d/1"))
    }

    @Test func `are two, where names of a file with several moved and others did not`() throws {
        try mount("a")
        _ = try push()
        try mount("b")
        _ = try push()
        // A directory moves on each, of which no file is listed with a new stamp.
        try change("mv a/e a/e2; mv b/e b/e3")
        #expect(try push()["content_bytes"] == 0)
        try change("mv a/e2 a/e4; rm b/e3/again")
        _ = try push()
    }
}
