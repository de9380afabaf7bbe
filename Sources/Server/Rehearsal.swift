import Catalog
import Model
import Wire

/// A push of which nothing is kept: listings are compared, and what would be asked for is said.
struct Rehearsal {
    let catalog: Catalog?
    private var current: (head: Listing.Head, nextOrdinal: UInt64, lastName: Name?)?

    init(catalog: Catalog?) { self.catalog = catalog }

    mutating func take(_ message: AgentMessage) throws -> Requests? {
        guard case .listing(let listing) = message else { return nil }
        if let head = listing.head { current = (head, 1, nil) }
        guard let open = current else { throw WireError.malformed("a part of a listing that was not begun") }
        let through = listing.tail == nil ? listing.entries.last?.name : nil
        let rows = try catalog?.rows(in: listing.directory, after: open.lastName, through: through) ?? []
        let findings = try findings(
            in: listing.entries, firstOrdinal: open.nextOrdinal, against: rows, inodesLast: open.head.inodesLast)
        current?.nextOrdinal += UInt64(listing.entries.count)
        current?.lastName = listing.entries.last?.name ?? open.lastName
        return Requests(
            directory: listing.directory,
            items: findings.compactMap {
                guard case .lacking(let lack) = $0 else { return nil }
                return Requests.Item(ordinal: lack.ordinal, want: lack.want)
            })
    }
}
