import Catalog
import Model
import Storage
import Wire

/// What changed, and is not listed under each of its names: content that is not what the server has though nothing moved,
/// and files of which an agent that goes by hints was told one name.
extension Reception {
    /// Names it in both records, unless the file moved between the listing and the answer: that is a change as any other.
    mutating func tellOfDifference(_ answer: Answer, _ lack: Lack) throws {
        guard !answer.isUnsettled, answer.stamp == lack.seen else { return }
        try tell(
            lack.name, in: answer.place.directory, .changedWithoutTrace,
            "its content is not what it was, though its times, size and inode are: damage on the jail's disk, or a change"
                + " behind the file system's back; stored as it is now, and past nights keep what it was")
    }

    /// Whether a file with several names may have changed under names that nobody lists.
    func mayBeUnlisted(_ lack: Lack, _ held: Row, _ row: Row) -> Bool {
        // Another inode that took the name says nothing of the other names of the one before.
        guard held.stamp.inode == row.stamp.inode else { return false }
        return lack.isVerification ? held.object != row.object : isPartial && !held.says(row)
    }

    /// Has the other names of an inode follow the one of which the news came: else one file would be two. A name that is
    /// asked for itself is something else by now.
    mutating func lead(namesOf held: Row, to row: Row, at source: Staging.Source) throws {
        let others = try catalog.rows(stamped: held.stamp).filter { $0.object == held.object && $0.place != row.place }
        for (directory, others) in Dictionary(grouping: others, by: \.directory) {
            let awaited = Set(listings[directory]?.awaited.values.compactMap(\.lack?.name) ?? [])
            for other in others {
                guard let name = other.name, !awaited.contains(name) else { continue }
                let lack = Lack(name: name, ordinal: 0, seen: row.stamp, want: .attributes, held: other)
                try link(Follower(directory: directory, lack: lack), to: row, at: source, nil)
            }
            // What is to be looked at again is so under each of its names.
            if row.stamp.changed.seconds == 0 { try catalog.clearListingDigest(of: directory) }
        }
    }
}
