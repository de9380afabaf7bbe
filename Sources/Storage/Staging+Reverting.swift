internal import Catalog
internal import Model

extension Staging {
    /// Stages what a past night has and the committed generation has not, and writes the rows.
    func fill(from night: OpenTree, at generation: Generation) throws {
        let committed = try catalog.committed()
        // Directories come before what they hold, whose numbers are higher.
        for directory in try catalog.touchedDirectories(from: committed, to: generation) {
            var differences: [Difference] = []
            try catalog.differences(in: [directory], from: committed, to: generation) { differences.append($0) }
            if !differences.isEmpty { try catalog.clearListingDigest(of: directory) }
            for difference in differences {
                // What a directory has of its own is told in its own listing.
                if let child = difference.after?.child { try catalog.clearListingDigest(of: child) }
                try take(difference, from: night)
            }
        }
        // Of what an agent heard to have changed since its last push, nothing says how it differs from that night.
        try catalog.noteFullWalk(nil)
        try night.restore()
        try catalog.flush()
    }

    private func take(_ difference: Difference, from night: OpenTree) throws {
        guard let row = difference.after else {
            if let place = difference.before?.place { try catalog.remove(place) }
            return
        }
        if let place = row.place, row.child == nil { try link(place, from: night) }
        try catalog.put(row)
    }
}
