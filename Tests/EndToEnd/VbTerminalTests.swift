import Glibc
import Support
import Testing

/// `vb` as an admin has it: a terminal, and vi.
@Suite(.enabled(if: isInstalled("tmux") && isInstalled("vi"), "needs tmux and vi"))
struct `A terminal with vi` {
    private func open(_ desk: ConfigDesk) throws -> Window {
        _ = try desk.command("vb")
        return try Window([
            "NIGHTJAR_CONFIG": desk.config, "VISUAL": "vi -u NONE -n", "PATH": "\(desk.scratch.path):/usr/bin:/bin",
        ])
    }

    @Test func `edits, is asked, edits again, and installs`() throws {
        let desk = try ConfigDesk()
        let window = try open(desk)
        try window.type("vb", "Enter")
        try window.wait(for: "## ENTRY \(desk.path("a"))")
        try window.type("Go## ENTRY \(desk.path("link"))", "Escape", ":wq", "Enter")
        try window.wait(for: "enter \(desk.path("b")) instead")
        try window.wait(for: "(e)dit again, or (k)eep the draft?")
        try window.type("e", "Enter")
        try window.wait(for: "## ENTRY \(desk.path("link"))")
        // In vi, Ctrl-C is a key as any other; vi drops what was typed before it came to it.
        try window.type("i", "C-c")
        #expect(
            try eventually {
                try window.type(":"); return try window.screen().contains("\n:")
            })
        try window.type("%s,root/link,root/b,", "Enter", ":wq", "Enter")
        try window.wait(for: "Installed \(desk.config)")
        #expect(try window.screen().contains("+ \(desk.path("b"))"))
        #expect(try desk.content(desk.config) == desk.text + "## ENTRY \(desk.path("b"))\n")
    }

    @Test(arguments: [("k", "Enter"), ("C-d", ""), ("C-c", "")])
    func `keeps the draft if that is wanted, or no answer comes`(key: String, enter: String) throws {
        let desk = try ConfigDesk()
        let window = try open(desk)
        try window.type("vb; echo status $?", "Enter")
        try window.wait(for: "## ENTRY")
        try window.type("Gonothing", "Escape", ":wq", "Enter")
        try window.wait(for: "(k)eep the draft?")
        try window.type(key, enter)
        try window.wait(for: "status 78")
        #expect(try window.screen().contains("kept for the next vb"))
        #expect(try desk.content(desk.config) == desk.text)
        #expect(try desk.content(desk.draft) == desk.text + "nothing\n")
    }

    @Test func `is in order after its editor was killed`() throws {
        let desk = try ConfigDesk()
        let window = try open(desk)
        try window.type("stty -g > '\(desk.scratch["before"])'; vb; stty -g > '\(desk.scratch["after"])'", "Enter")
        try window.wait(for: "## ENTRY")
        try window.type("Go# draft", "Escape", ":w", "Enter")
        #expect(try eventually { try desk.content(desk.draft).contains("# draft") })
        try Command("pkill", "-KILL", "-f", "^vi -u NONE -n \(desk.draft)").check()
        try window.wait(for: "was ended by signal 9")
        try window.type("k", "Enter")
        #expect(eventually { access(desk.scratch["after"], F_OK) == 0 })
        #expect(try eventually { try desk.content(desk.scratch["after"]) == desk.content(desk.scratch["before"]) })
        #expect(try desk.content(desk.config) == desk.text)
    }

    @Test func `shows gb's lines escaped, where a pipe gets their bytes`() throws {
        let desk = try ConfigDesk()
        try Command("sh", "-c", "printf '## ENTRY /caf\\351 \\033[2J\\n' >> '\(desk.config)'").check()
        let window = try open(desk)
        _ = try desk.command("gb")
        try window.type("gb caf", "Enter")
        try window.wait(for: "\n## ENTRY /caf\\xE9 \\e[2J\n")
        let piped = try desk.command("gb", ["caf"]).run()
        #expect(piped.output == Array("## ENTRY /caf".utf8) + [0xE9] + Array(" \u{1B}[2J\n".utf8), "\(piped)")
    }
}
