import Catalog
import Model
import Wire

/// A push of which nothing is kept: listings are compared, and what would be asked for and what would go is said.
struct Rehearsal {
    let catalog: Catalog?
    /// The listing of which not all parts have come.
    private var current: (directory: DirectoryNumber, position: OpenListing.Position)?
    /// Inodes of which one name would have been asked for already.
    private var asked: Set<LinkKey> = []

    private var origins: Origins?

    init(catalog: Catalog?) {
        self.catalog = catalog
        origins = catalog.map { Origins($0) }
    }

    mutating func take(_ message: AgentMessage) throws -> [ServerMessage] {
        guard case .listing(let listing) = message else { return [] }
        var items: [Requests.Item] = []
        if let head = listing.head {
            guard current == nil else { throw WireError.malformed("a listing begins before another has ended") }
            let held = try catalog?.row(of: listing.directory)?.stamp
            current = (listing.directory, OpenListing.Position(head: head, held: held))
            if let want = wantOfOwn(held: held, head) { items.append(Requests.Item(ordinal: 0, want: want)) }
        }
        guard let open = current?.position, current?.directory == listing.directory else {
            throw WireError.malformed("a part of a listing that was not begun")
        }
        let findings = try open.findings(in: listing, against: catalog)
        current?.position.advance(past: listing)
        if listing.tail != nil { current = nil }
        for case .lacking(let lack) in findings {
            guard let want = try want(lack, in: listing.directory, open.head) else { continue }
            items.append(Requests.Item(ordinal: lack.ordinal, want: want))
        }
        return departures(findings).map(ServerMessage.gone)
            + [.requests(Requests(directory: listing.directory, items: items))]
    }

    /// Nil for a further name of an inode, or a new one of a file that is as it was: the server would link that.
    private mutating func want(_ lack: Lack, in directory: DirectoryNumber, _ head: Listing.Head) throws -> Want? {
        if let key = LinkKey(lack.seen, in: head), !asked.insert(key).inserted { return nil }
        return switch try origins?.origin(of: lack, in: directory, head) {
        case .same(let row): head.verifies ? row.digest.map { .contentUnless($0) } : nil
        case .alike(_, let digest): .contentUnless(digest)
        case nil: lack.want
        }
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
