import CLI
import Catalog
import Configuration
import Model
import Options
import Queries
import Storage

/// `nights [JAIL…]`: what is kept of each jail.
enum Nights {
    static let command = Site.queries.nights

    static let pushes = Option(long: "pushes", help: "List the runs of pushes instead, the newest first")

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        // A word that is no time is nobody's trouble but the caller's, whatever jails there are.
        let (now, root) = (try site.now(), try site.root())
        let named = try site.arguments.operands.map(site.jail)
        var listed: Set<Name> = []
        let jails = try named.isEmpty ? root.jails() : named.filter { listed.insert($0).inserted }
        return try site.arguments.has(pushes)
            ? listPushes(of: jails, root, site, console, &output)
            : listNights(of: jails, root, site, at: now, console, &output)
    }

    private static func listNights(
        of jails: [Name], _ root: DataRoot, _ site: Site, at now: Timestamp, _ console: Console,
        _ output: inout Output
    ) throws -> ExitCode {
        var table = FindingTable(.nights, TableStyle(site.arguments))
        let code = eachJail(jails, root, console) { jail, backupdir in
            _ = try site.records(backupdir, at: now).answer(.nights) { finding in
                if case .trouble(let trouble) = finding { console.warning(trouble.text(of: jail)) }
                table.add(finding, of: jail, to: &output)
            }
        }
        table.finish(&output)
        return code
    }

    /// Looks at one jail after the other. What is wrong with one is said, and hides none of the others.
    ///
    /// - Returns: what the last trouble says of the exit status; done if there was none.
    private static func eachJail(
        _ jails: [Name], _ root: DataRoot, _ console: Console, _ look: (Name, Backupdir) throws -> Void
    ) -> ExitCode {
        var code = ExitCode.done
        for jail in jails {
            do {
                try look(jail, try root.backupdir(jail))
            } catch {
                console.error("\(jail): \(error)")
                code = ExitCode(of: error)
            }
        }
        return code
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
                Column("commit_seconds", right: true), Column("left_out", right: true), Column("notes", right: true),
                Column("partial"), Column("channels", right: true), Column("issues"),
            ], style: TableStyle(site.arguments))
        let code = eachJail(jails, root, console) { jail, backupdir in
            for push in try backupdir.pushes(limit: 100) { table.add(row(jail, push), to: &output) }
        }
        table.finish(&output)
        return code
    }

    private static func row(_ jail: Name, _ push: PushRecord) -> [Cell] {
        let counts = push.counts
        let issues = push.issues.map { "\(escaped($0.path)): \($0.reason)" }.joined(separator: "; ")
        return [
            .bytes(jail.bytes), .count(UInt64(push.number)), .time(push.started),
            push.ended.map(Cell.time) ?? .none, .text(word(push.outcome)),
            push.generation.map { .count(UInt64($0.rawValue)) } ?? .none, .text(push.reason), .count(counts.entries),
            .count(counts.listings), .count(counts.changed), .count(counts.removed), .size(counts.contentBytes),
            .size(push.received), .size(push.sent), .seconds(Double(push.commitNanoseconds) / 1e9),
            .count(counts.leftOut), .count(counts.notes), push.isPartial.map(Cell.flag) ?? .none,
            push.channels.map { .count(UInt64($0)) } ?? .none,
            .several(JSON.list(push.issues.map(\.json)), line: issues),
        ]
    }

    private static func word(_ outcome: PushRecord.Outcome) -> String {
        switch outcome {
        case .complete: "complete"
        case .failed: "failed"
        case .running: "running"
        }
    }
}
