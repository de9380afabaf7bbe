import CLI
import Catalog
import Configuration
import Housekeeping
import Model
import Options
import Platform
import Storage

/// `versions JAIL PATH`: which different states of a file can be had.
enum Versions {
    static let command = Command(
        name: "versions", summary: "List the versions of a file that can be had",
        description: [
            "A line for each state of content, owner, mode, times and attributes that nights and holds have, the newest"
                + " first,"
                + " with the trees that have it. UNTIL is the earliest time at which the last of them can go. It is empty"
                + " where that cannot be said: of what is in night 0 alone, which the next push replaces, and of a hold"
                + " without end."
        ],
        operands: "JAIL PATH",
        options: [NightjarServer.now, ListingOption.machine, ListingOption.script, ListingOption.json],
        statuses: ExitCode.statuses([.done, .leftOut, .usage, .damage, .inputOutput, .notPermitted, .configuration]))

    /// One state of the file.
    private struct Version {
        let row: Row
        var nights: [Int] = []
        var holds: [Hold] = []

        /// Whether anybody could tell the other from it.
        func isSame(as other: Row) -> Bool {
            row.stamp.metadata == other.stamp.metadata && row.attributes == other.attributes
                && row.digest == other.digest && row.target == other.target
        }
    }

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard words.count == 2 else {
            throw UsageError(reason: "give JAIL and a path of it", command: "nightjar-server \(command.name)")
        }
        let path = try site.path(words[1])
        let now = try site.now()
        let backupdir = try site.root().backupdir(try site.jail(words[0]))
        guard let catalog = try backupdir.catalogForReading() else {
            console.error("\(escaped(words[0])) has no night yet")
            return .leftOut
        }
        let nights = try backupdir.nights(in: catalog)
        let versions = try find(path, in: nights, catalog)
        if versions.isEmpty {
            console.error("\(path) is in no night of \(escaped(words[0]))")
            return .leftOut
        }
        let goes = departures(
            of: nights, lastRotation: try catalog.lastRotation().rotated?.time, interval: site.config.rotateInterval,
            now: now, isHeldBack: try braked(nights, catalog, BrakeLimits(site.config)) != nil)
        list(versions, goes, TableStyle(site.arguments), &output)
        return .done
    }

    private static func find(_ path: Path, in nights: [Night], _ catalog: Catalog) throws -> [Version] {
        var versions: [Version] = []
        func note(_ generation: Generation, _ note: (inout Version) -> Void) throws {
            guard let row = try catalog.resolve(path, at: generation) else { return }
            let known = versions.firstIndex { $0.isSame(as: row) }
            if known == nil { versions.append(Version(row: row)) }
            note(&versions[known ?? versions.count - 1])
        }
        for night in nights {
            if let generation = night.generation { try note(generation) { $0.nights.append(night.number) } }
        }
        for hold in try catalog.holds() where hold.path.contains(path) {
            try note(hold.generation) { $0.holds.append(hold) }
        }
        return versions
    }

    /// The latest of the times at which its trees go; nil if one of them has no end, or none is known.
    private static func until(_ version: Version, _ goes: [Int: Timestamp]) -> Timestamp? {
        if version.holds.contains(where: { $0.until == nil }) { return nil }
        return (version.nights.compactMap { goes[$0] } + version.holds.compactMap(\.until)).max()
    }

    private static func list(
        _ versions: [Version], _ goes: [Int: Timestamp], _ style: TableStyle, _ output: inout Output
    ) {
        var table = Table(
            [
                Column("nights"), Column("holds"), Column("size", right: true), Column("modified"), Column("mode"),
                Column("owner"),
                Column("group"), Column("until"), Column("digest"), Column("target"),
            ], style: style)
        for version in versions {
            let row = version.row
            let nights = version.nights.map(String.init).joined(separator: ",")
            let holds = Array(version.holds.map(\.name.bytes).joined(separator: [UInt8(ascii: ",")]))
            table.add(
                [
                    nights.isEmpty ? .none : .text(nights), holds.isEmpty ? .none : .bytes(holds),
                    sizeCell(row.stamp.metadata),
                    .time(row.stamp.metadata.modified), .text(modeText(row.stamp.metadata, row.attributes)),
                    ownerCell(row.stamp.metadata, style), groupCell(row.stamp.metadata, style),
                    until(version, goes).map(Cell.time) ?? .none, row.digest.map { .text($0.hexadecimal) } ?? .none,
                    row.target.map(Cell.bytes) ?? .none,
                ], to: &output)
        }
        table.finish(&output)
    }
}
