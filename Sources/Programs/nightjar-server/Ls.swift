import CLI
import Catalog
import Model
import Options
import Platform
import Storage

/// `ls JAIL NIGHT[:PATH]`: what a night holds, as the catalog knows it.
enum Ls {
    static let command = Command(
        name: "ls", summary: "List what a night holds",
        description: [
            "NIGHT is 0 to 6, or @12 for generation 12; PATH a path of the jail; what it names is listed, and what a"
                + " directory holds. It is read from the catalog, where owners and modes stand even if the server is"
                + " not root."
        ],
        operands: "JAIL NIGHT[:PATH]", options: ListingOption.all,
        statuses: ExitCode.statuses([.done, .leftOut, .usage, .damage, .inputOutput, .notPermitted, .configuration]))

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard words.count == 2 else {
            throw UsageError(reason: "give JAIL and NIGHT[:PATH]", command: "nightjar-server ls")
        }
        let parts = words[1].split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        let choice = try NightChoice(word: Array(parts[0]))
        let path = try parts.count == 2 && !parts[1].isEmpty ? site.path(Array(parts[1])) : Path()
        let backupdir = try site.root().backupdir(try site.jail(words[0]))
        guard let catalog = try backupdir.catalogForReading(),
            let generation = try backupdir.generation(of: choice, in: catalog)?.number
        else {
            console.complain(of: choice, words[0])
            return .leftOut
        }
        guard let row = try catalog.resolve(path, at: generation) else {
            console.error("\(path) is not in \(choice)")
            return .leftOut
        }
        let rows = try row.child.map { try catalog.rows(in: $0, at: generation) } ?? [row]
        list(rows, style: TableStyle(site.arguments), &output)
        return .done
    }

    private static func list(_ rows: [Row], style: TableStyle, _ output: inout Output) {
        var table = Table(
            [
                Column("mode"), Column("links", right: true), Column("owner"), Column("group"),
                Column("size", right: true), Column("modified"), Column("name"), Column("target"),
            ], style: style, names: 6)
        for row in rows {
            let metadata = row.stamp.metadata
            table.add(
                [
                    .text(modeText(metadata, row.attributes)), .count(UInt64(row.stamp.links)),
                    ownerCell(metadata, style), groupCell(metadata, style), sizeCell(metadata),
                    .time(metadata.modified), .bytes(row.name?.bytes ?? Array("/".utf8)),
                    row.target.map(Cell.bytes) ?? .none,
                ], to: &output)
        }
        table.finish(&output)
    }
}
