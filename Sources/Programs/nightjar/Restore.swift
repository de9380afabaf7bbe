import Agent
import CLI
import Configuration
import Delivery
import Model
import Options
import Placing
import Platform
import Wire

/// `restore WHAT…`: archives of what a night held, placed in the roots of the customers whose it is.
enum Restore {
    private static let into = Option(
        long: "into", argument: "DIR", help: "Place the archives there instead of in the customers' roots")

    static let command = Command(
        name: "restore", summary: "Have an archive of what a night holds placed where it is wanted",
        description: [
            RestoreArguments.what(of: "this machine", config: "the config"),
            "Each customer root gets one archive, restore-JAIL-CUSTOMER-DATE.tar.gz, for root alone; if there is one of"
                + " that name, with -2 and so on behind the date. It is placed, never unpacked, and never takes the place"
                + " of anything; symlinks on the way to the root are refused. Nothing is left of one that failed."
                + " What lies in no customer root wants --into or --output.",
            RestoreArguments.promise,
        ],
        operands: "WHAT...", options: [into] + RestoreArguments.all + ListingOption.all,
        statuses: ExitCode.statuses(
            [
                .done, .leftOut, .usage, .damage, .unavailable, .cannotCreate, .inputOutput, .tryLater, .notPermitted,
                .configuration,
            ], leftOut: RestoreArguments.leftOut))

    static func run(
        _ file: [UInt8], _ arguments: Arguments, _ console: Console, _ output: inout Output
    ) throws -> ExitCode {
        guard !arguments.operands.isEmpty else {
            throw UsageError(reason: "say what: a customer, or a path", command: "nightjar restore")
        }
        try RestoreArguments.refuseIdle(arguments, places: [RestoreArguments.output, into])
        try Signal.catchTermination()
        let site = try JailSite(file)
        do {
            let reply = try Reply(arguments)
            let consignments = try consignments(site, arguments)
            var code = ExitCode.done
            try site.converse(console, isInterrupted: { Signal.termination != nil }) { conversation in
                for consignment in try Consignment.narrowed(consignments, conversation) {
                    let ended = try consignment.run(conversation, site, arguments, reply, console, &output)
                    // Damage, which has the greater number, is graver than what was left out.
                    if ended.rawValue > code.rawValue { code = ended }
                }
            }
            return code
        } catch let refusal as RestoreRefusal {
            return console.complain(of: refusal, lister: "nightjar nights")
        } catch let error as PlacingError {
            console.error("\(error)")
            return ExitCode(error)
        }
    }

    /// What is to be done, with every place looked at before the server is asked for anything.
    private static func consignments(_ site: JailSite, _ arguments: Arguments) throws -> [Consignment] {
        let (night, format) = (try NightArguments.choice(arguments), try RestoreArguments.format(arguments))
        let days = try RestoreArguments.holdDays(arguments)
        if let days, days > Limits.holdDays {
            throw UsageError(
                reason: "from here a night can be held for \(Limits.holdDays) days; staff can for longer, on the server"
            )
        }
        let parts = try RestorePart.parts(
            of: arguments.operands, among: site.config.entries.map(\.path), site.config.customerRoots)
        func order(_ parts: [RestorePart]) -> RestoreOrder {
            RestoreOrder(night: night, parts: parts, format: format, holdDays: days)
        }
        let (file, directory) = (arguments.value(of: RestoreArguments.output), arguments.value(of: into))
        if let file {
            if directory != nil { throw UsageError(subject: file, reason: "give --into or --output, not both") }
            return [Consignment(order: order(parts), place: .named(try RestoreArguments.destination(file)))]
        }
        let patience = site.config.hangAfter.flatMap { Int(exactly: $0) } ?? 60
        let isPlaced = !arguments.has(RestoreArguments.dryRun) && !arguments.has(RestoreArguments.list)
        return try shares(of: parts, site.config.customerRoots).map { share in
            guard isPlaced else { return Consignment(order: order(share.parts), place: .nowhere) }
            return Consignment(order: order(share.parts), place: .directory(try root(of: share, directory, patience)))
        }
    }

    private static func root(of share: Share, _ directory: [UInt8]?, _ patience: Int) throws -> PlacingRoot {
        if let directory {
            guard !directory.isEmpty, let path = try RestoreArguments.absolute(directory) else {
                throw UsageError(subject: directory, reason: "--into wants a directory")
            }
            return try PlacingRoot.open(path, patience: patience)
        }
        guard let root = share.root else {
            let path = share.parts.first.map { escaped($0.pattern.bytes) } ?? ""
            throw UsageError(
                reason: "/\(path) lies in no customer root: say where the archive shall go, with --into or --output",
                command: "nightjar restore")
        }
        do throws(PlacingError) {
            return try PlacingRoot.open(root, patience: patience)
        } catch {
            throw error.with(remedy: "--into or --output has the archive elsewhere")
        }
    }
}
