package import Model

/// What became of one name between two generations.
package struct Change: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case added
        case changed
        case removed
        /// The same file under another name; what a directory holds went with it and is not named again.
        case renamed
    }

    /// What differs of a file that is at both ends.
    package enum Aspect: String, Sendable {
        case type, content, target, device, mode, owner, group, mtime, attributes, links
    }

    package var kind: Kind
    /// Where it is, or was if it is removed.
    package var path: Path
    /// Where it was, if it is renamed.
    package var origin: Path?
    /// Of what is changed, or renamed and changed too.
    package var aspects: [Aspect]

    package init(_ kind: Kind, _ path: Path, origin: Path? = nil, aspects: [Aspect] = []) {
        self.kind = kind
        self.path = path
        self.origin = origin
        self.aspects = aspects
    }
}

extension Row {
    /// What a user would see differ, if this became `other`.
    package func aspects(against other: Row) -> [Change.Aspect] {
        let (mine, theirs) = (stamp.metadata, other.stamp.metadata)
        guard mine.kind == theirs.kind else { return [.type] }
        var aspects: [Change.Aspect] = []
        if digest != other.digest || mine.kind == .regular && mine.size != theirs.size { aspects.append(.content) }
        if target != other.target { aspects.append(.target) }
        if mine.device != theirs.device { aspects.append(.device) }
        if mine.mode != theirs.mode { aspects.append(.mode) }
        if mine.owner != theirs.owner { aspects.append(.owner) }
        if mine.group != theirs.group { aspects.append(.group) }
        if mine.modified != theirs.modified { aspects.append(.mtime) }
        if attributes != other.attributes { aspects.append(.attributes) }
        if child == nil, stamp.links != other.stamp.links { aspects.append(.links) }
        return aspects
    }
}
