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
            "NIGHT is 0 to 6, PATH a path of the jail; what it names is listed, and what a directory holds. It is read"
                + " from the catalog, where owners and modes stand even if the server is not root."
        ],
        operands: "JAIL NIGHT[:PATH]", options: ListingOption.all,
        statuses: ExitCode.statuses([.done, .leftOut, .usage, .damage, .inputOutput, .notPermitted, .configuration]))

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard words.count == 2 else {
            throw UsageError(reason: "give JAIL and NIGHT[:PATH]", command: "nightjar-server ls")
        }
        let (number, path) = try nightAndPath(words[1])
        let backupdir = try site.root().backupdir(try site.jail(words[0]))
        guard let catalog = try backupdir.catalogForReading(),
            let night = try backupdir.nights(in: catalog).first(where: { $0.number == number }),
            let generation = night.generation
        else {
            console.error(
                "\(escaped(words[0])) has no night \(number)",
                hint: "nightjar-server nights \(escaped(words[0])) lists what there is")
            return .leftOut
        }
        guard let row = try catalog.resolve(path, at: generation) else {
            console.error("\(path) is not in night \(number)")
            return .leftOut
        }
        let rows = try row.child.map { try catalog.rows(in: $0, at: generation) } ?? [row]
        list(rows, style: TableStyle(site.arguments), &output)
        return .done
    }

    private static func nightAndPath(_ word: [UInt8]) throws(UsageError) -> (Int, Path) {
        let parts = word.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        let digits = UInt8(ascii: "0")...UInt8(ascii: "6")
        guard parts[0].count == 1, let digit = parts[0].first, digits.contains(digit) else {
            throw UsageError(subject: word, reason: "a night is a number from 0 to 6", command: "nightjar-server ls")
        }
        let number = Int(digit - digits.lowerBound)
        guard parts.count == 2, !parts[1].isEmpty else { return (number, Path()) }
        guard let path = Path(absolute: parts[1]) else {
            throw UsageError(
                subject: Array(parts[1]), reason: "a path of the jail begins with '/', and has no '..'",
                command: "nightjar-server ls")
        }
        return (number, path)
    }

    private static func list(_ rows: [Row], style: TableStyle, _ output: inout Output) {
        var table = Table(
            [
                Column("mode"), Column("links", right: true), Column("owner"), Column("group"),
                Column("size", right: true), Column("modified"), Column("name"), Column("target"),
            ], style: style, names: 6)
        for row in rows {
            let metadata = row.stamp.metadata
            let owner = userName(metadata.owner) ?? Array(String(metadata.owner).utf8)
            let group = groupName(metadata.group) ?? Array(String(metadata.group).utf8)
            let isNumeric = style != .human
            table.add(
                [
                    .text(modeText(metadata, row.attributes)), .count(UInt64(row.stamp.links)),
                    isNumeric ? .count(UInt64(metadata.owner)) : .bytes(owner),
                    isNumeric ? .count(UInt64(metadata.group)) : .bytes(group),
                    size(metadata), .time(metadata.modified), .bytes(row.name?.bytes ?? Array("/".utf8)),
                    row.target.map(Cell.bytes) ?? .none,
                ], to: &output)
        }
        table.finish(&output)
    }

    private static func size(_ metadata: Metadata) -> Cell {
        switch metadata.kind {
        case .regular, .symlink: .size(metadata.size)
        case .characterDevice, .blockDevice: .text("\(metadata.device.major), \(metadata.device.minor)")
        case .directory, .fifo, .socket: .none
        }
    }
}
