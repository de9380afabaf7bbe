/// What a push did, in numbers, as both sides record it.
package struct PushCounts: Hashable, Sendable {
    /// Directories and other names that the agent looked at.
    package var directories: UInt64 = 0
    package var entries: UInt64 = 0
    /// Listings sent, and answers (content, digest or attributes) given to the server's requests.
    package var listings: UInt64 = 0
    package var answers: UInt64 = 0
    /// Names that are new or differ from the generation before, and names that are gone.
    package var changed: UInt64 = 0
    package var removed: UInt64 = 0
    /// Sizes of all regular files seen; bytes of content sent.
    package var bytesSeen: UInt64 = 0
    package var contentBytes: UInt64 = 0
    /// Issues that left something out; issues that did not.
    package var leftOut: UInt64 = 0
    package var notes: UInt64 = 0

    package init() {}
}
