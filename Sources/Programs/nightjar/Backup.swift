import Agent
import CLI
import Configuration
import Mail
import Model
import Options
import Platform
import SSH
import Wire

/// `backup`: the nightly run.
enum Backup {
    private static let dryRun = Option(
        long: "dry-run", short: "n", help: "List what would be sent, and what would go; send and change nothing")
    private static let progress = Option(long: "progress", help: "Show progress even where there is no terminal")
    private static let wholeFile = Option(
        long: "whole-file", help: "Send changed files whole, and not what differs from the server's copy")
    private static let verbose = Option(long: "verbose", short: "v", help: "Say what was done, even if all is well")
    private static let json = Option(
        long: "json", help: "Print the record of the run as one JSON object, after one for each name of a dry run")

    private static let changed = Option(
        long: "changed", argument: "FILE",
        help: "Look only where the paths of this list lead (-: standard input); at everything where a full walk is due")

    static let command = Command(
        name: "backup", summary: "Back up every entry of the config",
        description: [
            "Opens each ## ENTRY without following symlinks and sends the server what it lacks. Prints nothing when"
                + " nothing is amiss.",
            "What cannot be read keeps its last good copy on the server and is named; entries that are missing are"
                + " mailed as well.",
        ],
        options: [dryRun, wholeFile, progress, verbose, json] + Overrides.options + [changed],
        statuses: ExitCode.statuses([
            .done, .leftOut, .usage, .damage, .unavailable, .inputOutput, .tryLater, .notPermitted, .configuration,
        ]))

    static func run(
        _ file: [UInt8], _ arguments: Arguments, _ console: Console, _ output: inout Output
    ) throws -> ExitCode {
        if arguments.has(verbose) { console.beVerbose() }
        guard arguments.operands.isEmpty else {
            throw UsageError(
                subject: arguments.operands[0], reason: "backup takes no operands", command: "nightjar backup")
        }
        let overrides = try Overrides(arguments)
        if overrides.checksAll, arguments.has(changed) {
            throw UsageError(
                reason: "--checksum looks at everything, --changed only at what is named", command: "nightjar backup")
        }
        try Signal.catchTermination()
        var config: BackupConfig
        do {
            config = try ConfigFile.load(file)
            overrides.apply(to: &config)
        } catch {
            note(error, nil, [], arguments, &output)
            throw error
        }
        return try run(config, arguments, console, &output)
    }

    /// Steps back behind whatever else the machine is for.
    private static func stepBack(_ console: Console) {
        do throws(SystemError) {
            try yieldToOthers()
        } catch {
            console.warning("nice: \(error); the backup goes on as it is")
        }
    }

    private static func run(
        _ config: BackupConfig, _ arguments: Arguments, _ console: Console, _ output: inout Output
    ) throws -> ExitCode {
        let file = config.file
        for warning in config.warnings { console.warning(warning.text(in: file)) }
        for note in config.notes { console.note("\(escaped(file)):\(note.line ?? 0): \(note.text)") }

        // Before there are other threads.
        if config.yieldsToOthers { stepBack(console) }
        let entries: EntryOpening
        do {
            entries = try EntryOpening(
                config.entries, patience: config.fileSystemPatience, isInterrupted: isInterrupted)
        } catch {
            note(error, config, [], arguments, &output)
            throw error
        }
        for issue in entries.issues { console.error("\(escaped(file)):\(issue.line ?? 0): \(issue.text)") }
        let isMailed = arguments.has(dryRun) || mail(entries.issues, config, console)

        let report: PushReport
        do {
            report = try push(entries, config, arguments, console)
        } catch {
            note(error, config, entries.issues, arguments, &output)
            throw error
        }
        for issue in report.issues where !entries.issues.contains(issue) {
            switch issue.reason {
            // Nothing is left out, and yet all may not be well with the disk.
            case .changedWithoutTrace, .sentWhole: console.warning(issue.text)
            case _ where issue.reason.leavesOut: console.error(issue.text)
            default: console.note(issue.text)
            }
        }
        let code = exitCode(of: report, isMailed: isMailed)
        tell(report, console)
        if arguments.has(json) {
            var reason: String?
            if case .failed(let error) = report.outcome { reason = error.description }
            let record = record(code, reason: reason, config: config, report: report, issues: report.issues)
            output.write(record.line + "\n")
        }
        return code
    }

    /// The record of a run that an error ended before it came to the server's first word.
    private static func note(
        _ error: any Error, _ config: BackupConfig?, _ issues: [Issue], _ arguments: Arguments, _ output: inout Output
    ) {
        guard arguments.has(json) else { return }
        let record = record(ExitCode(error), reason: "\(error)", config: config, report: nil, issues: issues)
        output.write(record.line + "\n")
    }

