/// A place in a tree, from the tree's root: names without `.`, `..` or empty components. The root itself has none.
///
/// A path is for people, configs and the catalog. No system call is given one: trees are walked name by name.
package struct Path: Hashable, Sendable {
    /// From the root down; empty for `/`.
    package var names: [Name]

    package init(_ names: [Name] = []) { self.names = names }

    /// Reads an absolute path; repeated and trailing slashes are dropped. Nil if it is not absolute or has a component
    /// that is no name (`.`, `..`, over 255 bytes, a NUL).
    package init?(absolute bytes: some Collection<UInt8>) {
        guard bytes.first == UInt8(ascii: "/") else { return nil }
        var names: [Name] = []
        for part in bytes.split(separator: UInt8(ascii: "/")) {
            guard let name = Name(part) else { return nil }
            names.append(name)
        }
        self.names = names
    }

    /// `/usr/home`; `/` for the root.
    package var bytes: [UInt8] {
        names.isEmpty ? [UInt8(ascii: "/")] : names.flatMap { [UInt8(ascii: "/")] + $0.bytes }
    }

    /// Nil for `/`.
    package var parent: Path? { names.isEmpty ? nil : Path(Array(names.dropLast())) }

    /// The path of a name in this directory.
    package func appending(_ name: Name) -> Path { Path(names + [name]) }

    /// Whether `other` is this path or lies below it.
    package func contains(_ other: Path) -> Bool { other.names.starts(with: names) }
}

extension Path: Comparable {
    package static func < (left: Path, right: Path) -> Bool { left.names.lexicographicallyPrecedes(right.names) }
}

extension Path: CustomStringConvertible {
    package var description: String { escaped(bytes) }
}
