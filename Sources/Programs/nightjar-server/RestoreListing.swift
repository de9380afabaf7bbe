import CLI
import Catalog
import Model
import Restore

/// What an archive would hold, for `--list` and `--dry-run`.
enum RestoreListing {
    /// A line for each member, in the order of the archive.
    static func write(_ restoration: Restoration, _ style: TableStyle, _ output: inout Output) throws {
        var table = Table(
            [
                Column("mode"), Column("owner", right: true), Column("group", right: true), Column("size", right: true),
                Column("modified"), Column("path"), Column("target"),
            ], style: style, names: 5)
        try restoration.members { member in
            let metadata = member.row.stamp.metadata
            let attributes = member.row.attributes
            let target = member.row.target ?? member.first.map { Array($0.map(\.bytes).joined(separator: [0x2F])) }
            table.add(
                [
                    .text(modeText(metadata, hasList: attributes.accessList != nil || attributes.defaultList != nil)),
                    // Names of this machine say nothing of the jail's.
                    .count(UInt64(metadata.owner)), .count(UInt64(metadata.group)), sizeCell(metadata),
                    .time(metadata.modified), .bytes(member.path), target.map(Cell.bytes) ?? .none,
                ], to: &output)
        }
        table.finish(&output)
    }

    /// Only how much it is.
    static func write(_ plan: RestoreSummary, _ style: TableStyle, _ output: inout Output) {
        if style == .json {
            output.write(
                JSON.object([
                    ("generation", .number(plan.generation.rawValue)), ("pushed", .time(plan.pushed)),
                    ("members", .unsigned(plan.members)), ("bytes", .unsigned(plan.bytes)),
                    ("left_out", .unsigned(plan.leftOutCount)),
                ]).line + "\n")
        } else {
            output.write(
                "\(grouped(plan.members)) files and directories, \(humanSize(plan.bytes)), pushed \(plan.pushed.local)"
                    + " (generation \(plan.generation.rawValue))\n")
        }
    }
}
