import Model
import Support
import Testing

/// What a run shows of itself while it works: on a terminal, in the process title, and nowhere else.
@Suite(.enabled(if: isInstalled("strace"), "needs strace to slow the walk down")) struct `Progress` {
    /// A jail with directories one below the other, named to lead a terminal astray.
    private func jail() throws -> Jail {
        let jail = try Jail(on: BackupServer())
        var tree: TreeLiteral = ["end": "x"]
        for _ in 0..<4 {
            let name = try #require(Name(Array("d\u{1B}]0;owned\u{7}\u{9B}31m".utf8)))
            tree = ["file": .file(bytes: [UInt8](repeating: 7, count: 3_000))] + TreeLiteral([(name, .directory(tree))])
        }
        try tree.build(in: jail.source)
        return jail
    }

    /// Each reading of a directory takes a while.
    private let slow = [
        "/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=getdents64", "-e",
        "inject=getdents64:delay_exit=80000",
    ]

    private func slowed(_ command: Command) -> Command {
        var slowed = command
        slowed.arguments = slow.map { Array($0.utf8) } + command.arguments
        return slowed
    }

    @Test(.enabled(if: isInstalled("tmux"), "needs tmux for a terminal"))
    func `is drawn on a terminal, without a byte of the names' own, and is gone in the end`() throws {
        let jail = try jail()
        let words = try slowed(jail.command()).arguments.map { String(decoding: $0, as: UTF8.self) }
        let run = "read go; \(words.joined(separator: " ")); echo status=$?; exec sleep 100"
        let script = try jail.scratch.write("run", run)
        let (socket, raw) = (jail.scratch["tmux"], jail.scratch["raw"])
        func tmux(_ words: String...) -> Command { Command(["tmux", "-S", socket, "-f", "/dev/null"] + words) }
        try tmux("new-session", "-d", "-x", "80", "-y", "6", "sh \(script)").check()
        defer { _ = try? tmux("kill-server").run() }
        try tmux("pipe-pane", "-o", "cat > \(raw)").check()
        try tmux("send-keys", "Enter").check()
        var screens: Set<String> = []
        for _ in 0..<400 where screens.allSatisfy({ !$0.contains("status=") }) {
            screens.insert(try tmux("capture-pane", "-p").check().text)
            _ = try Command("sleep", "0.05").run()
        }
        let progress = screens.filter { $0.contains(" files, ") }
        let shown = "\(screens.sorted())"
        #expect(progress.contains { $0.contains("KiB") && $0.contains("/s  ") && $0.contains("d\\e]0;") }, "\(shown)")
        #expect(Set(progress.compactMap { $0.split(separator: " files").first }).count > 1, "it stands still: \(shown)")
        #expect(progress.allSatisfy { $0.split(separator: "\n").count == 1 }, "more than a line: \(shown)")
        let last = try #require(screens.first { $0.contains("status=") })
        #expect(last.split(separator: "\n") == ["status=0"], "\(last)")
        let bytes = String(decoding: try Command("cat", raw).check().output, as: UTF8.self)
        #expect(bytes.contains("\u{1B}[K"), "nothing was recorded")
        let own = bytes.replacing("\u{1B}[K", with: "")
        #expect(!own.contains("\u{1B}") && !own.contains("\u{7}") && !own.contains("\u{9B}"), "\(escaped(own))")
    }

    @Test func `is not drawn where there is no terminal, unless it is asked for`() throws {
        let jail = try jail()
        let silent = try slowed(jail.command()).check()
        #expect(silent.output.isEmpty && silent.errors.isEmpty, "\(silent)")
        let forced = try slowed(jail.command(["--progress"])).check()
        #expect(forced.output.isEmpty, "\(forced)")
        #expect(forced.complaint.hasPrefix("nightjar: ") && forced.complaint.contains(" files, "), "\(forced)")
        #expect(!forced.errors.contains(0x1B) && !forced.errors.contains(0x0D), "\(forced)")
    }

    @Test func `stands in the process titles`() throws {
        let jail = try jail()
        let running = try slowed(jail.command()).start()
        var titles: Set<String> = []
        while running.isRunning() {
            let found = try Command("pgrep", "-fa", "^nightjar(-receive| backup): ").run().lines
            titles.formUnion(found.filter { $0.contains(jail.name) }.map { escaped(String($0)) })
        }
        #expect(try running.wait(limit: 1).status == 0)
        let agents = titles.filter { $0.contains("nightjar backup: ") && $0.contains(" files, ") }
        #expect(agents.count > 1, "it stands still: \(titles)")
        #expect(agents.contains { $0.contains("\\\\e]0;") }, "names are escaped: \(titles)")
        #expect(titles.contains { $0.contains("nightjar-receive: \(jail.name)") }, "\(titles)")
    }
}
