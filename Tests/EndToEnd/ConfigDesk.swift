import Glibc
import Support

/// A jail's config in a directory of its own, real directories for its entries, and editors that do as they are told.
final class ConfigDesk {
    let scratch: Scratch
    let config: String
    /// What the config says at first: one entry, `directory("a")`.
    let text: String

    init() throws {
        scratch = try Scratch("desk")
        for name in ["a", "a/inner", "b", "etc"] { try scratch.directory("root/\(name)") }
        try Command("ln", "-s", "b", scratch["root/link"]).check()
        text = "#!/bin/sh\nbackupdir=/data/jail\nserver=backup1\n\n## ENTRY \(scratch.path)/root/a\n"
        try scratch.directory("sbin")
        config = try scratch.write("sbin/backup.config", text, mode: 0o644)
    }

    /// A path for an entry; there are `a`, `a/inner`, `b`, `etc`, and `link` to `b`.
    func path(_ name: String) -> String { scratch["root/\(name)"] }

    var draft: String { scratch["sbin/.backup.config.draft"] }
    func version(_ number: Int) -> String { "\(config).~\(number)~" }
    func content(_ file: String) throws -> String { try Command("cat", file).check().text }

    /// What lies beside the config, the lock left out.
    func beside() throws -> [String] {
        try Command("ls", "-A", scratch["sbin"]).check().lines.map(String.init)
            .filter { $0 != "backup.config" && $0 != ".backup.config.lock" }
    }

    /// An editor that is this script; the draft is `$1`.
    func editor(_ script: String) throws -> String {
        try scratch.write("editor", "set -e\n\(script)\n")
    }

    /// The program by one of its names, over this config.
    func command(_ name: String, _ words: [String] = []) throws -> Command {
        let link = scratch[name]
        if access(link, F_OK) != 0 { try Command("ln", "-s", Programs.path("nightjar"), link).check() }
        var command = Command([link, "--config", config] + words)
        command.environment["NIGHTJAR_TEMPLATES"] = #filePath.replacing(
            "Tests/EndToEnd/ConfigDesk.swift", with: "templates")
        return command
    }

    /// `vb` with this script for its editor, and these lines typed to it.
    func vb(_ script: String, typing answers: String = "") throws -> Command {
        var command = try command("vb")
        command.environment["EDITOR"] = "sh \(try editor(script))"
        command.input = Array(answers.utf8)
        return command
    }
}

/// A shell in a real terminal: what is typed there, and what its screen shows.
final class Window {
    private let scratch: Scratch

    /// - Parameter environment: beside the shell's usual.
    init(_ environment: [String: String], shell: String = "sh") throws {
        scratch = try Scratch("window")
        let variables = environment.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
        try tmux(["new-session", "-d", "-x", "250", "-y", "40", "PS1='$ ' \(variables) exec \(shell)"]).check()
        try wait(for: "$")
    }

    deinit { _ = try? tmux(["kill-server"]).run() }

    private func tmux(_ words: [String]) -> Command {
        var command = Command(["tmux", "-S", scratch["socket"], "-f", "/dev/null"] + words)
        // The user who runs the tests may have one that lets nobody in.
        command.environment["SHELL"] = "/bin/sh"
        return command
    }

    /// Types keys as tmux names them: `Enter`, `Escape`, `C-c`, or text.
    func type(_ keys: String...) throws { try tmux(["send-keys"] + keys).check() }

    func screen() throws -> String { try tmux(["capture-pane", "-p"]).check().text }

    /// Waits until the screen shows this, and throws with what it shows if it does not come to.
    func wait(for text: String) throws { try wait(for: text, until: { $0.contains(text) }) }

    /// Waits until the screen is as it should be.
    func wait(for what: String = "what it should", until isReached: (String) -> Bool) throws {
        if try eventually({ isReached(try screen()) }) { return }
        throw FixtureError("the terminal does not show \(what), but:\n\(try screen())")
    }
}
