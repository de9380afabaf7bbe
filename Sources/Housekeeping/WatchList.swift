package import Model

/// Which jails a service looks at, and when: at one that was written to since it was last looked at, and at every one now
/// and then, for nights that come due and holds that end.
package struct WatchList: Sendable {
    private struct Look {
        var seconds: Double
        /// When the jail's catalog was written to last, as it stood after the look.
        var written: Timestamp?
    }

    private var looks: [Name: Look] = [:]
    private var underWork: Set<Name> = []
    /// Seconds after which a jail is looked at though nothing was written.
    private let every: Double

    package init(every: Double) { self.every = every }

    /// The jails that are to be looked at, which count as under work from now on until `looked` or `gaveUp`.
    /// - Parameters:
    ///   - found: every jail there is, and when its catalog was written to last; nil if it has none.
    ///   - seconds: of a clock that never jumps.
    package mutating func take(_ found: [(jail: Name, written: Timestamp?)], at seconds: Double) -> [Name] {
        let due = found.filter { jail, written in
            guard !underWork.contains(jail) else { return false }
            guard let look = looks[jail] else { return written != nil }
            return look.written != written || seconds - look.seconds >= every
        }.map(\.jail)
        underWork.formUnion(due)
        return due
    }

    /// A pass over a jail has ended. What was written after `written` is a reason to look again.
    package mutating func looked(at jail: Name, written: Timestamp?, at seconds: Double) {
        underWork.remove(jail)
        looks[jail] = Look(seconds: seconds, written: written)
    }

    /// Another pass was at it: the jail is to be looked at again the next time.
    package mutating func gaveUp(on jail: Name) { underWork.remove(jail) }

    /// Whether no jail is under work.
    package var isIdle: Bool { underWork.isEmpty }
}
