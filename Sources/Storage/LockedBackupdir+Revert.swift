package import Catalog
package import Model
internal import Platform

extension LockedBackupdir {
    /// Makes what a past night holds the state of `0` again, as a new generation: a push whose jail is that night. What a
    /// push that broke off had staged is forgotten.
    ///
    /// As with a push, `0` is the old tree or the new one at every moment, and what was cut is finished by the next run
    /// or forgotten. The next push compares the jail with this state, and brings what differs.
    package func revert(to number: Int, at now: Timestamp, progress: Progress? = nil) throws -> GenerationRecord {
        let (root, generation) = try openNight(number)
        try catalog.abandon()
        let staging = try stage(at: now, progress: progress)
        let night = OpenTree(root: root, title: "\(path)/\(number)", catalog: catalog, generation: generation)
        let committed = try catalog.committed()
        // Directories come before what they hold, whose numbers are higher.
        for directory in try catalog.touchedDirectories(from: committed, to: generation) {
            var differences: [Difference] = []
            try catalog.differences(in: [directory], from: committed, to: generation) { differences.append($0) }
            if !differences.isEmpty { try catalog.clearListingDigest(of: directory) }
            for difference in differences {
                // What a directory has of its own is told in its own listing.
                if let child = difference.after?.child { try catalog.clearListingDigest(of: child) }
                try revert(difference, staging, night)
            }
        }
        try night.restore()
        try catalog.flush()
        return try commit(staging, at: now, progress: progress)
    }

    private func revert(_ difference: Difference, _ staging: Staging, _ night: OpenTree) throws {
        guard let row = difference.after else {
            if let place = difference.before?.place { try catalog.remove(place) }
            return
        }
        if let place = row.place, row.child == nil { try staging.link(place, from: night) }
        try catalog.put(row)
    }
}
