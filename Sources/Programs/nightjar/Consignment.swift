import Agent
import CLI
import Configuration
import Delivery
import Model
import Options
import Placing
import Platform
import Wire

/// One archive: what is ordered, and where it goes.
struct Consignment {
    enum Place {
        /// Under the first free name that the order has.
        case directory(PlacingRoot)
        case named(Destination)
        /// It is only to be told of.
        case nowhere
    }

    let order: RestoreOrder
    let place: Place

    /// - Throws: `RestoreRefusal`, `PlacingError`, `AskError`. Then nothing is left of this archive; those before it are in
    ///   their places.
    func run(
        _ conversation: Conversation, _ site: JailSite, _ arguments: Arguments, _ console: Console,
        _ output: inout Output
    ) throws -> ExitCode {
        let style = TableStyle(arguments)
        if arguments.has(RestoreArguments.list) {
            var table = MemberTable(style)
            _ = try conversation.order(order, .list, onMember: { table.add($0, to: &output) })
            table.finish(&output)
            return .done
        }
        let plan = try conversation.order(order, .count).summary
        if arguments.has(RestoreArguments.dryRun) {
            plan.write(style, to: &output)
            return .done
        }
        guard let destination = destination(site.jail, plan) else { return .done }
        var hold = RestoreHold.unwanted
        let written = try destination.write(
            expecting: plan.bytes, keepsDamaged: arguments.has(RestoreArguments.damaged)
        ) { sink in
            let delivered = try receive(conversation, plan, console, sink)
            hold = delivered.hold
            return delivered.summary
        }
        let report = RestoreReport(
            jail: site.jail, words: arguments.operands, format: order.format, written: written, hold: hold)
        return try report.tell(arguments, sendmail: site.config.sendmail, console, &output)
    }

    /// - Parameter plan: says of which day the night is.
    private func destination(_ jail: Name, _ plan: RestoreSummary) -> Destination? {
        switch place {
        case .named(let destination): destination
        case .directory(let root):
            .file(
                root,
                alternatives(
                    to: order.fileName(jail: jail, date: plan.pushed.day), ending: order.format.suffix))
        case .nowhere: nil
        }
    }

    private func receive(
        _ conversation: Conversation, _ plan: RestoreSummary, _ console: Console,
        _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Conversation.Delivery {
        let progress = Progress(console: console, terminal: Terminal(2), title: "nightjar restore")
        defer { progress.finish() }
        let start = steadySeconds()
        var received: UInt64 = 0
        return try conversation.order(
            order, .archive,
            onArchive: { bytes in
                try bytes.withUnsafeBytes(sink)
                received += UInt64(bytes.count)
                let seconds = steadySeconds() - start
                progress.report(at: seconds) {
                    ProgressState(files: plan.members, bytes: received, seconds: seconds)
                }
            })
    }
}
