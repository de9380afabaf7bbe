import Catalog
import Model
import Storage
import Wire

/// What an answer means for the trees.
enum Deed: Hashable {
    /// Nothing: the inode that stands there is what the jail has; only its row is written anew.
    case keep
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
///   - open: the generation that the push fills; rows since then have their inode in the staging.
/// - Throws: `WireError.malformed` if the answer names a digest that the server did not.
func deed(for answer: Answer, held: Row?, asked: Want, open: Generation) throws(WireError) -> Deed {
    let metadata = answer.stamp.metadata
    let held = held.flatMap { $0.child == nil ? $0 : nil }
    let isSame =
        held.map {
            $0.stamp.metadata == metadata && $0.attributes == answer.attributes && mayStay($0.stamp, answer.stamp)
        } ?? false
    switch answer.body {
    case .known(let digest):
        guard asked.known == digest, let held, let place = held.place else {
            throw .malformed("a digest that was not asked for")
        }
        return isSame ? .keep : .copy(held.since == open ? .staged(place) : .newest(place))
    case .content: return .store
    case .target(let target): return isSame && held?.target == target ? .keep : .make
    case .none: return isSame ? .keep : .make
    }
}

/// Whether the inode that held one file may stand for the other: it is the same one, or neither has a second name.
private func mayStay(_ held: Stamp, _ seen: Stamp) -> Bool {
    held.inode == seen.inode || (held.links == 1 && seen.links == 1)
}
