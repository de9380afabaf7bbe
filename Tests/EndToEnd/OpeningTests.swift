import Model
import Support
import Testing

/// How the agent comes to its entries.
@Suite(.enabled(if: isInstalled("strace"), "needs strace")) struct `Opening` {
    private let jail: Jail

    init() throws {
        jail = try Jail(on: BackupServer())
        try (["a": ["b": "content"]] as TreeLiteral).build(in: jail.source)
    }

    /// The agent under strace, and what was traced.
    private func traced(_ options: String...) throws -> (outcome: Command.Outcome, trace: String) {
        let trace = jail.scratch["trace"]
        var command = try jail.command()
        let words = ["strace", "-f", "-qq", "-o", trace, "-e", "trace=openat,openat2"] + options
        command.arguments = words.map { Array($0.utf8) } + command.arguments
        let outcome = try command.run()
        return (outcome, try Command("cat", trace).check().text)
    }

    @Test func `no step to an entry or below it can follow a symlink or leave its directory`() throws {
        let (outcome, trace) = try traced()
        #expect(outcome.status == 0, "\(outcome)")
        let lines = trace.split(separator: "\n")
        for name in jail.source.split(separator: "/").map(String.init) + ["a"] {
            let step = lines.last { $0.contains("openat2(") && $0.contains("\"\(name)\"") }
            for word in ["O_NOFOLLOW", "RESOLVE_NO_SYMLINKS", "RESOLVE_NO_MAGICLINKS", "RESOLVE_BENEATH"] {
                #expect(step?.contains(word) == true, "\(name): \(step ?? "not opened by openat2")")
            }
        }
    }

    @Test(arguments: ["ENOSYS", "EPERM"])
    func `needs no kernel that has openat2`(error: String) throws {
        let link = jail.scratch["link"]
        try Command("ln", "-s", "source/a", link).check()
        jail.entries.append("\(link)/b")
        let (outcome, trace) = try traced("-e", "inject=openat2:error=\(error)")
        #expect(trace.contains("(INJECTED)"))
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.complaint.contains("\(link) is a symlink: enter \(jail.source)/a/b instead"), "\(outcome)")
        try expectSameTree(jail.source, jail.copy)
    }
}
