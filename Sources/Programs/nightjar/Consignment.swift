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

    var order: RestoreOrder
    let place: Place

    /// Of a customer who has roots on several disks, what is wanted need not be in each: leaves out of each archive what
    /// only another will have.
    ///
    /// - Throws: `RestoreRefusal` where one of the parts is in none of them.
    static func narrowed(_ all: [Consignment], _ conversation: Conversation) throws -> [Consignment] {
        guard Set(all.map(\.order.customer)).count < all.count else { return all }
        var (narrowed, refusals) = (all, [RestorePart: RestoreRefusal]())
        for (index, consignment) in all.enumerated() {
            narrowed[index].order.parts = try consignment.order.parts.filter { part in
                var single = consignment.order
                single.parts = [part]
                do {
                    _ = try conversation.order(single, .count)
                    return true
                } catch let refusal as RestoreRefusal where refusal.reason == .notFound {
                    refusals[part] = refusal
                    return false
                }
            }
        }
        let found = narrowed.flatMap(\.order.parts)
        for (part, refusal) in refusals {
            let isElsewhere = found.contains { $0.customer == part.customer && $0.pattern == part.pattern }
            if !isElsewhere { throw refusal }
        }
        return narrowed.filter { !$0.order.parts.isEmpty }
    }

    /// - Throws: `RestoreRefusal`, `PlacingError`, `AskError`. Then nothing is left of this archive; those before it are in
    ///   their places.
    func run(
        _ conversation: Conversation, _ site: JailSite, _ arguments: Arguments, _ reply: Reply, _ console: Console,
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
        // Of this very night, whatever number it has by then.
        var order = order
        order.night = .generation(plan.generation)
        var hold = RestoreHold.unwanted
        // Compression and holes make it as large as it turns out to be.
        let written = try destination.write(
            expecting: 0, keepsDamaged: arguments.has(RestoreArguments.damaged)
        ) { sink in
            let delivered = try receive(order, conversation, plan, console, sink)
            hold = delivered.hold
            return delivered.summary
        }
        let report = RestoreReport(
            jail: site.jail, order: order, reply: reply, written: written, hold: hold, root: order.root)
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
        _ order: RestoreOrder, _ conversation: Conversation, _ plan: RestoreSummary, _ console: Console,
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
