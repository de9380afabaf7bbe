import CLI
import Catalog
import Model
import Options
import Storage

/// `diff JAIL NIGHT NIGHT [PATH]`: what became of each name from one night to another.
enum Diff {
    static let command = Command(
        name: "diff", summary: "List what differs between two nights",
        description: [
            "From the first NIGHT to the second, at PATH and below it. NIGHT is 0 to 6, or @12 for generation 12. What"
                + " was moved is one line, a whole directory too; what changed is named with it. Nothing is read but"
                + " the catalog."
        ],
        operands: "JAIL NIGHT NIGHT [PATH]", options: ListingOption.all,
        statuses: ExitCode.statuses(
            [.done, .leftOut, .usage, .damage, .inputOutput, .notPermitted, .configuration],
            leftOut: "there is no such night, or the path is in neither"))

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard (3...4).contains(words.count) else {
            throw UsageError(
                reason: "give JAIL, two nights, and perhaps a path", command: "nightjar-server \(command.name)")
        }
        let choices = try [NightChoice(word: words[1]), NightChoice(word: words[2])]
        let path = try words.count == 4 ? QueryArguments.path(words[3]) : Path()
        let backupdir = try site.root().backupdir(try site.jail(words[0]))
        let catalog = try backupdir.catalogForReading()
        var ends: [Generation] = []
        for choice in choices {
            guard let catalog, let generation = try backupdir.generation(of: choice, in: catalog)?.number else {
                console.complain(of: choice, words[0])
                return .leftOut
            }
            ends.append(generation)
        }
        guard let catalog, try list(catalog, ends[0], ends[1], path, TableStyle(site.arguments), &output) else {
            console.error("\(path) is neither in \(choices[0]) nor in \(choices[1])")
            return .leftOut
        }
        return .done
    }

    private static func list(
        _ catalog: Catalog, _ from: Generation, _ to: Generation, _ path: Path, _ style: TableStyle,
        _ output: inout Output
    ) throws -> Bool {
        var table = Table(
            [Column("change"), Column("what"), Column("path"), Column("from")], style: style, names: 2)
        let isThere = try catalog.changes(from: from, to: to, at: path) { change in
            let what = change.aspects.map(\.rawValue)
            table.add(
                [
                    .text(change.kind.rawValue),
                    .several(JSON.list(what.map(JSON.text)), line: what.joined(separator: ",")),
                    .bytes(change.path.bytes), change.origin.map { .bytes($0.bytes) } ?? .none,
                ], to: &output)
        }
        table.finish(&output)
        return isThere
    }
}
