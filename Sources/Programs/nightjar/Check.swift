import Agent
import CLI
import Configuration
import Model
import Options
import Platform
import SSH
import Wire

/// `check`: whether tonight's run would go through, without pushing.
enum Check {
    static let command = Command(
        name: "check", summary: "Check the config, each entry, the server and the key, without pushing",
        description: [
            "A line for each: what, whether it is good, and if not, why and what to do. The server is good if a push"
                + " would be let in now: host key and key, its lock, its trees, and room."
        ],
        options: [ListingOption.machine, ListingOption.script, ListingOption.json],
        statuses: ExitCode.statuses(
            [.done, .leftOut, .usage, .damage, .unavailable, .inputOutput, .tryLater, .notPermitted, .configuration],
            leftOut: "an entry cannot be opened, or there is none"))

    static func run(
        _ file: [UInt8], _ arguments: Arguments, _ console: Console, _ output: inout Output
    ) throws -> ExitCode {
        var table = Table(
            [Column("what"), Column("state"), Column("subject"), Column("detail")], style: TableStyle(arguments))
        let config: BackupConfig
        do throws(ConfigError) {
            config = try ConfigFile.load(file)
        } catch {
            for problem in error.problems {
                table.add([.text("config"), .text("failed"), .bytes(file), .text(problem.words)], to: &output)
            }
            for warning in error.warnings {
                table.add([.text("config"), .text("doubtful"), .bytes(file), .text(warning.words)], to: &output)
            }
            table.finish(&output)
            return .configuration
        }
        let words = config.warnings.map(\.words) + config.notes.map { "line \($0.line ?? 0): \($0.text)" }
        table.add(
            [.text("config"), .text("good"), .bytes(file), .text(words.joined(separator: "; "))], to: &output)

        let entries = try EntryOpening(config.entries, patience: config.fileSystemPatience)
        for entry in config.entries {
            let issue = entries.issues.first { $0.line == entry.line }
            table.add(
                [
                    .text("entry"), .text(issue?.reason.description ?? "good"), .bytes(entry.path.bytes),
                    .text(issue?.detail ?? ""),
                ], to: &output)
        }
        if config.entries.isEmpty {
            let detail = "there is none, so nothing is saved; write: ## ENTRY /path"
            table.add([.text("entry"), .text("missing"), .none, .text(detail)], to: &output)
        }

        let (code, state, detail) = server(config)
        // A remedy has several lines; a table has one, and the others stand below it.
        let lines = detail.split(separator: "\n").map(String.init)
        table.add(
            [
                .text("server"), .text(state), .text(config.server.description),
                .several(.text(detail), line: lines.first ?? ""),
            ], to: &output)
        table.finish(&output)
        try output.flush()
        if lines.count > 1, TableStyle(arguments) != .json {
            console.error(lines.dropFirst().joined(separator: "\n"))
        }
        return code == .done && entries.opened < max(1, config.entries.count) ? .leftOut : code
    }

    /// Goes as far as a push would before it walks: the host's key, ours, the receiver, its lock.
    private static func server(_ config: BackupConfig) -> (ExitCode, state: String, detail: String) {
        let settings = PushSettings(
            hello: Hello(
                purpose: .check, release: release, host: Array(hostName().utf8), backupdir: config.backupdir.bytes),
            clock: wallClock)
        do {
            let connection = try Connection.open(config)
            do throws(PushError) {
                let welcome = try Push.check(over: connection.stream, settings)
                connection.end()
                let next =
                    "\(config.backupdir), generation \(welcome.generation.rawValue) is next,"
                    + " room for \(humanSize(welcome.room))"
                return (.done, "good", "nightjar-receive \(escaped(welcome.release)), \(next)")
            } catch {
                let words = error.isUnexplained ? connection.complaint(unlessIn: error.description) : nil
                let complaint = words.map { "; it said: \($0)" } ?? ""
                connection.end()
                return (ExitCode(error), "failed", error.description + complaint)
            }
        } catch {
            return (ExitCode(error), "failed", "\(error)")
        }
    }
}

extension ConfigProblem {
    /// The problem without the file, which stands in a column of its own.
    fileprivate var words: String {
        (line.map { "line \($0): " } ?? "") + message + (remedy.map { "; \($0)" } ?? "")
    }
}
