import Model
import Platform
import Wire

/// Where all walkers' listings become messages: part after part, no other listing between, new directories numbered in
/// the order in which they are sent.
final class ListingOutbox: Sendable {
    private struct State: ~Copyable {
        var outgoing: Outgoing
        var next: DirectoryNumber
        var fileSystems: [UInt64: UInt32] = [:]
    }

    /// Bytes of a part, encoded; well below a block.
    private static let partBytes = 200 << 10
    /// More than an entry takes beside its name.
    private static let entryBytes = 80

    private let ledger: Ledger
    private let monitor: Monitor<State>

    init(_ queue: SendQueue, _ ledger: Ledger, next: DirectoryNumber) {
        self.ledger = ledger
        monitor = Monitor(State(outgoing: Outgoing(queue), next: next))
    }

    /// Sends a listing and answers with the numbers of its directories, in their order: those it had, and new ones.
    ///
    /// Waits while too much is under way; what waits to be sent goes out first. Walkers that come meanwhile wait too.
    func send(_ draft: borrowing ListingDraft) throws(PushEnded) -> [DirectoryNumber] {
        try monitor.with { state throws(PushEnded) in
            var numbers = draft.numbers
            let pending = draft.pending
            var position = 0
            var directory = 0
            repeat {
                let (entries, end) = ListingOutbox.part(draft, from: position, &directory, &numbers, &state.next)
                let isLast = end == pending.listed.count
                let part = ListingPart(
                    listing: pending, ordinals: UInt64(position + 1)..<UInt64(end + 1), isLast: isLast)
                try admit(part, &state)
                let head = position == 0 ? ListingOutbox.head(pending, &state.fileSystems) : nil
                let tail = isLast ? Wire.Listing.Tail(digest: draft.digest) : nil
                try state.outgoing.add(
                    .listing(
                        Wire.Listing(directory: pending.number, head: head, entries: entries, tail: tail)))
                position = end
            } while position < pending.listed.count
            return numbers.map { $0 ?? .aboveRoot }
        }
    }

    /// Sends what is no listing.
    func send(_ message: AgentMessage) throws(PushEnded) {
        try monitor.with { state throws(PushEnded) in try state.outgoing.add(message) }
    }

    /// Sends what has been gathered. A walker that finds nothing to do calls this before it waits.
    func flush() throws(PushEnded) { try monitor.with { state throws(PushEnded) in try state.outgoing.flush() } }

    private func admit(_ part: ListingPart, _ state: inout State) throws(PushEnded) {
        if ledger.admitNow(part) { return }
        try state.outgoing.flush()
        guard ledger.admit(part) else { throw PushEnded() }
    }

    private static func head(_ pending: PendingListing, _ fileSystems: inout [UInt64: UInt32]) -> Wire.Listing.Head {
        let device = pending.own.device
        let fileSystem = fileSystems[device] ?? UInt32(fileSystems.count)
        fileSystems[device] = fileSystem
        return Wire.Listing.Head(
            own: pending.stampAsSent(pending.own), inodesLast: pending.inodesLast, fileSystem: fileSystem,
            verifies: pending.verifies)
    }

    /// As many entries from `start` on as make a part, and where the next part begins.
    private static func part(
        _ draft: borrowing ListingDraft, from start: Int, _ directory: inout Int,
        _ numbers: inout [DirectoryNumber?], _ next: inout DirectoryNumber
    ) -> (entries: [Wire.Listing.Entry], end: Int) {
        var entries: [Wire.Listing.Entry] = []
        var bytes = 0
        var position = start
        while position < draft.pending.listed.count, entries.count < Limits.entries, bytes < partBytes {
            defer { position += 1 }
            let (name, what) = draft.entry(position)
            switch what {
            case .kept: entries.append(.init(name: name, what: .kept))
            case .file(let stamp): entries.append(.init(name: name, what: .file(stamp)))
            case .directory:
                let number = numbers[directory] ?? next
                if numbers[directory] == nil { next = next.next }
                numbers[directory] = number
                directory += 1
                entries.append(.init(name: name, what: .directory(number)))
            }
            bytes += name.bytes.count + entryBytes
        }
        return (entries, position)
    }
}
