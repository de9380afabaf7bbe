import Configuration
import Model
import Platform

/// Directories that the hints only lead through.
extension Walker {
    /// Goes on to the directories below to which the hints lead, without reading this one.
    ///
    /// - Returns: false if it has to be read after all: a name on the way is not, or not any more, the directory that the
    ///   server knows there.
    mutating func pass(_ visit: Visit) throws(DirectoryTrouble) -> Bool {
        guard let hints = session.hints, visit.rule != nil, visit.tree?.children.isEmpty ?? true,
            let way = hints.way(through: visit.scope)
        else { return false }
        let opened = try open(visit)
        guard let directory = opened.directory else { return false }
        // What is left out is gone with the next listing, and until then the server knows it.
        let filter = visit.filter
        let (leftOut, names) = (way.names.filter(filter.excludes), way.names.filter { !filter.excludes($0) })
        guard !leftOut.contains(where: { isKnown($0, in: visit) }) else { return false }
        let scan = directory.scan(of: names, activity.goOn(with:))
        let gone = Set(names).subtracting(scan.entries.compactMap { scan.name(of: $0) })
        guard !gone.contains(where: { isKnown($0, in: visit) }) else { return false }
        let pending = PendingListing(
            number: visit.number, trail: visit.trail, directory: directory, own: opened.own,
            inodesLast: opened.kind.inodesLast, verifies: false, scan: scan, tree: nil,
            listed: scan.entries.indices.map(Int32.init))
        var below = Children(parent: pending, rule: visit.rule)
        for position in scan.entries.indices {
            let (name, status) = pending.entry(position)
            guard let status, let found = session.index.find(parent: visit.number, name), found.isSame(as: status)
            else { return false }
            let place = hints.tree.child(of: way.place, name)
            below.add(
                position, found.number, found.digest, .hinted(place, reads: !found.isUnchanged(since: status)))
        }
        session.stack.push(below)
        return true
    }

    private func isKnown(_ name: Name, in visit: Visit) -> Bool {
        session.index.find(parent: visit.number, name) != nil
    }
}

extension Visit {
    /// Of the names that its entry leaves out.
    fileprivate var filter: NameFilter { (rule?.exclusion ?? .none).filter(in: trail.path) }
}

extension ServerIndex.Found {
    /// Whether it has the inode of the directory that the server knows.
    func isSame(as status: FileStatus) -> Bool { status.kind == .directory && identity?.inode == status.stamp.inode }

    /// Whether nothing happened to that directory, and to the names in it.
    func isUnchanged(since status: FileStatus) -> Bool { identity?.changed == status.stamp.changed }
}
