import Catalog
import Model
import Storage
import Wire

/// Tells the hard links of one inode apart from all else, within a session.
struct LinkKey: Hashable {
    var fileSystem: UInt32
    var inode: UInt64

    /// Nil for what has one name only, or no lasting inode number.
    init?(_ stamp: Stamp, in head: Listing.Head) {
        guard stamp.links > 1, head.inodesLast else { return nil }
        fileSystem = head.fileSystem
        inode = stamp.inode
    }
}

/// The names of one inode that were listed as new or changed: the first, which is asked for, and those that follow it.
enum LinkGroup {
    /// The first is being asked for; the others wait for it in `Reception.followers`.
    case waiting
    /// The first is there, with a row: the catalog has that, as there may be very many. If it took over an object, the
    /// others share its claim to that.
    case arrived(Stamp, Staging.Source, claim: Int64?)
    /// The first was not to be had.
    case lost
}

/// A further name of an inode whose first name was asked for.
struct Follower {
    var directory: DirectoryNumber
    var lack: Lack
}
