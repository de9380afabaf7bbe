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
