import Catalog
import Model
import Storage
import Wire

/// What an answer means for the trees.
enum Deed: Hashable {
    /// Nothing: the inode that stands there is what the jail has; only its row is written anew.
    case keep
    /// Another name for the inode that stands under the file's former one.
    case link(Staging.Source)
    /// A new inode with the content of one that is there.
    case copy(Staging.Source)
    /// A new inode whose content came with the answer, and with runs before it.
    case store
    /// A new inode without content: a symlink, a fifo, a socket, a device.
    case make
}

/// Decides it. An inode of the trees stays only if nothing that a tree carries has changed, and if it stands for the
/// same inode of the jail as before, so that what are two files there never become one here.
///
/// - Parameters:
///   - held: the row under the name until now.
///   - origin: the row of the file's former name, if it was that which was asked about.
///   - open: the generation that the push fills; rows since then have their inode in the staging.
/// - Throws: `WireError.malformed` if the answer names a digest that the server did not.
func deed(
    for answer: Answer, held: Row?, origin: Row?, asked: Want, open: Generation
) throws(WireError) -> Deed {
    let metadata = answer.stamp.metadata
    let held = held.flatMap { $0.child == nil ? $0 : nil }
    func isAsBefore(_ row: Row) -> Bool {
        row.stamp.metadata == metadata && row.attributes == answer.attributes
    }
    let isSame = held.map { isAsBefore($0) && mayStay($0.stamp, answer.stamp) } ?? false
    switch answer.body {
    case .known(let digest):
        guard asked.known == digest, let row = origin ?? held, let place = row.place else {
            throw .malformed("a digest that was not asked for")
        }
        if let origin {
            let isMoved = isAsBefore(origin) && origin.stamp.inode == answer.stamp.inode
            return isMoved ? .link(.newest(place)) : .copy(.newest(place))
        }
        return isSame ? .keep : .copy(row.since == open ? .staged(place) : .newest(place))
    case .content: return .store
    case .target(let target): return isSame && held?.target == target ? .keep : .make
    case .none: return isSame ? .keep : .make
    }
}

/// Whether the inode that held one file may stand for the other: it is the same one, or neither has a second name.
private func mayStay(_ held: Stamp, _ seen: Stamp) -> Bool {
    held.inode == seen.inode || (held.links == 1 && seen.links == 1)
}
