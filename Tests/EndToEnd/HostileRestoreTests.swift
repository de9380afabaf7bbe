import Glibc
import Support
import Testing

/// What a customer may do to his root before and while something of his is restored into it, and what may befall the
/// agent: Tests/Placing has more of it, without the wire.
@Suite(.enabled(if: SSHServer.program != nil)) struct `Restoring into a hostile root` {
    private let scene: CustomerScene
    private var jail: Jail { scene.jail }
    private var outside: String { jail.scratch["outside"] }

    init() throws {
        scene = try CustomerScene()
        try scene.makeEntry("usr", of: "col1", "head -c 40000000 /dev/urandom > large; echo x > small")
        try jail.push()
        try Command("mkdir", "-p", jail.scratch["outside/directory"]).check()
        try jail.scratch.write("outside/secret", "secret")
    }

    private func state(_ path: String) throws -> String {
        try Command(
            "sh", "-c", "find '\(path)' -xdev -printf '%p %y %s %m %l\\n' | sort; cat '\(path)'/secret 2>/dev/null"
        ).run().text
    }

    /// Where the archive of a small file would go.
    private func name() throws -> String {
        #expect(try scene.restore("col1", "usr/small", "--no-hold").status == 0)
        let name = try #require(try scene.archives("col1").first)
        try scene.sh("col1", "rm restore-*")
        return String(name)
    }

    @Test(
        arguments: [
            "ln -s OUTSIDE/secret NAME", "ln -s OUTSIDE/new NAME", "ln -s OUTSIDE/directory NAME", "mkdir NAME",
            "mkfifo NAME", "ln OUTSIDE/secret NAME", "echo mine > NAME",
        ])
    func `what stands under the archive's name is neither followed nor replaced`(_ script: String) throws {
        let name = try name()
        try scene.sh("col1", script.replacing("OUTSIDE", with: outside).replacing("NAME", with: name))
        let (before, around) = (try state("\(scene.root("col1"))/\(name)"), try state(outside))
        let outcome = try scene.restore("col1", "usr/small")
        #expect(outcome.status == 0 && outcome.text.contains("-2.tar.gz"), "\(outcome)")
        #expect(try state("\(scene.root("col1"))/\(name)") == before && state(outside) == around)
        #expect(try scene.archives("col1").count == 2)
    }

    @Test func `an archive is root's alone, whatever umask and ACLs would give it`() throws {
        try scene.sh("col1", "chmod 2777 .; setfacl -d -m u:1000:rwx,g::rwx,o::rwx .")
        let restore = try scene.nightjar(["restore", "col1", "usr/small", "--no-hold"])
        var open = Command([Array("sh".utf8), Array("-c".utf8), Array("umask 0; exec \"$@\"".utf8), Array("sh".utf8)])
        open.arguments += restore.arguments
        open.environment = restore.environment
        try open.check()
        let name = try #require(try scene.archives("col1").first)
        #expect(try scene.sh("col1", "stat -c '%F %a %u %h' \(name)") == "regular file 600 \(getuid()) 1\n")
    }

    @Test(
        arguments: [
            ("mv ROOT ROOT.old; ln -s OUTSIDE/directory ROOT", "is a symlink"),
            ("mv ROOT ROOT.old; ln -s ROOT.old ROOT", "is a symlink"), ("mv ROOT ROOT.old", "No such file"),
            ("mv ROOT ROOT.old; echo x > ROOT", "Not a directory"),
            ("mv MNT MNT.old; ln -s MNT.old MNT", "is a symlink"),
        ])
    func `a root that is none is refused before anything is asked for`(_ script: String, _ words: String) throws {
        try run(script)
        let before = try state(jail.scratch.path)
        let outcome = try scene.restore("col1")
        #expect(outcome.status == 73 && outcome.complaint.contains(words) && outcome.output.isEmpty, "\(outcome)")
        #expect(outcome.complaint.contains("; --into or --output has the archive elsewhere"), "\(outcome)")
        #expect(try state(jail.scratch.path) == before)
    }

    private func run(_ script: String) throws {
        let script = script.replacing("ROOT", with: scene.root("col1")).replacing("OUTSIDE", with: outside)
            .replacing("MNT", with: jail.scratch["mnt"])
        try Command("sh", "-ec", script).check()
    }

    /// Starts a restore, and holds it still once the archive has begun to come.
    private func begin(_ words: [String] = []) throws -> Running {
        let running = try scene.nightjar(["restore", "col1", "--no-hold"] + words).start()
        let isThere = try eventually {
            guard try CustomerScene.holdsUnnamed(running.process, below: scene.root("col1")) else { return false }
            running.send(SIGSTOP)
            return true
        }
        #expect(isThere)
        return running
    }

    @Test(
        arguments: [
            "mv ROOT ROOT.old; ln -s OUTSIDE/directory ROOT", "mv ROOT ROOT.old; ln -s ROOT.old ROOT",
            "mv ROOT ROOT.old; mkdir ROOT", "mv ROOT OUTSIDE/stolen", "mv MNT MNT.old; ln -s MNT.old MNT",
        ])
    func `a root that becomes another while the archive comes gets none, and nor does the other`(_ script: String)
        throws
    {
        let running = try begin()
        try run(script)
        let before = try state(jail.scratch.path)
        running.send(SIGCONT)
        let outcome = try running.wait(limit: 60)
        #expect(outcome.status == 73 && outcome.complaint.contains("was moved or replaced"), "\(outcome)")
        #expect(outcome.output.isEmpty)
        #expect(try state(jail.scratch.path) == before)
    }

    @Test(arguments: [SIGKILL, SIGTERM, SIGINT])
    func `an agent that is ended leaves nothing in the root`(_ signal: Int32) throws {
        let running = try begin()
        running.send(signal)
        running.send(SIGCONT)
        let outcome = try running.wait(limit: 60)
        #expect(signal == SIGKILL ? outcome.signal == SIGKILL : outcome.status == 75, "\(outcome)")
        #expect(try scene.names("col1") == ["usr"])
        #expect(try jail.waitUntilUnserved())
    }

    @Test func `a server that dies in the middle leaves nothing in the root`() throws {
        let running = try begin()
        for process in try jail.receivers() { kill(process, SIGKILL) }
        running.send(SIGCONT)
        let outcome = try running.wait(limit: 60)
        #expect(outcome.status == 69, "\(outcome)")
        #expect(try scene.names("col1") == ["usr"])
    }

    @Test(.enabled(if: LoopFileSystem.isPossible(.ext4)))
    func `a full disk, or a read-only one, is told, and nothing is left on it`() throws {
        let root = scene.root("col1")
        let disk = try LoopFileSystem(.ext4, size: "20M", on: root)
        let full = try scene.restore("col1")
        #expect(full.status == 75 && full.complaint.contains("the archive outgrows the"), "\(full)")
        try Command("mount", "-o", "remount,ro", disk.path).check()
        let locked = try scene.restore("col1", "usr/small")
        #expect(locked.status == 73 && locked.complaint.contains("Read-only file system"), "\(locked)")
        #expect(try scene.names("col1") == ["lost+found"])
    }

    @Test(.enabled(if: HungMount.isPossible))
    func `a root on a file system that hangs is given up, and said to hang`() throws {
        let hung = try HungMount(on: scene.root("col1"))
        jail.settings["hang_after"] = "1s"
        let outcome = try scene.restore("col1", "usr/small")
        #expect(outcome.status == 74 && outcome.complaint.contains("has not answered for 1 seconds"), "\(outcome)")
        #expect(hung.path == scene.root("col1"))
    }
}
