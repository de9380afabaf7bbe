import Agent
import CLI
import Configuration
import Editing
import Model
import Options
import Platform

/// `gb`: the lines of the config's entries that match, as they stand.
enum Gb {
    private static let missing = Option(long: "missing", help: "Only entries that do not exist")

    static let command = Command(
        name: "gb", summary: "Print the entries of the config that match",
        description: [
            "PATTERN is a customer (letters and digits, as col00214), who is looked for as a word, or an extended"
                + " regular expression, which is compared with the whole line.",
            "A terminal is shown the lines escaped; anything else gets them byte by byte.",
        ],
        operands: "[PATTERN]",
        options: [missing, ListingOption.machine, ListingOption.script, ListingOption.json],
        statuses: ExitCode.statuses([.done, .usage, .inputOutput, .configuration]).inserting(
            Command.Status(code: ExitCode.leftOut.rawValue, meaning: "no entry matches")))

    static func run(
        _ file: [UInt8], _ arguments: Arguments, _ console: Console, _ output: inout Output
    ) throws -> ExitCode {
        let search = try search(arguments)
        var entries = WrittenConfig(try ConfigFile.read(file)).entries.filter { search.matches($0.text) }
        if arguments.has(missing) { entries = try missing(among: entries, console) }
        print(entries, TableStyle(arguments), &output)
        return entries.isEmpty ? .leftOut : .done
    }

    private static func search(_ arguments: Arguments) throws(UsageError) -> EntrySearch {
        if arguments.operands.count > 1 {
            throw UsageError(subject: arguments.operands[1], reason: "one PATTERN only", command: "gb")
        }
        if arguments.operands.isEmpty, !arguments.has(missing) {
            throw UsageError(reason: "which PATTERN?", command: "gb")
        }
        let pattern = arguments.operands.first ?? []
        do throws(RegularExpression.Refusal) {
            return try EntrySearch(pattern)
        } catch {
            throw UsageError(subject: pattern, reason: error.reason, command: "gb")
        }
    }

    /// Those that are not there. What cannot be told of an entry is said.
    private static func missing(
        among entries: [WrittenConfig.Entry], _ console: Console
    ) throws -> [WrittenConfig.Entry] {
        let paths = entries.compactMap { entry in Path(absolute: entry.path).map { Entry(path: $0, line: entry.line) } }
        let issues = try EntryOpening(paths).issues
        for issue in issues where issue.reason != .missing { console.warning(issue.text) }
        let gone = Set(issues.filter { $0.reason == .missing }.map(\.path))
        return entries.filter { gone.contains(Path(absolute: $0.path)?.bytes ?? $0.path) }
    }

    private static func print(_ entries: [WrittenConfig.Entry], _ style: TableStyle, _ output: inout Output) {
        guard style == .human else {
            var table = Table([Column("line"), Column("path"), Column("options")], style: style)
            for entry in entries {
                table.add([.count(UInt64(entry.line)), .bytes(entry.path), .bytes(entry.options)], to: &output)
            }
            return table.finish(&output)
        }
        let isTerminal = Terminal(1) != nil
        for entry in entries {
            if isTerminal { output.write(escaped(entry.text)) } else { output.write(entry.text) }
            output.write("\n")
        }
    }
}

extension [Command.Status] {
    fileprivate func inserting(_ status: Command.Status) -> [Command.Status] {
        (self + [status]).sorted { $0.code < $1.code }
    }
}
