/// What somebody asks of the nights of a jail.
package enum Query: Hashable, Sendable {
    /// What is kept.
    case nights
    /// What lies at a path in a night: what it names, or what that holds if it is a directory.
    case list(NightChoice, Path)
    /// Which different states of a path can be had.
    case versions(Path)
    /// What matches, in all that is kept or in one night of it.
    case find(FindPattern, NightChoice?)
}

/// How the answer to a question ended; its numbers are those of the wire.
package enum QueryOutcome: UInt8, Hashable, Sendable, CaseIterable {
    /// All of it was given.
    case answered = 0
    /// There is no such night; of what asks of all nights, there is none at all.
    case noNight = 1
    /// What was asked for is not there.
    case notFound = 2
}

/// What `find` looks for: a pattern without a slash is held against the last name of each path, one with a slash
/// against the whole of it.
package struct FindPattern: Hashable, Sendable {
    /// Of bytes, as it was written.
    package static let longest = 4_096

    /// As it was written.
    package let written: [UInt8]
    private let pattern: PathPattern
    private let isOfPath: Bool

    /// - Throws: why it is none.
    package init(_ written: [UInt8]) throws(PathPattern.Refusal) {
        guard written.count <= FindPattern.longest else {
            throw PathPattern.Refusal(reason: "a pattern has at most \(FindPattern.longest) bytes")
        }
        self.written = written
        pattern = try PathPattern(written)
        isOfPath = written.contains(UInt8(ascii: "/"))
        if pattern.names.isEmpty { throw PathPattern.Refusal(reason: "the pattern matches nothing") }
    }

    /// Whether it matches a name with so many names above it, each of which it may lead through.
    package func matches(_ name: Name, below depth: Int) -> Bool {
        guard isOfPath else { return pattern.names[0].matches(name.bytes) }
        return depth == pattern.names.count - 1 && pattern.names[depth].matches(name.bytes)
    }

    /// Whether anything below a directory may match, which has so many names above it, each of which it may lead through.
    package func leadsThrough(_ name: Name, below depth: Int) -> Bool {
        !isOfPath || (depth < pattern.names.count - 1 && pattern.names[depth].matches(name.bytes))
    }
}
