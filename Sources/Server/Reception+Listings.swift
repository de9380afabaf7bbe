import Catalog
import Model
import Storage
import Wire

/// Listings: what a directory holds now, against what it held.
extension Reception {
    mutating func take(_ listing: Listing) throws {
        let number = listing.directory
        guard underWay <= Self.mostNames else { throw WireError.malformed("\(underWay) names are under way") }
        let open = try begin(listing)
        var items: [Requests.Item] = []
        var asked: [Lack] = []
        if listing.head != nil, let own = try requestOfOwn(number, open) { items.append(own) }
        for finding in try open.findings(in: listing, against: catalog) {
            switch finding {
            case .gone(let row): try end(row)
            case .newDirectory(let name, let child, let held): try announce(child, name, in: number, over: held)
            case .lacking(let lack):
                guard let lack = try request(lack, in: number, open.head) else { continue }
                items.append(Requests.Item(ordinal: lack.ordinal, want: lack.want))
                asked.append(lack)
            }
        }
        try voice.say(.requests(Requests(directory: number, items: items)))
        try sign(asked, of: number)
        try advance(number, past: listing)
    }

    /// Notes how far a listing has come.
    private mutating func advance(_ number: DirectoryNumber, past listing: Listing) throws {
        listings[number]?.position.advance(past: listing)
        guard let tail = listing.tail else { return }
        listings[number]?.tail = tail
        current = nil
        counts.listings += 1
        try close(number)
    }

    /// Finds the listing that a part belongs to, or opens it with its first part.
    private mutating func begin(_ listing: Listing) throws -> OpenListing.Position {
        let number = listing.directory
        guard let head = listing.head else {
            guard current == number, let position = listings[number]?.position else {
                throw WireError.malformed("a part of a listing that was not begun")
            }
            return position
        }
        guard current == nil else { throw WireError.malformed("a listing begins before another has ended") }
        guard listed.insert(number).inserted else {
            throw WireError.malformed("directory \(number.rawValue) comes twice")
        }
        let isNew = announced.remove(number) != nil
        let held = isNew ? nil : try catalog.row(of: number)?.stamp
        guard isNew || held != nil else { throw WireError.malformed("directory \(number.rawValue) is not known") }
        guard !head.verifies || share.covers(number, in: staging.generation) else {
            throw WireError.malformed("directory \(number.rawValue) is not of the share to be verified")
        }
        current = number
        if !isNew { try catalog.clearListingDigest(of: number) }
        let position = OpenListing.Position(head: head, held: held)
        listings[number] = OpenListing(position)
        return position
    }

    /// Whether the directory itself is to be asked for. The root has no parent that gave it a row.
    private mutating func requestOfOwn(
        _ number: DirectoryNumber, _ open: OpenListing.Position
    ) throws -> Requests.Item? {
        if open.isNew, number == .root {
            try catalog.put(
                Row(directory: .aboveRoot, name: nil, stamp: unread(open.head.own), child: .root), isNew: true)
        }
        guard let want = wantOfOwn(held: open.held, open.head) else { return nil }
        listings[number]?.awaited[0] = OpenListing.Awaited()
        underWay += 1
        return Requests.Item(ordinal: 0, want: want)
    }

    private mutating func announce(
        _ child: DirectoryNumber, _ name: Name, in parent: DirectoryNumber, over held: Row?
    ) throws {
        guard child == nextDirectory else {
            throw WireError.malformed("directory number \(child.rawValue) where \(nextDirectory.rawValue) is next")
        }
        nextDirectory = nextDirectory.next
        announced.insert(child)
        let row = Row(directory: parent, name: name, stamp: placeholder, child: child)
        try staging.takeRoom(for: row)
        if let held { try end(held) }
        try catalog.put(row, isNew: true)
        counts.changed += 1
    }

