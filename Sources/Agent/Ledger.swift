import Delta
import Model
import Platform
import Wire

/// The ledger of a push: which parts of listings are with the server, which requests came back, who answers them.
///
/// It is what bounds the agent's memory: walkers wait here while too much is under way. The thread that reads from the
/// server never waits here.
final class Ledger: Sendable {
    /// Entries and listings that may be under way at once.
    static let mostEntries = 32_768
    static let mostListings = 1_000
    /// Files under a lease that are put off to the end; more than these are given up at once.
    static let mostPostponed = 4_096
    /// Requests that an answering thread takes at a time.
    static let chunk = 16

    /// Requests to be answered by one thread.
    struct Work: Sendable {
        fileprivate let batch: Batch
        let items: ArraySlice<Requests.Item>
        /// Whether these were put off before: now is the last chance.
        let isLastTry: Bool
        /// What the server has of the file, if it is asked for as a delta.
        var signature: Signature?

        var listing: PendingListing { batch.part.listing }
    }

    // Guarded by the monitor of the ledger.
    fileprivate final class Batch: Sendable {
        let part: ListingPart
        let items: [Requests.Item]

        init(part: ListingPart, items: [Requests.Item]) {
            self.part = part
            self.items = items
        }
    }

    private struct State {
        var entries = 0
        var listings = 0
        var withServer = Fifo<ListingPart>()
        var ready = Fifo<(batch: Batch, rest: ArraySlice<Requests.Item>)>()
        var left: [ObjectIdentifier: Int] = [:]
        var deltas = DeltaRequests<(batch: Batch, item: Requests.Item, isCounted: Bool)>()
        var signed = Fifo<Work>()
        var postponed = Fifo<(batch: Batch, item: Requests.Item)>()
        var answering = 0
        var hasWalked = false
        var hasFailed = false

        /// Whether nothing can be done but what was put off.
        var isQuiet: Bool {
            hasWalked && withServer.isEmpty && ready.isEmpty && signed.isEmpty && answering == 0
        }
    }

    private let monitor = Monitor(State())

    // MARK: The walk

    /// Enters a part in the ledger if there is room for it; false if not, or if the push has failed.
    func admitNow(_ part: ListingPart) -> Bool { monitor.with { Ledger.admit(part, &$0) == true } }

    /// The same, waiting for room; false if the push has failed.
    func admit(_ part: ListingPart) -> Bool { monitor.wait { Ledger.admit(part, &$0) } }

    private static func admit(_ part: ListingPart, _ state: inout State) -> Bool? {
        if state.hasFailed { return false }
        let isFirst = part.ordinals.lowerBound <= 1
        let fits =
            state.withServer.isEmpty && state.entries == 0
            || (state.entries + part.ordinals.count <= mostEntries && (!isFirst || state.listings < mostListings))
        guard fits else { return nil }
        state.entries += part.ordinals.count
        if isFirst { state.listings += 1 }
        state.withServer.append(part)
        return true
    }

    /// All listings have been sent.
    func walkEnded() { monitor.with { $0.hasWalked = true } }

    // MARK: The server's requests

    /// Takes the server's answer to the part that it has had longest.
    func take(_ requests: Requests) throws(WireError) {
        // In one step: between two, all would look answered.
        try monitor.with { state throws(WireError) in
            let part = try Ledger.match(requests, &state)
            if requests.items.isEmpty {
                Ledger.settle(part, &state)
            } else {
                let batch = Batch(part: part, items: requests.items)
                state.left[ObjectIdentifier(batch)] = requests.items.count
                let now = requests.items.filter { !$0.want.isDelta }
                for item in requests.items where item.want.isDelta { Ledger.ask(item, of: batch, &state) }
                if !now.isEmpty { state.ready.append((batch, now[...])) }
            }
        }
    }

    private static func ask(_ item: Requests.Item, of batch: Batch, _ state: inout State) {
        let listing = batch.part.listing
        state.deltas.ask(
            Inquiry(directory: listing.number, ordinal: item.ordinal),
            listed: listing.file(item.ordinal)?.status.stamp.metadata.size ?? 0, (batch, item, true))
    }

    /// Takes a part of what the server has of a file that it asked for as a delta.
    func take(_ part: SignaturePart) throws(WireError) {
        try monitor.with { state throws(WireError) in
            guard let (asked, signature) = try state.deltas.take(part) else { return }
            state.signed.append(
                Work(batch: asked.batch, items: [asked.item], isLastTry: false, signature: signature))
        }
    }

    /// To be called before the answer to a delta is sent: it is done with only when the server could make the file.
    func awaitVerdict(_ item: Requests.Item, of work: Work) {
        monitor.with { state in
            let place = Inquiry(directory: work.listing.number, ordinal: item.ordinal)
            // What was put off is not counted any more.
            if !work.isLastTry { state.left[ObjectIdentifier(work.batch), default: 0] += 1 }
            state.deltas.awaitVerdict(place, (work.batch, item, !work.isLastTry))
        }
    }

