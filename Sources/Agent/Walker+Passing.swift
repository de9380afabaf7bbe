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
        let exclusion = visit.rule?.exclusion ?? .none
        let filter = exclusion.isEmpty ? nil : exclusion.filter(in: visit.trail.path)
        let names = way.names.filter { name in
            filter?.excludes(name) != true || session.index.find(parent: visit.number, name) != nil
        }
        let scan: Scan
        do throws(SystemError) {
            scan = try directory.scan(of: names, activity.goOn(with:))
        } catch {
            throw DirectoryTrouble(error, visit.trail)
        }
        let pending = PendingListing(
            number: visit.number, trail: visit.trail, directory: directory, own: opened.own,
            inodesLast: opened.kind.inodesLast, verifies: false, scan: scan, tree: nil,
            listed: scan.entries.indices.map(Int32.init))
        var below = Children(parent: pending, rule: visit.rule)
        for (position, entry) in scan.entries.enumerated() {
            guard let name = scan.name(of: entry), filter?.excludes(name) != true, let status = entry.status,
                let found = session.index.find(parent: visit.number, name), found.isSame(as: status)
            else { return false }
            below.add(position, found.number, found.digest, .hinted(hints.tree.child(of: way.place, name)))
        }
        // What is gone is so only by what the directory says.
        let isGone = names.count > scan.entries.count
        if isGone,
            names.contains(where: { name in
                session.index.find(parent: visit.number, name) != nil
                    && !scan.entries.contains { scan.name(of: $0) == name }
            })
        {
            return false
        }
        session.stack.push(below)
        return true
    }
}

extension ServerIndex.Found {
    /// Whether it is the directory that the server knows.
    func isSame(as status: FileStatus) -> Bool { status.kind == .directory && inode == status.stamp.inode }
}
