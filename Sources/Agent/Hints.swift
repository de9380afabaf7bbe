import Model
import Wire

/// How much of a directory, and of what lies below it, is looked at.
enum Scope: Sendable {
    /// All.
    case whole
    /// What the hints name there; nothing but the directory itself where they have no place for it.
    case hinted(HintTree.Place?)
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
    ///   - isWay: whether it leads to entries.
    func scope(of name: Name, in scope: Scope, isKnown: Bool, isWay: Bool) -> Scope? {
        guard case .hinted(let place) = scope, isKnown else { return .whole }
        if let place, let below = tree.child(of: place, name) { return .hinted(below) }
        return isWay || place.map(tree.isCrowded) == true ? .hinted(nil) : nil
    }

    /// Whether a directory below one that has been read is read too.
    func reads(_ name: Name, in scope: Scope) -> Bool {
        guard case .hinted(let place?) = scope else { return false }
        return tree.child(of: place, name).map(tree.isRead) ?? tree.isCrowded(place)
    }

    /// The names through which a directory need only be gone through; nil if it is to be read.
    func way(through scope: Scope) -> (place: HintTree.Place, names: [Name])? {
        guard case .hinted(let place?) = scope, !tree.isRead(place) else { return nil }
        return (place, tree.children(of: place))
    }
}
