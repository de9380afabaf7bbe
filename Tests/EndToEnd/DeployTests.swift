import Glibc
import Support
import Testing

private let deploy = #filePath.replacing("Tests/EndToEnd/DeployTests.swift", with: "deploy")
private let units = [
    "nightjar-housekeep.service", "nightjar-housekeep-once.service", "nightjar-housekeep.timer",
    "nightjar-backup.service", "nightjar-backup.timer",
]

/// What an admin copies to where timers look for it.
@Suite struct `Housekeeping from deploy` {
    /// The words with which a file there calls the program, for a data root elsewhere.
    private func call(_ file: String, data: String) throws -> [String] {
        let program = "/usr/local/bin/nightjar-server"
        let line = try #require(
            Command("cat", "\(deploy)/\(file)").check().lines.first { !$0.hasPrefix("#") && $0.contains(program) })
        let words = line.split(separator: " ").map(String.init)
        let start = try #require(words.lastIndex { $0.hasSuffix(program) })
        return [Programs.path("nightjar-server")] + words[(start + 1)...].map { $0 == "/data" ? data : $0 }
    }

    @Test(arguments: ["cron/nightjar-housekeep", "systemd/nightjar-housekeep-once.service"])
    func `rotates with the words that stand there`(file: String) throws {
        let jail = try Jail(on: BackupServer())
        try jail.push()
        let outcome = try Command(call(file, data: jail.server.data)).run()
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        try expectSameTree(jail.source, "\(jail.server.data)/\(jail.name)/1\(jail.source)")
    }

    @Test(.enabled(if: isInstalled("systemd-analyze"), "needs systemd-analyze"))
    func `has units that systemd takes`() throws {
        let scratch = try Scratch("units")
        // It looks for the programs too, which need not be installed here.
        for unit in units {
            let text = try Command("cat", "\(deploy)/systemd/\(unit)").check().text
            try scratch.write(unit, text.replacing(/\/usr\/local\/bin\/[a-z-]+/, with: "/bin/true"), mode: 0o644)
        }
        let outcome = try Command(["systemd-analyze", "verify"] + units.map { scratch[$0] }).run()
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    }
}
