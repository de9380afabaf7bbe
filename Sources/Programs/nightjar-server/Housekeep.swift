import CLI
import Catalog
import Configuration
import Housekeeping
import Model
import Options
import Platform
import Storage

/// `housekeep [JAIL…]`: moves the nights of each jail down by one where it is time.
enum Housekeep {
    private static let force = Option(long: "force", help: "Rotate now, though it is not time or nothing is new")
    private static let full = Option(
        long: "full", help: "Compare the whole trees instead of trusting the catalog; mend what differs")
    private static let accept = Option(
        long: "accept", help: "Let the nights move though what was pushed looks like a loss; for jails that are named")
    private static let dryRun = Option(long: "dry-run", help: "Say what would be done and why; change nothing")
    private static let watch = Option(
        long: "watch", help: "Go on as a service: do each jail when something was committed, and when it is time")
    private static let verbose = Option(long: "verbose", short: "v", help: "Say what is done")

    static let command = Command(
        name: "housekeep", summary: "Move the nights of each jail down by one, where it is time",
        description: [
            "A jail is rotated when 0 is newer than 1 and rotate-interval (server.conf) has passed since the last time:"
                + " night 6 is brought to what 0 is, at the cost of what changed, and becomes night 1. Holds whose time"
                + " has come are let go.",
            "It may be cut at any moment: the next run of anything finishes it. The nights of a jail move while it pushes;"
                + " only a commit is waited for. A jail that another pass is at is tried again when all others are done,"
                + " for a minute.",
            "Where an entry shrank or changed by more than brake-shrink and brake-change allow, is empty, or lies on"
                + " another file system, the nights stay as they are and mailto is told, once: --accept lets them move,"
                + " nightjar-server revert takes the push back. mailto is also told, once, of a jail that was silent for"
                + " stale-after, and once when it is back.",
        ],
        operands: "[JAIL...]",
        options: [watch, force, full, accept, dryRun, NightjarServer.now, verbose] + ListingOption.all,
        statuses: ExitCode.statuses(
            [.done, .leftOut, .usage, .damage, .inputOutput, .tryLater, .notPermitted, .configuration],
            leftOut: "done, but a jail's nights stay as they are, or a mail was not sent, and it is named"))

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        if site.arguments.has(verbose) { console.beVerbose() }
        let root = try site.root()
        let words = site.arguments.operands
        let jails = try words.isEmpty ? root.jails() : words.map(site.jail)
        let pass = pass(site)
        if pass.accepts, words.isEmpty {
            throw UsageError(reason: "--accept wants the jail's name", command: "nightjar-server housekeep")
        }
        if site.arguments.has(watch) {
            guard words.isEmpty, !pass.rule.isForced, !site.arguments.has(NightjarServer.now) else {
                throw UsageError(
                    reason: "--watch is for all jails, all times, and without --force",
                    command: "nightjar-server housekeep")
            }
            return try watch(root, pass, console)
        }
        let now = try site.moment()
        if site.arguments.has(dryRun) { return preview(jails, root, pass, now, site, console, &output) }
        return housekeep(jails, root, pass, now, console)
    }

    private static func pass(_ site: Site) -> JailPass {
        let config = site.config
        let mail = StaffMail(config: config)
        var pass = JailPass(
            rule: RotationRule(
                interval: config.rotateInterval, fullEvery: config.fullEvery,
                isForced: site.arguments.has(force), isFull: site.arguments.has(full)),
            limits: BrakeLimits(config),
            staleAfter: config.staleAfter
        ) { notice, jail in try mail.send(notice, of: jail) }
        pass.accepts = site.arguments.has(accept)
        return pass
    }

    /// Each jail in turn. What is wrong with one is said, and stops none of the others.
    private static func housekeep(
        _ jails: [Name], _ root: DataRoot, _ pass: JailPass, _ now: Moment, _ console: Console
    ) -> ExitCode {
        var code = ExitCode.done
        var waiting = jails
        var isFirst = true
        let start = steadySeconds()
        while !waiting.isEmpty {
            let isLast = steadySeconds() - start >= 60
            var busy: [Name] = []
            for jail in waiting {
                do {
                    let report = try pass.run(over: root.backupdir(jail), at: now)
                    let told = report.tell(of: jail, console)
                    if code == .done || told == .damage { code = told }
                    if pass.accepts, report.accepted == nil {
                        console.error("\(jail): there was nothing to accept: \(report.decision.words)")
                        if code == .done { code = .leftOut }
                    }
                } catch let error as StorageError where error.problem == .busy && !isLast {
                    if isFirst { console.note("\(jail): \(error)") }
                    busy.append(jail)
                } catch {
                    console.error("\(jail): \(error)")
                    code = ExitCode(of: error)
                }
            }
            waiting = busy
            isFirst = false
            if !waiting.isEmpty { pause(seconds: 1) }
        }
        return code
    }

    /// Ends with SIGTERM, SIGINT or SIGHUP, between two steps.
    private static func watch(_ root: DataRoot, _ pass: JailPass, _ console: Console) throws -> ExitCode {
        console.beVerbose()
        console.showPriorities()
        let notice = ServiceNotice()
        try Signal.catchTermination()
        let watch = Watch(root, pass, now: { try presentMoment() }) { jail, turn in
            switch turn {
            case .done(let report): _ = report.tell(of: jail, console)
            case .failed(let error): console.error("\(jail): \(error)")
            }
        }
        let rest = min(5, notice.patience.map { $0 / 3 } ?? 5)
        var isReady = false
        try watch.run(workers: workers) { isAlive in
            if !isReady { notice.ready() }
            isReady = true
            // Whoever hangs is to be started anew; what it was about is finished then.
            if isAlive { notice.alive() }
            return !isToEnd(within: rest)
        }
        notice.stopping()
        return .done
    }

    /// Waits for so many seconds, or until a signal asks the program to end; whether one has.
    private static func isToEnd(within seconds: Double) -> Bool {
        let start = steadySeconds()
        while Signal.termination == nil, steadySeconds() - start < seconds { pause(seconds: 0.2) }
        return Signal.termination != nil
    }

    /// Jails that are done at once: more would only make a disk seek.
    private static let workers = 4

    private static func preview(
        _ jails: [Name], _ root: DataRoot, _ pass: JailPass, _ now: Moment, _ site: Site, _ console: Console,
        _ output: inout Output
    ) -> ExitCode {
        var code = ExitCode.done
        var table = Table(
            [
                Column("jail"), Column("rotates"), Column("why"), Column("operations", right: true),
                Column("recycles", right: true), Column("releases"), Column("tells"),
            ], style: TableStyle(site.arguments), names: 0)
        for jail in jails {
            do {
                let preview = try pass.preview(of: root.backupdir(jail), at: now)
                let notices = preview.look.notices.map(\.words)
                let rotates = if case .rotate = preview.look.decision { true } else { false }
                table.add(
                    [
                        .bytes(jail.bytes), .flag(rotates), .text(preview.look.decision.words),
                        rotates ? .count(preview.operations) : .none,
                        preview.recycled.map { .count(UInt64($0.rawValue)) } ?? .none,
                        joined(preview.look.expired.map(\.name)),
                        .several(JSON.list(notices.map(JSON.text)), line: notices.joined(separator: ", ")),
                    ], to: &output)
            } catch {
                console.error("\(jail): \(error)")
                code = ExitCode(of: error)
            }
        }
        table.finish(&output)
        return code
    }
}

extension BrakeLimits {
    init(_ config: ServerConfig) { self.init(shrink: config.brakeShrink, change: config.brakeChange) }
}
