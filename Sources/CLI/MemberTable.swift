import Model
import Options

/// What would be in an archive, for `--list`: a line for each member, in their order.
package struct MemberTable: ~Copyable {
    private var table: Table

    package init(_ style: TableStyle) {
        table = Table(
            [
                Column("mode"), Column("owner", right: true), Column("group", right: true), Column("size", right: true),
                Column("modified"), Column("path"), Column("target"),
            ], style: style, names: 5)
    }

    /// Owners are numbers: names of this machine may say nothing of the archive's.
    package mutating func add(_ member: ListedMember, to output: inout Output) {
        let metadata = member.metadata
        table.add(
            [
                .text(modeText(metadata, hasList: member.hasList)), .count(UInt64(metadata.owner)),
                .count(UInt64(metadata.group)), sizeCell(metadata), .time(metadata.modified), .bytes(member.path),
                member.target.map(Cell.bytes) ?? .none,
            ], to: &output)
    }

    /// Prints what is still to be printed; nothing can be added afterwards.
    package mutating func finish(_ output: inout Output) { table.finish(&output) }
}

extension RestoreSummary {
    /// Only how much it is, for `--dry-run`.
    package func write(_ style: TableStyle, to output: inout Output) {
        if style == .json {
            output.write(
                JSON.object([
                    ("generation", .number(generation.rawValue)), ("pushed", .time(pushed)),
                    ("members", .unsigned(members)), ("bytes", .unsigned(bytes)),
                    ("left_out", .unsigned(leftOutCount)),
                ]).line + "\n")
        } else {
            output.write(
                "\(grouped(members)) files and directories, \(humanSize(bytes)), pushed \(pushed.local)"
                    + " (generation \(generation.rawValue))\n")
        }
    }
}
