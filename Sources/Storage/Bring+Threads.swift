internal import Catalog
internal import Model
internal import Platform

// Most directories that are in both trees differ in plain names alone, which other threads can see to.

extension Bring {
    /// False if some of it can only be done here, in order: what is made or removed as a directory, what has a copy. One
    /// who is not root may have to change modes on the way.
    mutating func handOver() throws -> Bool {
        guard isRoot(), here.directory == nil, copies.isEmpty, here.waiting.allSatisfy(isPlain),
            let directory = try open()
        else { return false }
        let own: Timestamp?
        switch unfinished[here.number] {
        case .all: own = nil
        case .time(let time): own = time
        case nil: own = try time(of: here.number)
        }
        guard let modified = own else { return false }
        let deeds = here.waiting.compactMap { difference in difference.name.map { ($0, deed(difference)) } }
        let job = Crew.Job(
            number: here.number, directory: directory,
            source: deeds.contains { $0.1.links } ? try base?.tree.directory(here.number) : nil,
            staged: deeds.contains { $0.1.takes } ? try staged(for: here.number) : nil,
            deeds: deeds, modified: modified)
        unfinished[here.number] = nil
        try at(tree.title) { () throws(SystemError) in try crew.add(job) }
        return true
    }

    private func isPlain(_ difference: Difference) -> Bool {
        guard difference.before?.child == nil else { return false }
        guard let after = difference.after else { return true }
        return after.child == nil && !scattered.contains(after.object) && (base != nil || isStaged(after, difference))
    }

    private func deed(_ difference: Difference) -> Crew.Job.Deed {
        guard let after = difference.after else { return .remove }
        return isStaged(after, difference) ? .take(after) : .link(isNew: difference.before == nil)
    }

    /// Waits for the other threads, and does what they could not.
    mutating func finishHandedOver() throws {
        let left = try crew.finish { tree.place($0) }
        if let place = left.lost.first { throw lost(place) }
        for number in left.untimed { tree.noteUntimed(number) }
        for place in left.names {
            guard let base, let row = try catalog.row(at: place, at: to) else { continue }
            let directory = try tree.directory(place.directory)
            let copy = copies[row.object]
            try link(row, place.name, to: copy ?? place, of: copy == nil ? base.tree : tree, isNew: true, in: directory)
            try finish(place.directory, nil)
        }
    }
}
