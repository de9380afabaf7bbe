import Glibc
import Model
import Support
import Testing

/// The agent is asked to end.
@Suite struct `A signal` {
    private static let words = "interrupted; the next push continues this one"

    /// A push of which the server holds some files, but far from all.
    private func slowPush(of jail: Jail, under wrapper: [String] = []) throws -> Running {
        let plain = jail.settings["receive"] ?? ""
        jail.settings["receive"] =
            "/usr/bin/strace -f -qq -o /dev/null -e trace=utimensat -e inject=utimensat:delay_enter=200000 \(plain)"
        defer { jail.settings["receive"] = plain }
        var command = try jail.command(["--json"])
        command.arguments = wrapper.map { Array($0.utf8) } + command.arguments
        let running = try command.start()
        let incoming = "\(jail.server.data)/\(jail.name)/.nightjar/incoming"
        while running.isRunning(), try Command("find", incoming, "-type", "f").run().lines.count < 3 { usleep(20_000) }
        #expect(running.isRunning(), "it was over before it could be interrupted")
        return running
    }

    private func jailWithNight() throws -> Jail {
        let jail = try Jail(on: BackupServer())
        try (["old": "night"] as TreeLiteral).build(in: jail.source)
        try jail.push()
        return jail
    }

    /// By default more than all queues between the two ends hold.
    private func addFiles(to jail: Jail, count: Int = 60) throws {
        let make = "for i in $(seq \(count)); do head -c 1000000 /dev/urandom > file$i; done"
        try Command("sh", "-c", "cd '\(jail.source)' && \(make)").check()
    }

    @Test(.enabled(if: isInstalled("strace"), "needs strace"), arguments: [SIGINT, SIGTERM, SIGHUP])
    func `during a push ends it with 75, leaves the old night, and the next push completes`(signal: Int32) throws {
        let jail = try jailWithNight()
        let old = try jail.remember("before")
        try addFiles(to: jail)
        let running = try slowPush(of: jail)
        kill(running.process, signal)
        let outcome = try running.wait(limit: 60)
        #expect(outcome.status == 75, "\(outcome)")
        #expect(outcome.complaint.contains(`A signal`.words), "\(outcome)")
        #expect(outcome.text.contains("\"reason\":\"\(`A signal`.words)\",\"exit_status\":75"), "\(outcome)")
        #expect(try jail.waitUntilUnserved())
        try expectSameTree(old, jail.copy)
        let next = try jail.push("--json")
        #expect(next.text.contains("\"continued\":true"), "\(next)")
        try expectSameTree(jail.source, jail.copy)
    }

    @Test(.enabled(if: isInstalled("strace"), "needs strace"))
    func `while the server commits does not claim that nothing was committed`() throws {
        let jail = try jailWithNight()
        try (["new": "night"] as TreeLiteral).build(in: jail.source)
        let plain = jail.settings["receive"] ?? ""
        jail.settings["receive"] =
            "/usr/bin/strace -f -qq -o /dev/null -e trace=syncfs -e inject=syncfs:delay_enter=3000000 \(plain)"
        let running = try jail.command(["--json"]).start()
        // Made by the commit.
        let spare = "\(jail.server.data)/\(jail.name)/.nightjar/spare"
        while running.isRunning(), access(spare, F_OK) != 0 { usleep(20_000) }
        kill(running.process, SIGTERM)
        let outcome = try running.wait(limit: 60)
        let words = "interrupted while the push was committed: nightjar-server nights says whether it was"
        #expect(outcome.status == 75 && outcome.complaint.contains(words), "\(outcome)")
        #expect(outcome.text.contains("\"reason\":\"\(words)\",\"exit_status\":75"), "\(outcome)")
        #expect(try jail.waitUntilUnserved())
        try expectSameTree(jail.source, jail.copy)
    }

    @Test(.enabled(if: isInstalled("strace"), "needs strace"))
    func `that nohup has us ignore stays ignored`() throws {
        let jail = try jailWithNight()
        try addFiles(to: jail, count: 15)
        let running = try slowPush(of: jail, under: ["nohup"])
        kill(running.process, SIGHUP)
        let outcome = try running.wait(limit: 100)
        #expect(outcome.status == 0, "\(outcome)")
        try expectSameTree(jail.source, jail.copy)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `while connecting to a server that never speaks ends the run at once`(signal: Int32) throws {
        let jail = try Jail(on: BackupServer())
        try (["file": "x"] as TreeLiteral).build(in: jail.source)
        let program = """
            import socket, time
            listening = socket.create_server(("127.0.0.1", 0))
            print(listening.getsockname()[1], flush=True)
            connection, _ = listening.accept()
            print("accepted", flush=True)
            time.sleep(100)
            """
        let server = try Command("python3", "-c", program).start()
        func said(_ lines: Int) throws -> [Substring] {
            while true {
                let text = String(decoding: try server.outputSoFar(), as: UTF8.self)
                if text.split(separator: "\n").count >= lines { return text.split(separator: "\n") }
                guard server.isRunning() else { throw FixtureError("the silent server ended") }
                usleep(10_000)
            }
        }
        jail.settings["server"] = "127.0.0.1:\(try said(1)[0])"
        jail.settings["receive"] = nil
        let running = try jail.command(["--json"]).start()
        _ = try said(2)
        kill(running.process, signal)
        let outcome = try running.wait(limit: 60)
        #expect(outcome.status == 75, "\(outcome)")
        #expect(outcome.complaint == "nightjar: \(`A signal`.words)\n", "\(outcome)")
        #expect(outcome.text.contains("\"reason\":\"\(`A signal`.words)\",\"exit_status\":75"), "\(outcome)")
    }
}
