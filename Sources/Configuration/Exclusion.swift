import Model

/// One `--exclude`. With a slash in front it is matched against the whole path in the jail, with one inside against the
/// last names of it, without any against the last name. What it matches is left out with all that is below.
package struct ExcludePattern: Hashable, Sendable {
    /// As it was written.
    package let bytes: [UInt8]
    let isAnchored: Bool
    let names: [NamePattern]

    /// - Throws: why it is no pattern.
    package init(_ bytes: [UInt8]) throws(Refusal) {
        let slash = UInt8(ascii: "/")
        let parts = bytes.split(separator: slash)
        guard !parts.isEmpty else { throw Refusal(reason: "the pattern matches nothing, or everything") }
        guard bytes.last != slash else {
            throw Refusal(
                reason: "write it without the slash at its end: a pattern leaves out files and directories alike")
        }
        guard !parts.contains(where: { $0.elementsEqual([0x2E]) || $0.elementsEqual([0x2E, 0x2E]) }) else {
            throw Refusal(reason: "a pattern cannot go through . or ..")
        }
        self.bytes = bytes
        isAnchored = bytes.first == slash
        names = parts.map { NamePattern($0) }
    }

    /// A pattern that cannot be one, and why; fit to be shown.
    package struct Refusal: Error { let reason: String }

    /// Whether the pattern's last name decides for names in this directory.
    func applies(in directory: ArraySlice<Name>) -> Bool {
        let parents = names.dropLast()
        guard isAnchored ? directory.count == parents.count : directory.count >= parents.count else { return false }
        return zip(parents, directory.suffix(parents.count)).allSatisfy { $0.matches($1.bytes) }
    }
}

/// What an entry leaves out. The entry's own directory is never left out by its own patterns.
package struct Exclusion: Hashable, Sendable {
    /// A name is left out if each of these sets leaves it out: more than one where entries were merged, since what any of
    /// them names must be saved. None of them empty.
    private(set) var sets: [Set<ExcludePattern>]
    /// How many names the entry's own path has.
    private(set) var depth: Int

    /// Leaves nothing out.
    package static let none = Exclusion(patterns: [], depth: 0)

    package init(patterns: [ExcludePattern], depth: Int) {
        sets = patterns.isEmpty ? [] : [Set(patterns)]
        self.depth = depth
    }

    /// Most entries leave out nothing, and need not ask.
    package var isEmpty: Bool { sets.isEmpty }

    /// All patterns, in the order of their bytes, for `check` and `--json`.
    package var patterns: [[UInt8]] {
        Set(sets.joined()).map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// What is to be asked for each name in a directory at or below the entry. Made once a directory.
    package func filter(in directory: Path) -> NameFilter {
        NameFilter(
            sets: sets.compactMap { set in
                // A set that left out a directory above leaves out all that is below; it no longer has a say.
                if sets.count > 1, leavesOut(directory, set) { return nil }
                return set.compactMap { $0.applies(in: directory.names[...]) ? $0.names.last : nil }
            })
    }

    /// Whether a path below the entry is left out, itself or with a directory above it.
    package func excludes(_ path: Path) -> Bool {
        !sets.isEmpty && sets.allSatisfy { leavesOut(path, $0) }
    }

    private func leavesOut(_ path: Path, _ set: Set<ExcludePattern>) -> Bool {
        (min(depth, path.names.count)..<path.names.count).contains { index in
            set.contains {
                $0.applies(in: path.names[..<index]) && $0.names.last?.matches(path.names[index].bytes) == true
            }
        }
    }

    /// Leaves out only what both do; for an entry of `depth` names.
    func intersection(_ other: Exclusion, depth: Int) -> Exclusion {
        var both = Exclusion.none
        both.depth = depth
        guard !isEmpty, !other.isEmpty else { return both }
        for set in sets + other.sets where !both.sets.contains(where: { $0.isSubset(of: set) }) {
            both.sets.removeAll { set.isSubset(of: $0) }
            both.sets.append(set)
        }
        // Rather save too much than compare thousands of ways to leave things out.
        if both.sets.count > 16 { both.sets = [] }
        return both
    }

    /// Whether all that this leaves out, the other leaves out too. May say no where it is so, never yes where it is not.
    func isCovered(by other: Exclusion) -> Bool {
        isEmpty || (!other.isEmpty && other.sets.allSatisfy { set in sets.contains { $0.isSubset(of: set) } })
    }
}

/// The patterns that decide in one directory.
package struct NameFilter: Sendable {
    private let sets: [[NamePattern]]

    init(sets: [[NamePattern]]) {
        // A set that leaves out nothing here saves every name.
        self.sets = sets.contains { $0.isEmpty } ? [] : sets
    }

    /// Whether nothing in this directory is left out.
    package var isEmpty: Bool { sets.isEmpty }

    /// Whether a name in this directory is left out, with all below it.
    package func excludes(_ name: UnsafeRawBufferPointer) -> Bool {
        !sets.isEmpty && sets.allSatisfy { set in set.contains { $0.matches(name) } }
    }

    package func excludes(_ name: Name) -> Bool {
        !sets.isEmpty && name.bytes.withUnsafeBytes { excludes($0) }
    }
}
