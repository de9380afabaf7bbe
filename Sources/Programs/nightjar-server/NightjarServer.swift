import CLI
import Catalog
import Configuration
import Model
import Options
import Platform
import Storage

/// `nightjar-server`: what staff and timers do on the backup server.
@main
struct NightjarServer {
    /// For the commands that look at the clock.
    static let now = Option(long: "now", argument: "TIME", help: "Take this for the time, to try what will be")

    private static let program = Program(
        name: "nightjar-server", summary: "What staff do on the backup server", version: release,
        commands: [
            Enroll.command, Housekeep.command, Nights.command, Ls.command, Versions.command, Find.command,
            Diff.command, Restore.command, Keep.command, Release.command, Revert.command,
        ], common: [ServerArguments.data])

    static func main() {
        program.main(status: ExitCode.init(of:)) { command, arguments, console, output in
            // Housekeeping holds directories of several jails open at once.
            _ = try raiseDescriptorLimit()
            let site = try Site(arguments, console)
            switch command.name {
            case Enroll.command.name: return try Enroll.run(site, &output)
            case Housekeep.command.name: return try Housekeep.run(site, console, &output)
            case Nights.command.name: return try Nights.run(site, console, &output)
            case Versions.command.name: return try Versions.run(site, console, &output)
            case Find.command.name: return try Find.run(site, console, &output)
            case Diff.command.name: return try Diff.run(site, console, &output)
            case Restore.command.name: return try Restore.run(site, console, &output)
            case Keep.command.name: return try Keep.run(site, console, &output)
            case Release.command.name: return try Release.run(site, console, &output)
            case Revert.command.name: return try Revert.run(site, console, &output)
            default: return try Ls.run(site, console, &output)
            }
        }
    }
}

extension Console {
    /// Says that the jail has no such night.
    func complain(of choice: NightChoice, _ jail: [UInt8]) {
        error(
            "\(escaped(jail)) has no \(choice)", hint: "nightjar-server nights \(escaped(jail)) lists what there is")
    }
}

/// What every command is given: the data root, and its own words.
struct Site {
    let dataPath: Path
    let config: ServerConfig
    let arguments: Arguments

    init(_ arguments: Arguments, _ console: Console) throws {
        self.arguments = arguments
        config = try ServerConfig.load()
        for warning in config.warnings { console.warning(warning.text(in: config.file)) }
        dataPath = try ServerArguments.dataRoot(arguments) ?? config.data
    }

    func root() throws -> DataRoot { try DataRoot.open(dataPath) }

    /// - Throws: `UsageError` where that is no jail's name.
    func jail(_ word: [UInt8]) throws(UsageError) -> Name { try ServerArguments.jail(word) }

    /// The wall clock, unless `--now` says something else.
    func now() throws(UsageError) -> Timestamp {
        guard let given = arguments.value(of: NightjarServer.now) else { return wallClock() }
        guard let time = Timestamp(text: String(decoding: given, as: UTF8.self)) else {
            throw UsageError(subject: given, reason: "--now wants a time, as 2026-11-21 02:33 or @1763692419")
        }
        return time
    }

    /// The same for what counts intervals: how long the machine has been up goes with the wall clock, not with `--now`.
    func moment() throws -> Moment {
        arguments.has(NightjarServer.now) ? Moment(time: try now()) : try presentMoment()
    }
}
