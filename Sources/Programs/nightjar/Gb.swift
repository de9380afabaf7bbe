import Agent
import CLI
import Configuration
import Editing
import Model
import Options
import Platform
import Wire

/// `gb`: the lines of the config's entries that match, as they stand.
enum Gb {
    private static let missing = Option(long: "missing", help: "Only entries that do not exist")
    private static let held = Option(long: "held", help: "With the nights and holds of the server that have each")

    static let command = Command(
        name: "gb", summary: "Print the entries of the config that match",
        description: [
            "PATTERN is a customer (letters and digits, as col00214), who is looked for as a word, or an extended"
                + " regular expression, which is compared with the whole line. It may be left out with --missing and"
                + " --held.",
            "A terminal is shown the lines escaped; anything else gets them byte by byte.",
        ],
        operands: "[PATTERN]",
        options: [missing, held] + ListingOption.nameless,
        statuses: ExitCode.statuses(
            [
                .done, .leftOut, .usage, .damage, .unavailable, .inputOutput, .tryLater, .notPermitted, .configuration,
            ], leftOut: "no entry matches"))

    static func run(
        _ file: [UInt8], _ arguments: Arguments, _ console: Console, _ output: inout Output
    ) throws -> ExitCode {
        let search = try search(arguments)
        var entries = WrittenConfig(try ConfigFile.read(file)).entries.filter { search.matches($0.text) }
        if arguments.has(missing) { entries = try missing(among: entries, console) }
        if entries.isEmpty { return .leftOut }
        let style = TableStyle(arguments)
        if arguments.has(held) {
            tabulate(entries, try trees(having: entries, file, console), style, &output)
        } else if style == .human {
            for entry in entries { output.show(entry.text) }
        } else {
            tabulate(entries, nil, style, &output)
        }
        return .done
    }

    private static func search(_ arguments: Arguments) throws(UsageError) -> EntrySearch {
        if arguments.operands.count > 1 {
            throw UsageError(subject: arguments.operands[1], reason: "one PATTERN only", command: "gb")
        }
        if arguments.operands.isEmpty, !arguments.has(missing), !arguments.has(held) {
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

    /// What the server has of an entry.
    private struct Trees {
        var nights: Set<Int> = []
        var holds: Set<Name> = []
    }

    /// For each of the entries, in as many sessions as it takes: the server answers so many questions in one.
    private static func trees(
        having entries: [WrittenConfig.Entry], _ file: [UInt8], _ console: Console
    ) throws -> [Trees] {
        let site = try JailSite(file)
        return try stride(from: 0, to: entries.count, by: Limits.questions).flatMap { start in
            try site.converse(console) { conversation in
                try entries[start...].prefix(Limits.questions).map { try trees(having: $0, conversation) }
            }
        }
    }

    private static func trees(having entry: WrittenConfig.Entry, _ conversation: Conversation) throws -> Trees {
        var trees = Trees()
        guard let path = Path(absolute: entry.path) else { return trees }
        _ = try conversation.ask(.versions(path)) { finding in
            guard case .version(let version) = finding else { return }
            trees.nights.formUnion(version.nights)
            trees.holds.formUnion(version.holds)
        }
        return trees
    }

    /// - Parameter trees: as many as there are entries; nil where nobody asked.
    private static func tabulate(
        _ entries: [WrittenConfig.Entry], _ trees: [Trees]?, _ style: TableStyle, _ output: inout Output
    ) {
        let own = [Column("line", right: true), Column("path"), Column("options")]
        var table = Table(own + (trees == nil ? [] : [Column("nights"), Column("holds")]), style: style)
        for (index, entry) in entries.enumerated() {
            let options: Cell = entry.options.isEmpty ? .none : .bytes(entry.options)
            let kept = trees.map { [listed($0[index].nights.sorted()), joined($0[index].holds.sorted())] }
            table.add([.count(UInt64(entry.line)), .bytes(entry.path), options] + (kept ?? []), to: &output)
        }
        table.finish(&output)
    }
}
