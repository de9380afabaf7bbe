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

    @Test func `a server that is down ends in 69`() throws {
        let scene = try SecureScene()
        scene.shell.stop()
        let outcome = try scene.jail.backup()
        #expect(outcome.status == 69, "\(outcome)")
        #expect(outcome.complaint.contains("\(scene.shell.port)"), "\(outcome)")
    }

    @Test func `a jail's key gives no shell and no other jail`() throws {
        let scene = try SecureScene()
        let login = [
            "ssh", "-F", "none", "-p", "\(scene.shell.port)", "-i", scene.jail.settings["identity"] ?? "", "-o",
            "IdentitiesOnly=yes", "-o", "UserKnownHostsFile=\(scene.shell.knownHosts)", "-o", "BatchMode=yes",
            "\(scene.shell.user)@127.0.0.1",
        ]
        for words in [["id"], [], ["nightjar-receive", "--data", "/", "jail"]] {
            let outcome = try Command(login + words).run()
            #expect(outcome.status != 0, "\(words): \(outcome)")
            #expect(!outcome.text.contains("uid="), "\(words): \(outcome)")
        }
        let outcome = try Command("scp", "-F", "none", "-P", "\(scene.shell.port)", "/etc/hostname", "x:y").run()
        #expect(outcome.status != 0)
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
