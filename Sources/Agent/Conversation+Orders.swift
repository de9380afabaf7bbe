import Model
import Wire

extension Conversation {
    /// What an order came to.
    package struct Delivery: Sendable {
        package var summary: RestoreSummary
        package var hold: RestoreHold
    }

    /// Orders something of a restore.
    ///
    /// - Parameters:
    ///   - onMember: is given what would be in the archive, where that was asked for.
    ///   - onArchive: is given the archive, piece by piece. How much that will be, only its end says; whoever keeps it has
    ///     to know how much he takes.
    /// - Throws: `RestoreRefusal` where there is nothing to be had; then another order may follow. What a parameter
    ///   throws ends the session.
    package func order(
        _ order: RestoreOrder, _ deed: WrittenOrder.Deed, onMember: (ListedMember) throws -> Void = { _ in },
        onArchive: ([UInt8]) throws -> Void = { _ in }
    ) throws -> Delivery {
        let written = WrittenOrder(order, deed)
        guard written.isSendable else { throw RestoreRefusal(.words, "too much at once: ask for it in several parts") }
        try say(.order(written))
        var named = RestoreSummary(generation: .empty, pushed: Timestamp(seconds: 0))
        var hold = RestoreHold.unwanted
        // Of the paths that are named; beyond the limit they are only counted.
        var weight = 0
        func hasRoom(for path: Path) -> Bool {
            weight += path.weight
            return weight <= Conversation.mostPathBytes
        }
        while true {
            switch try next() {
            case .archive(let bytes) where deed == .archive: try onArchive(bytes)
            case .member(let member) where deed == .list: try onMember(member)
            case .leftOut(let path) where named.leftOutCount < RestoreSummary.mostNamed:
                named.leftOutCount += 1
                if hasRoom(for: path) { named.leftOut.append(path) }
            case .damaged(let damage) where named.damagedCount < RestoreSummary.mostNamed:
                named.damagedCount += 1
                if hasRoom(for: damage.path) { named.damaged.append(damage) }
            case .held(let told) where deed == .archive: hold = told
            case .restored(var summary):
                (summary.leftOut, summary.damaged) = (named.leftOut, named.damaged)
                // Never sound where damage was named.
                summary.damagedCount = max(summary.damagedCount, named.damagedCount)
                summary.leftOutCount = max(summary.leftOutCount, named.leftOutCount)
                return Delivery(summary: summary, hold: hold)
            case .declined(let refusal): throw refusal
            default: throw AskError.wire(.malformed("a message out of turn"))
            }
        }
    }

    /// Bytes of memory that the paths may take which one order names.
    private static let mostPathBytes = 4 << 20
}
