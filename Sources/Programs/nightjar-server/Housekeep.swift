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
            "It may be cut at any moment: the next run of anything finishes it. A jail whose push is under way is tried"
                + " again when all others are done, for a minute.",
        ],
        operands: "[JAIL...]",
        options: [watch, force, full, dryRun, NightjarServer.now, verbose] + ListingOption.all,
        statuses: ExitCode.statuses([
            .done, .usage, .damage, .inputOutput, .tryLater, .notPermitted, .configuration,
        ]))

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        if site.arguments.has(verbose) { console.beVerbose() }
        let root = try site.root()
        let words = site.arguments.operands
        let jails = try words.isEmpty ? root.jails() : words.map(site.jail)
        let pass = JailPass(
            rule: RotationRule(
                interval: site.config.rotateInterval, fullEvery: site.config.fullEvery,
                isForced: site.arguments.has(force), isFull: site.arguments.has(full)))
        if site.arguments.has(watch) {
            guard words.isEmpty, pass.rule.isForced == false, !site.arguments.has(NightjarServer.now) else {
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

    /// Each jail in turn. What is wrong with one is said, and stops none of the others.
    private static func housekeep(
        _ jails: [Name], _ root: DataRoot, _ pass: JailPass, _ now: Moment, _ console: Console
    ) -> ExitCode {
        var code = ExitCode.done
        var waiting = jails
        let start = steadySeconds()
        while !waiting.isEmpty {
            let isLast = steadySeconds() - start >= 60
            var busy: [Name] = []
            for jail in waiting {
                do {
                    let report = try pass.run(over: root.backupdir(jail), at: now)
                    if tell(report, of: jail, console) != .done { code = .damage }
                } catch let error as StorageError where error.problem == .busy && !isLast {
                    busy.append(jail)
                } catch {
                    console.error("\(jail): \(error)")
                    code = ExitCode(of: error)
                }
            }
            waiting = busy
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
            case .done(let report): _ = tell(report, of: jail, console)
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
            let start = steadySeconds()
            while Signal.termination == nil, steadySeconds() - start < rest { pause(seconds: 0.1) }
            return Signal.termination == nil
        }
        notice.stopping()
        return .done
    }

    /// Jails that are done at once: more would only make a disk seek.
    private static let workers = 4

    /// - Returns: `.damage` where trees were not what the catalog says.
    private static func tell(_ report: JailPass.Report, of jail: Name, _ console: Console) -> ExitCode {
        for hold in report.released { console.note("\(jail): let go of \(hold.name), whose time has come") }
        guard let rotation = report.rotation else {
            if report.decision == .inDoubt {
                console.warning("\(jail): the catalog does not know the tree in 0; nothing was rotated")
                return .damage
            }
            console.note("\(jail): \(words(report.decision))")
            return .done
        }
        console.note(
            "\(jail): rotated; 1 is generation \(rotation.generation.rawValue), \(words(rotation.source));"
                + " \(report.forgotten) rows forgotten")
        if case .freshCopyInstead(let reason) = rotation.source {
            console.warning("\(jail): \(reason); a fresh copy was made instead of recycling it")
        }
        guard rotation.mended > 0 else { return .done }
        console.warning(
            "\(jail): \(rotation.mended) names of the recycled tree were not what the catalog says; they are mended in 1,"
                + " and other nights may have the like")
        return .damage
    }

    private static func preview(
        _ jails: [Name], _ root: DataRoot, _ pass: JailPass, _ now: Moment, _ site: Site, _ console: Console,
        _ output: inout Output
    ) -> ExitCode {
        var code = ExitCode.done
        var table = Table(
            [
                Column("jail"), Column("rotates"), Column("why"), Column("operations", right: true),
                Column("recycles", right: true), Column("releases"),
            ], style: TableStyle(site.arguments), names: 0)
        for jail in jails {
            do {
                let preview = try pass.preview(of: root.backupdir(jail), at: now)
                let rotates = if case .rotate = preview.look.decision { true } else { false }
                table.add(
                    [
                        .bytes(jail.bytes), .flag(rotates), .text(words(preview.look.decision)),
                        rotates ? .count(preview.operations) : .none,
                        preview.recycled.map { .count(UInt64($0.rawValue)) } ?? .none,
                        .text(preview.look.expired.map(\.name.description).joined(separator: ", ")),
                    ], to: &output)
            } catch {
                console.error("\(jail): \(error)")
                code = ExitCode(of: error)
            }
        }
        table.finish(&output)
        return code
    }

    private static func words(_ decision: RotationDecision) -> String {
        switch decision {
        case .rotate(comparing: false): "it is time"
        case .rotate(comparing: true): "it is time, and whole trees are compared"
        case .nothingPushed: "nothing was pushed yet"
        case .nothingNew(let generation): "nothing was pushed since generation \(generation.rawValue) became 1"
        case .tooSoon(let seconds): "the last rotation was \(humanDuration(Double(seconds))) ago"
        case .clockWentBack: "the clock stands before the last rotation; the interval is counted from now"
        case .inDoubt: "the catalog does not know the tree in 0"
        }
    }

    private static func words(_ source: RotationReport.Source) -> String {
        switch source {
        case .recycled(let generation): "recycled from generation \(generation.rawValue)"
        case .freshCopy, .freshCopyInstead: "a fresh copy"
        }
    }
}
