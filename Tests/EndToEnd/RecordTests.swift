import Glibc
import Support
import Testing

/// Every run leaves one record on the server, whatever became of it.
@Suite(.enabled(if: isInstalled("strace"), "needs strace")) struct `The server's record` {
    private func pushes(of jail: Jail) throws -> [String] {
        try jail.server.server(["nights", "--pushes", "--json", jail.name]).check().lines.map(String.init)
    }

    @Test func `of a push whose receiver was killed is ended by the next push`() throws {
        let jail = try Jail(on: BackupServer())
        try jail.scratch.write("source/a", "a")
        let plain = jail.settings["receive"] ?? ""
        jail.settings["receive"] = "/usr/bin/strace -f -qq -o /dev/null -e inject=syncfs:signal=SIGKILL:when=1 \(plain)"
        #expect(try jail.backup().status == 69)
        #expect(try jail.waitUntilUnserved())
        let first = try pushes(of: jail)
        #expect(first.count == 1)
        #expect(first[0].contains(#""ended":null,"outcome":"running""#))

        jail.settings["receive"] = plain
        try jail.push()
        let both = try pushes(of: jail)
        #expect(both.count == 2)
        #expect(both[0].contains(#""outcome":"complete""#))
        #expect(both[1].contains(#""outcome":"failed""#))
        #expect(both[1].contains("the receiver was killed"))
    }

    @Test func `of a push that was killed while it committed says that the next run finished that`() throws {
        let jail = try Jail(on: BackupServer())
        try jail.scratch.write("source/a", "a")
        let plain = jail.settings["receive"] ?? ""
        jail.settings["receive"] =
            "/usr/bin/strace -f -qq -o /dev/null -e inject=renameat2:signal=SIGKILL:when=1 \(plain)"
        #expect(try jail.backup().status == 69)
        #expect(try jail.waitUntilUnserved())
        jail.settings["receive"] = plain
        try jail.push()
        let both = try pushes(of: jail)
        #expect(both.count == 2)
        #expect(both[1].contains(#""outcome":"complete""#), "\(both[1])")
        #expect(both[1].contains("while it committed"), "\(both[1])")
    }

    @Test func `has its issues as objects`() throws {
        let jail = try Jail(on: BackupServer())
        try jail.scratch.write("source/a", "a")
        jail.entries.append("\(jail.scratch.path)/no\u{1B}where")
        #expect(try jail.backup().status == 1)
        let push = try #require(try pushes(of: jail).first)
        #expect(
            push.contains(
                #""issues":[{"path":"\#(jail.scratch.path)/no\\e"#), "\(push)")
        #expect(push.contains(#""reason":"missing""#))
        #expect(push.contains(#""left_out":true,"line":"#))
        let line = try jail.server.server(["nights", "--pushes", "-ms", jail.name]).check().text
        #expect(line.contains("where: missing"))
    }

    @Test func `of a push that was interrupted on the jail says so`() throws {
        let jail = try Jail(on: BackupServer())
        try jail.scratch.write("source/a", "a")
        let plain = jail.settings["receive"] ?? ""
        // A server that listens slowly, to be interrupted while it is waited for.
        jail.settings["receive"] =
            "/usr/bin/strace -f -qq -o /dev/null -e trace=poll,ppoll -e inject=poll,ppoll:delay_enter=500000 \(plain)"
        let running = try jail.command().start()
        #expect(try eventually { try !pushes(of: jail).isEmpty })
        kill(running.process, SIGINT)
        let outcome = try running.wait(limit: 60)
        #expect(outcome.status == 75, "\(outcome)")
        #expect(try jail.waitUntilUnserved())
        let push = try #require(try pushes(of: jail).first)
        #expect(push.contains(#""outcome":"failed""#))
        #expect(push.contains("the agent gave the push up: interrupted"), "\(push)")
    }
}
