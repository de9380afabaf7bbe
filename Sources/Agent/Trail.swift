import Model

/// How the walk came to a directory, for what people are shown. No system call is ever given a trail.
///
/// A chain towards the root, shared by all that lies below it.
// @unchecked: `parent` is written only where no one else holds the object any more.
package final class Trail: @unchecked Sendable {
    /// Nil for the jail's `/`.
    let name: Name?
    private var parent: Trail?

    private init(name: Name?, parent: Trail?) {
        self.name = name
        self.parent = parent
    }

    static let root = Trail(name: nil, parent: nil)

    func appending(_ name: Name) -> Trail { Trail(name: name, parent: self) }

    /// The path from the jail's root.
    package var path: Path {
        var names: [Name] = []
        var next: Trail? = self
        while let trail = next {
            if let name = trail.name { names.append(name) }
            next = trail.parent
        }
        return Path(names.reversed())
    }

    package var bytes: [UInt8] { path.bytes }

    /// The path of a name in this directory.
    func bytes(of name: Name) -> [UInt8] { path.appending(name).bytes }

    // A million levels are a million links: they must not be let go one inside the other.
    deinit {
        var rest = parent
        parent = nil
        while isKnownUniquelyReferenced(&rest) {
            let above = rest?.parent
            rest?.parent = nil
            rest = above
        }
    }
}
