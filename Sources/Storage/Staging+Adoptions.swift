internal import Catalog
internal import Model

extension Staging {
    /// Gives an inode of its own to each file that took one over which another file has: what are two files on the jail
    /// must never become one here. To be called once no directory is left of which the listing may tell more.
    ///
    /// The names of a file go over together. Cut anywhere it is run again, or the next push is told all of them anew.
    func separate() throws {
        try catalog.eachContest { rows in
            let sources = try rows.map { row in try row.place.map { try source(of: row, at: $0) } }
            for case let place? in rows.map(\.place) {
                try catalog.clearListingDigest(of: place.directory)
                try catalog.reopen(place)
            }
            let object = try catalog.takeObject()
            // Nobody has to wait for the catalog while content is copied.
            try catalog.flush()
            var first: Place?
            for (var row, source) in zip(rows, sources) {
                guard let place = row.place, let source else { continue }
                if let first {
                    try link(place, to: .staged(first), of: object)
                } else {
                    try copy(row, to: place, from: source)
                    first = place
                }
                row.object = object
                try catalog.put(row)
            }
            try catalog.flush()
        }
    }

    private func copy(_ row: Row, to place: Place, from source: Source) throws {
        let (metadata, attributes) = (row.stamp.metadata, row.attributes)
        if metadata.kind == .regular {
            try copy(place, from: source, metadata: metadata, attributes: attributes)
        } else {
            try create(place, metadata: metadata, attributes: attributes, target: row.target)
        }
    }
}
