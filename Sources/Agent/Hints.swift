import Model
import Wire

/// How much of a directory, and of what lies below it, is looked at.
enum Scope: Sendable {
    /// All.
    case whole
    /// What the hints name there; nothing but the directory itself where they have no place for it.
    /// - reads: the directory is read whatever they say of it.
    case hinted(HintTree.Place?, reads: Bool)
}

/// What a walk goes by that does not look at everything.
struct Hints: Sendable {
    let tree: HintTree

    /// The list's places, and beside them every directory of which the server asks for the listing whatever it is, or that
    /// is to be verified in this push. Nil where all has to be walked: the list is full, the server says that a full
    /// walk is due, or it does not know the jail yet.
    init?(_ list: HintTree?, _ welcome: Welcome, _ index: ServerIndex, _ share: VerifyShare) {
        guard var tree = list, !tree.isFull, !welcome.isFullWalkDue, index.root != nil else { return nil }
        let isWhole = index.ways(to: { $0.digest == nil || share.covers($0.number, in: welcome.generation) }) { way in
            tree.addDirectory(way)
            return !tree.isFull
        }
        guard isWhole else { return nil }
        self.tree = tree
    }

    /// What is looked at below a directory that has been read; nil if nothing is.
    ///
    /// - Parameters:
    ///   - scope: of the directory that holds it.
    ///   - isKnown: whether it is the very directory that the server knows under this name. Of any other the server has
    ///     nothing, or something else: a list that names what was renamed names nothing below it.
    ///   - isUnchanged: whether its ctime is known too. A file system gives the inode of what is gone to the next: where
    ///     the list says nothing of a change, it may be another directory.
    ///   - isWay: whether it leads to entries.
    func scope(of name: Name, in scope: Scope, isKnown: Bool, isUnchanged: Bool, isWay: Bool) -> Scope? {
        guard case .hinted(let place, _) = scope, isKnown else { return .whole }
        if let place, let below = tree.child(of: place, name) { return .hinted(below, reads: !isUnchanged) }
        if isWay || place.map(tree.isCrowded) == true { return .hinted(nil, reads: true) }
        return isUnchanged ? nil : .whole
    }

    /// The names through which a directory need only be gone through; nil if it is to be read.
    func way(through scope: Scope) -> (place: HintTree.Place, names: [Name])? {
        guard case .hinted(let place?, reads: false) = scope, !tree.isRead(place) else { return nil }
        return (place, tree.children(of: place))
    }
}
