import Support
import Testing

private let completions = #filePath.replacing("Tests/EndToEnd/CompletionTests.swift", with: "deploy/completions")
private let programs = ["nightjar", "nightjar-server", "nightjar-receive"]

/// What the shells themselves offer, against what the programs say of themselves.
@Suite struct `A completion` {
    /// A line typed up to the cursor, and all that may stand there next.
    private struct Case {
        let line: [String]
        let expected: Set<String>
    }

    private func cases() throws -> [Case] {
        try programs.flatMap { program in
            let commands = try HelpText.commands(of: program)
            let own = commands.count == 1 ? [] : [Case(line: [program, ""], expected: Set(commands.map(\.name)))]
            return own
                + commands.map { name, help in
                    let words = name == program ? [program] : [program, name]
                    return Case(line: words + ["--"], expected: Set(help.options))
                }
        }
    }

    private func environment(_ scratch: Scratch) throws -> [String: String] {
        for jail in ["jail1", "jail2"] { try scratch.directory("data/\(jail)/.nightjar") }
        return [
            "PATH": "\(Programs.directory):/usr/bin:/bin", "HOME": scratch.path, "NIGHTJAR_DATA": scratch["data"],
        ]
    }

    private static let operands: [([String], Set<String>)] = [
        (["nightjar", "ba"], ["backup"]), (["nightjar", "-c", "/x", "che"], ["check"]),
        (["nightjar-server", "ls", ""], ["jail1", "jail2"]),
        (["nightjar-server", "housekeep", "--force", "jail1", "jail"], ["jail1", "jail2"]),
        (["nightjar-server", "ls", "jail1", ""], ["0", "1", "2", "3", "4", "5", "6"]),
        (["nightjar-server", "hold", "--night", ""], ["0", "1", "2", "3", "4", "5", "6"]),
        (["nightjar-receive", "--data", "/x", ""], ["jail1", "jail2"]),
        (["nightjar", "backup", "--compress", "o"], ["off"]),
    ]

    @Test func `in bash is what --help says`() throws {
        let scratch = try Scratch("bash")
        let script =
            ". \"$0\"; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _nightjar \"$1\"; printf '%s\\n' \"${COMPREPLY[@]}\""
        for (line, expected) in try cases().map({ ($0.line, $0.expected) }) + `A completion`.operands {
            var command = Command(["bash", "-c", script, "\(completions)/nightjar.bash"] + line)
            command.environment = try environment(scratch)
            let outcome = try command.check()
            #expect(Set(outcome.lines.map(String.init)) == expected, "\(line): \(outcome)")
        }
    }

    @Test(.enabled(if: isInstalled("fish"), "needs fish")) func `in fish is what --help says`() throws {
        let scratch = try Scratch("fish")
        for program in programs {
            try Command("cp", "\(completions)/nightjar.fish", scratch["\(program).fish"]).check()
        }
        for (line, expected) in try cases().map({ ($0.line, $0.expected) }) + `A completion`.operands {
            let script = "source \(scratch[line[0]]).fish; complete -C '\(line.joined(separator: " "))'"
            var command = Command("fish", "--no-config", "-c", script)
            command.environment = try environment(scratch)
            let outcome = try command.check()
            let words = outcome.lines.map { String($0.prefix { $0 != "\t" }) }
            #expect(Set(words) == expected, "\(line): \(outcome)")
        }
    }

    @Test(.enabled(if: isInstalled("zsh") && isInstalled("tmux"), "needs zsh and tmux"))
    func `in zsh is what --help says`() throws {
        let scratch = try Scratch("zsh")
        let window = try Window(try environment(scratch), shell: "zsh -f")
        try window.type("fpath=(\(completions) $fpath); autoload -U compinit; compinit -u -D; echo done", "Enter")
        try window.wait(for: "\ndone")
        for (line, expected) in try cases().map({ ($0.line, $0.expected) }) + `A completion`.operands {
            try window.type("C-u", "C-l")
            try window.wait(for: "an empty line", until: { $0.prefix { $0 != "\n" }.count <= 2 })
            // The second lists what there is, where the first found a common beginning.
            try window.type(line.joined(separator: " "), "Tab", "Tab")
            try window.wait(for: "\(expected)", until: { screen in expected.allSatisfy { screen.contains($0) } })
        }
    }

    @Test(.enabled(if: isInstalled("tmux"), "needs tmux")) func `in bash comes with the Tab key`() throws {
        let window = try Window(try environment(try Scratch("bash")), shell: "bash --norc")
        try window.type(". \(completions)/nightjar.bash", "Enter")
        try window.type("nightjar ba", "Tab", "--dr", "Tab")
        try window.wait(for: "$ nightjar backup --dry-run")
        try window.type("C-u", "nightjar gb --con", "Tab", "/etc/hostn", "Tab")
        try window.wait(for: "$ nightjar gb --config=/etc/hostname")
    }
}
