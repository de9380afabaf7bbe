internal import Catalog
internal import Model

extension LockedBackupdir {
    /// Gives an inode of its own to each file that took one over which another file has: what are two files on the jail
    /// must never become one here. To be called once no directory is left of which the listing may tell more.
    ///
    /// Cut anywhere it is run again, or the names in question are listed anew by the next push.
    func separate(_ staging: Staging) throws {
        try catalog.eachContest { rows in
            let object = try catalog.takeObject()
            var first: Place?
            for var row in rows {
                guard let place = row.place else { continue }
                if let first {
                    try staging.link(place, to: .staged(first), of: object)
                } else {
                    try staging.separate(place, row)
                    first = place
                }
                row.object = object
                try catalog.put(row)
            }
        }
        try catalog.flush()
    }
}

extension Staging {
    /// Puts an inode of its own where one is staged that something else has too.
    fileprivate func separate(_ place: Place, _ row: Row) throws {
        let (metadata, attributes) = (row.stamp.metadata, row.attributes)
        if metadata.kind == .regular {
            try copy(place, from: .staged(place), metadata: metadata, attributes: attributes)
        } else {
            try create(place, metadata: metadata, attributes: attributes, target: row.target)
        }
    }
}
