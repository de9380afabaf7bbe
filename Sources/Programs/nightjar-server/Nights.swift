import CLI
import Catalog
import Model
import Options
import Storage

/// `nights [JAIL…]`: what is kept of each jail.
enum Nights {
    static let command = Command(
        name: "nights", summary: "List what is kept of each jail",
        description: [
            "A line for each night. The last push is named beside night 0 only if it came to nothing; --pushes lists"
                + " them all."
        ],
        operands: "[JAIL...]", options: [pushes] + ListingOption.all,
        statuses: ExitCode.statuses([.done, .usage, .damage, .inputOutput, .notPermitted, .configuration]))

    private static let pushes = Option(long: "pushes", help: "List the runs of pushes instead, the newest first")

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let root = try site.root()
        let words = site.arguments.operands
        let jails = try words.isEmpty ? root.jails() : words.map(site.jail)
        return try site.arguments.has(pushes)
            ? listPushes(of: jails, root, site, console, &output) : listNights(of: jails, root, site, console, &output)
    }

    private static func listNights(
        of jails: [Name], _ root: DataRoot, _ site: Site, _ console: Console, _ output: inout Output
    ) throws -> ExitCode {
        var table = Table(
            [
                Column("jail"), Column("night", right: true), Column("generation", right: true), Column("uuid"),
                Column("pushed"), Column("valid"), Column("held"), Column("files", right: true),
                Column("bytes", right: true), Column("changed", right: true), Column("new_bytes", right: true),
            ], style: TableStyle(site.arguments), names: 0)
        let code = eachJail(jails, root, console) { jail, backupdir, catalog in
            let generations = Dictionary(uniqueKeysWithValues: try catalog.generations().map { ($0.number, $0) })
            let nights = try backupdir.nights(in: catalog)
            let holds = Dictionary(grouping: try catalog.holds(), by: \.generation)
            for night in nights {
                let record = night.generation.flatMap { generations[$0] }
                let held = night.generation.flatMap { holds[$0] } ?? []
                table.add(row(jail, .count(UInt64(night.number)), record, held), to: &output)
            }
            // What is held outlives its night.
            for (generation, held) in holds.sorted(by: { $0.key > $1.key })
            where !nights.contains(where: { $0.generation == generation }) {
                table.add(row(jail, .none, generations[generation], held), to: &output)
            }
            if let last = try catalog.pushes(limit: 1).first, last.outcome == .failed {
                console.warning("\(jail): the push of \(last.started.local) failed: \(last.reason)")
            }
        }
        table.finish(&output)
        return code
    }

    /// Looks at one jail after the other. What is wrong with one is said, and hides none of the others.
    ///
    /// - Returns: what the last trouble says of the exit status; done if there was none.
    private static func eachJail(
        _ jails: [Name], _ root: DataRoot, _ console: Console, _ look: (Name, Backupdir, Catalog) throws -> Void
    ) -> ExitCode {
        var code = ExitCode.done
        for jail in jails {
            do {
                let backupdir = try root.backupdir(jail)
                guard let catalog = try backupdir.catalogForReading() else { continue }
                try look(jail, backupdir, catalog)
            } catch {
                console.error("\(jail): \(error)")
                code = NightjarServer.status(of: error)
            }
        }
        return code
    }

    private static func row(_ jail: Name, _ night: Cell, _ record: GenerationRecord?, _ holds: [Hold]) -> [Cell] {
        let name: [Cell] = [.bytes(jail.bytes), night]
        guard let record else { return name + Array(repeating: .none, count: 9) }
        return name + [
            .count(UInt64(record.number.rawValue)), .text(record.uuid), record.committed.map(Cell.time) ?? .none,
            .flag(record.valid), held(holds), .count(record.files), .size(record.bytes), .count(record.changed),
            .size(record.newBytes),
        ]
    }

    /// `dispute /home/shop until 2026-12-24 00:00:00`, separated by commas.
    private static func held(_ holds: [Hold]) -> Cell {
        if holds.isEmpty { return .none }
        let words = holds.map { hold in
            let part = hold.path.names.isEmpty ? "" : " \(hold.path)"
            return "\(hold.name)\(part)" + (hold.until.map { " until \($0.local)" } ?? "")
        }
        return .text(words.joined(separator: ", "))
    }

    private static func listPushes(
        of jails: [Name], _ root: DataRoot, _ site: Site, _ console: Console, _ output: inout Output
    ) throws -> ExitCode {
        var table = Table(
            [
                Column("jail"), Column("push", right: true), Column("started"), Column("ended"), Column("outcome"),
                Column("generation", right: true), Column("reason"), Column("entries", right: true),
                Column("listings", right: true), Column("changed", right: true), Column("removed", right: true),
                Column("content", right: true), Column("received", right: true), Column("sent", right: true),
                Column("left_out", right: true), Column("issues"),
            ], style: TableStyle(site.arguments), names: 0)
        let code = eachJail(jails, root, console) { jail, _, catalog in
            for push in try catalog.pushes() { table.add(row(jail, push), to: &output) }
        }
        table.finish(&output)
        return code
    }

    private static func row(_ jail: Name, _ push: PushRecord) -> [Cell] {
        let counts = push.counts
        let issues = push.issues.map { "\(escaped($0.path)): \($0.reason)" }.joined(separator: "; ")
        return [
            .bytes(jail.bytes), .count(UInt64(push.number)), .time(push.started), .time(push.ended),
            .text(push.outcome == .complete ? "complete" : "failed"),
            push.generation.map { .count(UInt64($0.rawValue)) } ?? .none, .text(push.reason), .count(counts.entries),
            .count(counts.listings), .count(counts.changed), .count(counts.removed), .size(counts.contentBytes),
            .size(push.received), .size(push.sent), .count(counts.leftOut), .text(issues),
        ]
    }
}