    /// Asks for a name, or has it wait for another name of the same inode.
    /// - Returns: what is asked for, if anything is.
    private mutating func request(
        _ lack: Lack, in number: DirectoryNumber, _ head: Listing.Head
    ) throws -> Lack? {
        let key = LinkKey(lack.seen, in: head)
        if let key, links[key] == nil { links[key] = try begun(lack.seen) }
        if let key, try follows(lack, key, in: number) { return nil }
        let former = key.flatMap { links[$0] }
        if let key {
            earlier[key] = former
            links[key] = .waiting
        }
        var lack = lack
        switch former == nil ? try origins.origin(of: lack, in: number, head) : nil {
        case .same(let row):
            lack.origin = row
            guard head.verifies, let digest = row.digest else {
                try adopt(row, for: lack, key, in: number)
                return nil
            }
            lack.want = .contentUnless(digest)
        case .alike(let row, let digest):
            lack.origin = row
            lack.want = .contentUnless(digest)
        case nil: lack.want = want(lack)
        }
        listings[number]?.awaited[lack.ordinal] = OpenListing.Awaited(lack: lack, key: key)
        underWay += 1
        return lack
    }

    /// Has a name follow another one of the same inode, if there is one.
    private mutating func follows(_ lack: Lack, _ key: LinkKey, in number: DirectoryNumber) throws -> Bool {
        let follower = Follower(directory: number, lack: lack)
        switch links[key] {
        case .waiting:
            followers[key, default: []].append(follower)
            listings[number]?.following += 1
            underWay += 1
        case .arrived:
            // Since the first was read the number may have become another file's: then this one is asked for too.
            guard let first = try first(of: links[key], at: lack.seen) else { return false }
            try link(follower, to: first.row, at: first.source, first.claim)
        case .lost: try lose(follower)
        case nil: return false
        }
        return true
    }

    /// What came of an inode under another name before the push broke off that is continued, if nothing has moved since.
    private func begun(_ stamp: Stamp) throws -> LinkGroup? {
        guard isContinued, stamp.changed.seconds != 0, let (row, claim) = try catalog.begunRow(of: stamp),
            let place = row.place
        else { return nil }
        return .arrived(row.stamp, try catalog.isStaged(row) ? .staged(place) : .newest(place), claim: claim)
    }

    /// What came of an inode under another name, if it was then what it is by this stamp.
    func first(of group: LinkGroup?, at stamp: Stamp) throws -> (row: Row, source: Staging.Source, claim: Int64?)? {
        guard case .arrived(let read, let source, let claim) = group, [stamp, unread(stamp)].contains(read),
            let row = try catalog.row(at: source.place)
        else { return nil }
        return (row, source, claim)
    }

    /// Has a name take over the inode that stands under another one. There is nothing that the agent could be asked.
    private mutating func adopt(_ row: Row, for lack: Lack, _ key: LinkKey?, in number: DirectoryNumber) throws {
        guard let source = row.place else { return }
        var own = row
        own.directory = number
        own.name = lack.name
        try staging.takeRoom(for: own)
        listings[number]?.awaited[lack.ordinal] = OpenListing.Awaited(lack: lack, key: key, isAnswered: true)
        writers.add(.link(own, to: .newest(source)), for: Inquiry(directory: number, ordinal: lack.ordinal))
    }

    /// A directory of which all has come may be passed over next time, if it was what it was listed as.
    mutating func close(_ number: DirectoryNumber) throws {
        guard let open = listings[number], open.isDone else { return }
        if let digest = open.digest { try catalog.setListingDigest(digest, of: number) }
        listings[number] = nil
    }

    mutating func keep(_ number: DirectoryNumber) throws {
        let isNew = announced.remove(number) != nil
        guard let row = try catalog.row(of: number) else {
            throw WireError.malformed("directory \(number.rawValue) is not known")
        }
        if isNew { try end(row) } else { try catalog.clearListingDigest(of: number) }
    }

    mutating func remove(_ number: DirectoryNumber) throws {
        announced.remove(number)
        // The listing of its parent was of a moment when it was there.
        guard let row = try catalog.row(of: number), row.name != nil else {
            throw WireError.malformed("directory \(number.rawValue) is not known")
        }
        try catalog.clearListingDigest(of: row.directory)
        try end(row)
        listings[row.directory]?.isExact = false
    }

    /// Ends a row, and takes back what was staged for it.
    mutating func end(_ row: Row) throws {
        guard let place = row.place else { return }
        if row.since == staging.generation, row.child == nil { try staging.discard(place) }
        try catalog.remove(place)
        counts.removed += 1
    }
}