    /// Takes the server's word on a file that was answered as a delta: it is done with, or is sent whole.
    func take(_ verdict: DeltaVerdict, on place: Inquiry) throws(WireError) {
        try monitor.with { state throws(WireError) in
            let (batch, item, isCounted) = try state.deltas.judged(place)
            let whole = Requests.Item(ordinal: item.ordinal, want: .content)
            switch (verdict, isCounted) {
            case (.taken, false): break
            case (.taken, true): Ledger.settle(1, of: batch, &state)
            case (.sendWhole, true): state.ready.append((batch, [whole]))
            case (.sendWhole, false): state.postponed.append((batch, whole))
            }
        }
    }

    /// The same in a dry run: what would have been sent.
    func rehearse(_ requests: Requests) throws(WireError) -> [Rehearsed] {
        let part = try monitor.with { state throws(WireError) in
            let part = try Ledger.match(requests, &state)
            Ledger.settle(part, &state)
            return part
        }
        return requests.items.map { item in
            let file = part.listing.file(item.ordinal)
            return Rehearsed(
                path: file.map { part.listing.trail.bytes(of: $0.name) } ?? part.listing.trail.bytes,
                deed: .send(item.want),
                size: file?.status.stamp.metadata.size ?? 0, kind: file?.status.kind ?? .directory)
        }
    }

    /// The same for a name that the part which the server has had longest lacks.
    func rehearse(_ gone: Departed) throws(WireError) -> Rehearsed {
        guard let listing = monitor.with({ $0.withServer.first })?.listing, listing.number == gone.directory else {
            throw .malformed("a name of no listing is called gone")
        }
        return Rehearsed(path: listing.trail.bytes(of: gone.name), deed: .remove, size: 0, kind: gone.kind)
    }

    private static func match(_ requests: Requests, _ state: inout State) throws(WireError) -> ListingPart {
        guard let part = state.withServer.popFirst() else { throw .malformed("requests to no listing") }
        guard part.listing.number == requests.directory, requests.items.allSatisfy(part.allows) else {
            throw .malformed("requests that do not fit the listing of \(escaped(part.listing.trail.bytes))")
        }
        return part
    }

    /// Whether the server owes an answer.
    var isServerDue: Bool { monitor.with { !$0.withServer.isEmpty || !$0.deltas.isEmpty } }

    // MARK: The answers

    /// Requests to answer, if there are any now.
    func nextNow() -> Work? { monitor.with { Ledger.next(&$0) } }

    /// The same, waiting; nil once all is answered, or the push has failed.
    func next() -> Work? {
        monitor.wait { state -> Work?? in
            if state.hasFailed { return .some(nil) }
            if let work = Ledger.next(&state) { return .some(work) }
            return state.isQuiet && state.postponed.isEmpty && state.deltas.isEmpty ? .some(nil) : nil
        }
    }

    private static func next(_ state: inout State) -> Work? {
        guard !state.hasFailed else { return nil }
        if let work = state.signed.popFirst() {
            if let signature = work.signature { state.deltas.begin(signature) }
            state.answering += 1
            return work
        }
        if let (batch, rest) = state.ready.popFirst() {
            let items = rest.prefix(chunk)
            if items.count < rest.count { state.ready.prepend((batch, rest[items.endIndex...])) }
            state.answering += 1
            return Work(batch: batch, items: items, isLastTry: false)
        }
        if state.isQuiet, let (batch, item) = state.postponed.popFirst() {
            state.answering += 1
            return Work(batch: batch, items: [item], isLastTry: true)
        }
        return nil
    }

    /// Puts one of the requests off until all else is answered; false if too many are put off already.
    func postpone(_ item: Requests.Item, of work: Work) -> Bool {
        monitor.with { state in
            guard state.postponed.count < Ledger.mostPostponed else { return false }
            state.postponed.append((work.batch, item))
            return true
        }
    }

    /// All of these have been answered or put off.
    func finished(_ work: Work) {
        monitor.with { state in
            state.answering -= 1
            if work.isLastTry { return }
            Ledger.settle(work.items.count, of: work.batch, &state)
        }
    }

    private static func settle(_ count: Int, of batch: Batch, _ state: inout State) {
        let key = ObjectIdentifier(batch)
        let left = (state.left[key] ?? 0) - count
        state.left[key] = left > 0 ? left : nil
        if left <= 0 { settle(batch.part, &state) }
    }

    private static func settle(_ part: ListingPart, _ state: inout State) {
        state.entries -= part.ordinals.count
        if part.isLast { state.listings -= 1 }
    }

    /// Lets everyone go who waits here.
    func fail() { monitor.with { $0.hasFailed = true } }
}

extension Want {
    fileprivate var isDelta: Bool { if case .delta = self { true } else { false } }
}
