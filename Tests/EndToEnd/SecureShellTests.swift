import Glibc
import Model
import Support
import Testing

/// The whole way: agent, libssh, a real sshd, the forced command that `enroll` printed.
@Suite(.enabled(if: SSHServer.program != nil, "needs sshd")) struct `Over a real sshd` {
    @Test func `a night and the next arrive`() throws {
        let scene = try SecureScene()
        try TortureTree().build(in: scene.jail.source)
        try scene.jail.push()
        try expectSameTree(scene.jail.source, scene.copy, excluding: TortureTree.beyondRsync)
        try expectSameByDescriptor(scene.jail.source, scene.copy)
        try Command("rm", "-rf", "\(scene.jail.source)/holes").check()
        var changes = RandomChanges(seed: 5, in: scene.jail.source)
        try changes.makeRound()
        try scene.jail.push()
        try expectSameTree(scene.jail.source, scene.copy)
    }

    @Test func `an unknown host key is refused with its fingerprint, before anything is sent`() throws {
        let scene = try SecureScene()
        try scene.shell.rewriteKnownHosts("")
        let outcome = try scene.jail.backup()
        #expect(outcome.status == 69, "\(outcome)")
        #expect(outcome.complaint.contains("SHA256:"), "\(outcome)")
    }

    @Test func `a changed host key is refused`() throws {
        let scene = try SecureScene()
        let other = try scene.shell.makeKey("other")
        let key = try Command("cat", "\(other).pub").check().text
        try scene.shell.rewriteKnownHosts("[127.0.0.1]:\(scene.shell.port) \(key)")
        let outcome = try scene.jail.backup()
        #expect(outcome.status == 69, "\(outcome)")
        #expect(outcome.complaint.contains("SHA256:"), "\(outcome)")
    }

    @Test func `a key that the server does not know ends in 69`() throws {
        let scene = try SecureScene()
        scene.jail.settings["identity"] = try scene.shell.makeKey("stranger")
        let outcome = try scene.jail.backup()
        #expect(outcome.status == 69, "\(outcome)")
    }

    @Test func `a receiver that cannot start says why, once`() throws {
        let scene = try SecureScene()
        try Command("rm", "\(scene.jail.server.data)/.nightjar-data").check()
        try scene.jail.scratch.write("backup.config", scene.jail.configText)
        for words in [["backup"], ["check", "-m"]] {
            let outcome = try scene.jail.agent(words + ["--config", scene.jail.config]).run()
            #expect(outcome.status == 78, "\(outcome)")
            let said = (outcome.text + outcome.complaint).ranges(of: "is no data root").count
            #expect(said == 1, "\(outcome)")
        }
    }

    @Test func `receive= beside a forced command is refused with what to do`() throws {
        let scene = try SecureScene()
        scene.jail.settings["receive"] = "/usr/local/bin/nightjar-receive --data /data jail"
        let outcome = try scene.jail.backup()
        #expect(outcome.status == 69, "\(outcome)")
        #expect(outcome.complaint.contains("if the jail's config says receive="), "\(outcome)")
    }

    @Test func `a server that is down ends in 69`() throws {
        let scene = try SecureScene()
        scene.shell.stop()
        let outcome = try scene.jail.backup()
        #expect(outcome.status == 69, "\(outcome)")
        #expect(outcome.complaint.contains("\(scene.shell.port)"), "\(outcome)")
    }

    @Test func `a jail's key gives no shell and no other jail`() throws {
        let scene = try SecureScene()
        let options = [
            "-F", "none", "-o", "IdentitiesOnly=yes", "-o", "UserKnownHostsFile=\(scene.shell.knownHosts)", "-o",
            "BatchMode=yes",
        ]
        let (port, place) = ("\(scene.shell.port)", "\(scene.shell.user)@127.0.0.1")
        func login(_ key: String, _ words: [String]) throws -> Command.Outcome {
            try Command(["ssh"] + options + ["-p", port, "-i", key, place] + words).run()
        }
        let target = scene.jail.scratch["copied"]
        /// Whether a file was copied there; with `-O` by a command, else by the subsystem.
        func copies(_ key: String, _ kind: [String]) throws -> Bool {
            let words = ["-P", port, "-i", key, scene.jail.config, "\(place):\(target)"]
            let outcome = try Command(["scp"] + options + kind + words).run()
            let isThere = try Command("rm", target).run().status == 0
            #expect((outcome.status == 0) == isThere, "\(outcome)")
            return isThere
        }
        try scene.jail.push()
        // What the jail's key is refused, another key of the same user may.
        let (key, free) = (scene.jail.settings["identity"] ?? "", scene.shell.identity)
        #expect(try login(free, ["id"]).text.contains("uid="))
        for words in [["id"], [], ["nightjar-receive", "--data", "/", "jail"]] {
            let outcome = try login(key, words)
            #expect(outcome.status != 0, "\(words): \(outcome)")
            #expect(!outcome.text.contains("uid="), "\(words): \(outcome)")
        }
        for kind in [["-O"], []] {
            #expect(try copies(free, kind), "\(kind): the test is no test")
            #expect(try !copies(key, kind), "\(kind)")
        }
    }

    @Test func `a key whose line has no command is told so`() throws {
        let scene = try SecureScene()
        let folder = Programs.path("nightjar-receive").split(separator: "/").dropLast().joined(separator: "/")
        let login = Command(
            "ssh", "-F", "none", "-o", "IdentitiesOnly=yes", "-o", "UserKnownHostsFile=\(scene.shell.knownHosts)", "-o",
            "BatchMode=yes", "-p", "\(scene.shell.port)", "-i", scene.shell.identity, "\(scene.shell.user)@127.0.0.1",
            "/\(folder)/nightjar-receive")
        let outcome = try login.run()
        #expect(outcome.status == 64, "\(outcome)")
        #expect(outcome.complaint.contains("the key's line in authorized_keys has no command="), "\(outcome)")
    }

    @Test func `a server that dies in the middle is noticed, and the next push completes`() throws {
        let scene = try SecureScene()
        try (["large": .file(bytes: [UInt8](repeating: 1, count: 80_000_000))] as TreeLiteral).build(
            in: scene.jail.source)
        let running = try scene.jail.command().start()
        for _ in 0..<300 where running.isRunning() {
            guard let receiver = try scene.jail.receivers().last else { continue }
            usleep(100_000)
            kill(receiver, SIGKILL)
            break
        }
        let outcome = try running.wait(limit: 100)
        #expect(outcome.status != 0 && !outcome.timedOut, "\(outcome)")
        try scene.jail.push()
        try expectSameTree(scene.jail.source, scene.copy)
    }
}