    private static func push(
        _ entries: EntryOpening, _ config: BackupConfig, _ arguments: Arguments, _ console: Console
    ) throws -> PushReport {
        let isRehearsal = arguments.has(dryRun)
        var settings = PushSettings(
            hello: Hello(
                purpose: isRehearsal ? .dryRun : .push, release: release, host: Array(hostName().utf8),
                backupdir: config.backupdir.bytes, share: config.verifyShare,
                // To read a copy costs more than to take a file over from the same machine.
                wholeFiles: arguments.has(wholeFile) || config.server == .local), clock: wallClock)
        settings.fileSystemPatience = config.fileSystemPatience
        settings.hints = try ChangedPaths.read(
            arguments.values(of: changed), leadingTo: config.entries.map(\.path), console, isInterrupted: isInterrupted)
        settings.readRate = config.readRate
        settings.compression = config.compression
        settings.isInterrupted = isInterrupted
        let view = ProgressView(console, isForced: arguments.has(progress))
        settings.onProgress = view.show
        let rehearsal = RehearsalView(isJSON: arguments.has(json))
        settings.onRehearsed = rehearsal.show

        if entries.opened == 0 { throw PushError.noEntry }
        let connection = try Connection.open(config, isInterrupted: isInterrupted)
        settings.further = connection.further
        settings.onFurtherRefused = {
            console.note("no further channel of the connection: \($0); sshd's MaxSessions may be too low")
        }
        let report = Push.run(entries, over: connection.stream, settings)
        view.finish()
        if case .failed(let error) = report.outcome {
            console.error(error.isOfJail ? "\(error)" : "\(config.server): \(error)")
            if error.isUnexplained, let complaint = connection.complaint(unlessIn: error.description) {
                console.error("the server said: \(complaint)")
            }
        }
        if settings.hints != nil, report.generation != nil {
            console.note(
                report.isPartial
                    ? "only what the list leads to was looked at"
                    : "everything was looked at: the server says that a full walk is due, or the list names too much")
        }
        connection.end()
        let found = try rehearsal.finish()
        if case .rehearsed = report.outcome { console.note("dry run: \(found)") }
        return report
    }

    @Sendable private static func isInterrupted() -> Bool { Signal.termination != nil }

    /// One mail for all entries that are missing. What keeps it back is said, and does not keep back the push.
    private static func mail(_ issues: [Issue], _ config: BackupConfig, _ console: Console) -> Bool {
        guard !issues.isEmpty else { return true }
        let mail = MissingEntriesMail(
            host: hostName(), config: config.file, recipient: config.mailto, entries: issues)
        do throws(MailError) {
            try mail.send(
                through: config.sendmail, templates: environmentVariable("NIGHTJAR_TEMPLATES"), now: wallClock())
            return true
        } catch {
            console.error("the mail to \(escaped(config.mailto)) about missing entries was not handed over: \(error)")
            return false
        }
    }

    private static func tell(_ report: PushReport, _ console: Console) {
        let counts = report.counts
        let seen =
            "\(grouped(counts.entries)) files, \(grouped(counts.directories)) directories, \(humanSize(counts.bytesSeen)) seen"
        let sent =
            "\(humanSize(report.bytesSent)) sent, in \(humanDuration(report.duration.seconds))"
            + (report.channels > 1 ? ", on \(report.channels) channels" : "")
        if report.verified.files > 0 {
            let (files, bytes) = report.verified
            console.note("\(grouped(files)) files compared by digest, \(humanSize(bytes))")
        }
        switch report.outcome {
        case .committed(let generation):
            // A server may claim anything: never less than none.
            let (kept, isLess) = counts.changed.subtractingReportingOverflow(counts.removed)
            let changed = "\(grouped(isLess ? 0 : kept)) new or changed, \(grouped(counts.removed)) gone"
            let continued = report.continues ? " (continued from a push that broke off)" : ""
            console.note("generation \(generation.rawValue)\(continued): \(seen), \(changed); \(sent)")
        case .rehearsed: console.note("dry run: \(seen); nothing was changed")
        case .failed: console.note("not complete: \(seen); \(sent)")
        }
    }
}

extension Issue {
    /// `PATH: REASON: DETAIL`
    var text: String { "\(escaped(path)): \(reason)" + (detail.isEmpty ? "" : ": \(detail)") }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension BackupConfig {
    /// Seconds for which a file system may keep one waiting.
    var fileSystemPatience: Double { hangAfter.map(Double.init) ?? Watchdog.usualPatience }
}
