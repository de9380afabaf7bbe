import Catalog
import Model
import Wire

/// A push of which nothing is kept: listings are compared, and what would be asked for and what would go is said.
struct Rehearsal {
    let catalog: Catalog?
    private var current: (head: Listing.Head, nextOrdinal: UInt64, lastName: Name?)?
    /// Inodes of which one name would have been asked for already.
    private var asked: Set<LinkKey> = []

    init(catalog: Catalog?) { self.catalog = catalog }

    mutating func take(_ message: AgentMessage) throws -> [ServerMessage] {
        guard case .listing(let listing) = message else { return [] }
        var items: [Requests.Item] = []
        if let head = listing.head {
            current = (head, 1, nil)
            if let want = wantOfOwn(held: try catalog?.row(of: listing.directory)?.stamp, head) {
                items.append(Requests.Item(ordinal: 0, want: want))
            }
        }
        guard let open = current else { throw WireError.malformed("a part of a listing that was not begun") }
        let through = listing.tail == nil ? listing.entries.last?.name : nil
        let rows = try catalog?.rows(in: listing.directory, after: open.lastName, through: through) ?? []
        let findings = try findings(
            in: listing.entries, firstOrdinal: open.nextOrdinal, against: rows, inodesLast: open.head.inodesLast)
        current?.nextOrdinal += UInt64(listing.entries.count)
        current?.lastName = listing.entries.last?.name ?? open.lastName
        for case .lacking(let lack) in findings where try isAskedFor(lack, open.head) {
            items.append(Requests.Item(ordinal: lack.ordinal, want: lack.want))
        }
        return departures(findings).map(ServerMessage.gone)
            + [.requests(Requests(directory: listing.directory, items: items))]
    }

    /// Not a further name of an inode: the server would link that to the first.
    private mutating func isAskedFor(_ lack: Lack, _ head: Listing.Head) throws -> Bool {
        guard let key = LinkKey(lack.seen, in: head) else { return true }
        return try asked.insert(key).inserted && catalog?.committedRow(stamped: lack.seen)?.place == nil
    }
}

/// The names of which a copy goes: those that the jail has no more, and those that are no directory any more, or were none.
private func departures(_ findings: [Finding]) -> [Departed] {
    findings.compactMap { finding in
        let row: Row? =
            switch finding {
            case .gone(let row): row
            case .newDirectory(_, _, let held): held
            case .lacking(let lack): lack.held?.child == nil ? nil : lack.held
            }
        return row.flatMap { row in
            row.name.map { Departed(directory: row.directory, name: $0, kind: row.stamp.metadata.kind) }
        }
    }
}
