/// What a push did, in numbers, as both sides record it.
package struct PushCounts: Hashable, Sendable {
    /// Directories that the agent walked.
    package var directories: UInt64 = 0
    /// Names in them that are no directories, listed or not.
    package var entries: UInt64 = 0
    /// Listings that were sent, of directories that differ.
    package var listings: UInt64 = 0
    /// Answers (content, digest or attributes) to the server's requests.
    package var answers: UInt64 = 0
    /// Names that differ from the generation before, those that are gone among them.
    package var changed: UInt64 = 0
    /// Names that are gone.
    package var removed: UInt64 = 0
    /// Sizes of all regular files seen.
    package var bytesSeen: UInt64 = 0
    /// Bytes of content that were sent, before compression.
    package var contentBytes: UInt64 = 0
    /// Issues that left something out.
    package var leftOut: UInt64 = 0
    /// Issues that left nothing out.
    package var notes: UInt64 = 0

    package init() {}
}
