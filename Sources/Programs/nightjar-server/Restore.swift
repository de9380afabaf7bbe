import CLI
import Catalog
import Configuration
import Delivery
import Model
import Options
import Placing
import Platform
import Restore
import Storage

/// `restore JAIL WHAT…`: an archive of what a night held.
enum Restore {
    static let command = Command(
        name: "restore", summary: "Write what a night holds into an archive",
        description: [
            RestoreArguments.what(of: "the jail", config: "server.conf"),
            "The archive goes to FILE, else to restore-JAIL-CUSTOMER-DATE.tar.gz here. It never takes the place of"
                + " anything, it is for its owner alone, and nothing is left of one that failed. Names in it are"
                + " relative to the customer's root.",
            RestoreArguments.promise,
        ],
        operands: "JAIL WHAT...", options: RestoreArguments.all + [NightjarServer.now] + ListingOption.all,
        statuses: ExitCode.statuses(
            [.done, .leftOut, .usage, .damage, .cannotCreate, .inputOutput, .tryLater, .notPermitted, .configuration],
            leftOut: RestoreArguments.leftOut))

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard words.count >= 2 else {
            throw UsageError(reason: "give JAIL and what of it", command: "nightjar-server \(command.name)")
        }
        try RestoreArguments.refuseIdle(site.arguments, places: [RestoreArguments.output])
        let jail = try site.jail(words[0])
        do {
            let reply = try Reply(site.arguments)
            let restoration = try restoration(site, jail, Array(words.dropFirst()))
            let style = TableStyle(site.arguments)
            if site.arguments.has(RestoreArguments.list) {
                var table = MemberTable(style)
                try restoration.members { table.add($0.listed, to: &output) }
                table.finish(&output)
                return .done
            }
            if site.arguments.has(RestoreArguments.dryRun) {
                try restoration.plan().write(style, to: &output)
                return .done
            }
            return try deliver(restoration, site, jail, reply, console, &output)
        } catch let refusal as RestoreRefusal {
            return console.complain(of: refusal, lister: "nightjar-server nights \(jail)")
        } catch let error as PlacingError {
            console.error("\(error)")
            return ExitCode(error)
        }
    }

    private static func restoration(_ site: Site, _ jail: Name, _ words: [[UInt8]]) throws -> Restoration {
        let (night, format) = (try NightArguments.choice(site.arguments), try RestoreArguments.format(site.arguments))
        let days = try RestoreArguments.holdDays(site.arguments)
        let backupdir = try site.root().backupdir(jail)
        let parts = try RestorePart.parts(
            of: words, among: try knownEntries(of: backupdir), site.config.customerRoots)
        return try Restoration(
            RestoreOrder(night: night, parts: parts, format: format, holdDays: days), of: backupdir)
    }

    private static func deliver(
        _ restoration: Restoration, _ site: Site, _ jail: Name, _ reply: Reply, _ console: Console,
        _ output: inout Output
    ) throws -> ExitCode {
        let date = (restoration.generation.committed ?? restoration.generation.started).day
        let name = restoration.order.fileName(jail: jail, date: date)
        let place = site.arguments.value(of: RestoreArguments.output) ?? name.bytes
        let destination = try RestoreArguments.destination(place)
        var keeping = RestoreKeeping(restoration, at: try site.now(), date: date)
        keeping.tryToKeep()
        // Compression and holes make it as large as it turns out to be.
        let written = try destination.write(
            expecting: 0, keepsDamaged: site.arguments.has(RestoreArguments.damaged)
        ) { try write(restoration, to: $0, console) }
        // A push that was in the way may have ended.
        keeping.tryToKeep()
        let report = RestoreReport(
            jail: jail, order: restoration.order, reply: reply, written: written, hold: keeping.hold, root: nil)
        return try report.tell(site.arguments, sendmail: site.config.sendmail, console, &output)
    }

    private static func write(
        _ restoration: Restoration, to sink: (UnsafeRawBufferPointer) throws -> Void, _ console: Console
    ) throws -> RestoreSummary {
        let progress = Progress(console: console, terminal: Terminal(2), title: nil)
        defer { progress.finish() }
        let start = steadySeconds()
        return try restoration.write(
            progress: { state in
                let seconds = steadySeconds() - start
                progress.report(at: seconds) {
                    ProgressState(files: state.members, bytes: state.bytes, seconds: seconds, path: state.path)
                }
            }, to: sink)
    }
}
