import Catalog
import Model
import Storage
import Wire

/// Content that was asked for though nothing moved, and is not what the server has.
extension Reception {
    /// Names it in both records, unless the file moved between the listing and the answer: that is a change as any other.
    mutating func tellOfDifference(_ answer: Answer, _ lack: Lack) throws {
        guard !answer.isUnsettled, answer.stamp == lack.seen else { return }
        try tell(
            lack.name, in: answer.place.directory, .changedWithoutTrace,
            "its content is not what it was, though its times, size and inode are: damage on the jail's disk, or a change"
                + " behind the file system's back; stored as it is now, and past nights keep what it was")
    }

    /// Names of the same inode that are in no listing of this session: they did not move either, so nobody would ask for
    /// them, and one file would be two.
    mutating func lead(namesOf held: Row, to row: Row, at source: Staging.Source) throws {
        for other in try catalog.rows(stamped: held.stamp) where other.object == held.object {
            guard let name = other.name, other.place != row.place else { continue }
            let lack = Lack(name: name, ordinal: 0, seen: row.stamp, want: .attributes, held: other)
            try link(Follower(directory: other.directory, lack: lack), to: row, at: source)
        }
    }
}
