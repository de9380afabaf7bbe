/// A path of patterns, each for one name: `/mnt/data*/*-DIR`, `usr/home/*.txt`. It matches what has as many names.
package struct PathPattern: Hashable, Sendable {
    /// As it was written, without slashes at its ends.
    package let bytes: [UInt8]
    package let names: [NamePattern]

    /// Matches the place itself that it is relative to, and nothing else.
    package static let empty = PathPattern()

    private init() { (bytes, names) = ([], []) }

    private init(_ parts: some Collection<[UInt8].SubSequence>) {
        bytes = Array(parts.joined(separator: [UInt8(ascii: "/")]))
        names = parts.map { NamePattern($0) }
    }

    /// Reads a pattern; slashes at its beginning and its end, and repeated ones, say nothing.
    ///
    /// - Throws: why it is none: it goes through `.` or `..`, or has a NUL.
    package init(_ written: some Collection<UInt8>) throws(Refusal) {
        let parts = Array(written).split(separator: UInt8(ascii: "/"))
        for part in parts {
            if part.elementsEqual([0x2E]) || part.elementsEqual([0x2E, 0x2E]) {
                throw Refusal(reason: "a path cannot go through . or ..")
            }
            if part.contains(0) { throw Refusal(reason: "there is a NUL in it") }
        }
        self.init(parts)
    }

    /// What cannot be a pattern, and why; fit to be shown.
    package struct Refusal: Error, Hashable { package let reason: String }

    /// Whether these names, all of them, are what it stands for.
    package func matches(_ path: some Collection<Name>) -> Bool {
        path.count == names.count && zip(names, path).allSatisfy { $0.matches($1.bytes) }
    }

    /// The same, relative to what its first names stand for.
    package func dropping(_ count: Int) -> PathPattern {
        PathPattern(bytes.split(separator: UInt8(ascii: "/")).dropFirst(count))
    }

    /// The names that it begins with and that stand for themselves alone.
    package var literalStart: [Name] {
        var start: [Name] = []
        for pattern in names {
            guard let literal = pattern.literal, let name = Name(literal) else { break }
            start.append(name)
        }
        return start
    }
}
