/// What `find` looks for, compared as `--exclude` compares: with a slash in front it is held against the whole path, else
/// against the last names of it, as many as it has.
package struct FindPattern: Hashable, Sendable {
    /// Of bytes, as it was written.
    package static let longest = 4_096

    /// As it was written.
    package let written: [UInt8]
    private let names: [NamePattern]
    private let isAnchored: Bool

    /// - Throws: why it is none.
    package init(_ written: [UInt8]) throws(PathPattern.Refusal) {
        guard written.count <= FindPattern.longest else {
            throw PathPattern.Refusal(reason: "a pattern has at most \(FindPattern.longest) bytes")
        }
        let slash = UInt8(ascii: "/")
        // Of what may be there it would find nothing, and say that nothing is there.
        if written.split(separator: slash).contains(where: { NamePattern.hasOpenBracket($0) }) {
            throw PathPattern.Refusal(reason: "a [ is not closed; write \\[ for one that means itself")
        }
        self.written = written
        names = try PathPattern(written).names
        isAnchored = written.first == slash
        if names.isEmpty { throw PathPattern.Refusal(reason: "the pattern matches nothing") }
    }

    /// Whether it matches a name.
    ///
    /// - Parameter above: the names that lead to it, from the jail's `/`; where the pattern is of whole paths, `leadsThrough`
    ///   has said yes to each.
    package func matches(_ name: Name, below above: [Name]) -> Bool {
        let parents = names.dropLast()
        guard isAnchored ? above.count == parents.count : above.count >= parents.count,
            names[parents.count].matches(name.bytes)
        else { return false }
        return isAnchored || zip(parents, above.suffix(parents.count)).allSatisfy { $0.matches($1.bytes) }
    }

    /// Whether anything below a directory may match, which has so many names above it, each of which it may lead through.
    package func leadsThrough(_ name: Name, below depth: Int) -> Bool {
        !isAnchored || (depth < names.count - 1 && names[depth].matches(name.bytes))
    }
}
