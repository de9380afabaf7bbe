import Model

/// What became of a push: the one record that a run leaves.
package struct PushReport: Sendable {
    /// How it ended.
    package enum Outcome: Sendable, Hashable {
        /// All of it is safe on the server, as this generation.
        case committed(Generation)
        /// A dry run came to its end; the server has changed nothing.
        case rehearsed
        case failed(PushError)
    }

    package var outcome: Outcome
    /// The generation that the server announced; nil if it never came to that.
    package var generation: Generation?
    /// Whether an earlier push that broke off was continued.
    package var continues: Bool
    /// Whether only what the hints lead to was looked at.
    package var isPartial = false
    /// What the agent saw and sent; what changed and what went, as the server counted it.
    package var counts: PushCounts
    /// Files of the directories to be verified that were read and compared by digest, and bytes of them.
    package var verified: (files: UInt64, bytes: UInt64) = (0, 0)
    /// At most ten thousand; the counts know of all.
    package var issues: [Issue]
    /// On the wire, compressed, before what encrypts it.
    package var bytesSent: UInt64
    /// The same from the server.
    package var bytesReceived: UInt64
    /// How many threads walked; 0 if it never came to that.
    package var walkers: Int
    /// How many channels of the session carried it.
    package var channels: Int
    /// From the first byte of the session to its end; connecting comes before.
    package var duration: Duration
}

/// How far a push is.
package struct PushProgress: Sendable {
    package var directories: UInt64
    /// Names that are no directories.
    package var files: UInt64
    /// Sizes of all regular files seen.
    package var bytesSeen: UInt64
    /// On the wire.
    package var bytesSent: UInt64
    /// What is being walked, raw; nil before and after.
    package var path: [UInt8]?
}

/// What a dry run finds that a push would do to one name.
package struct Rehearsed: Sendable {
    package enum Deed: Sendable, Hashable {
        /// The server would ask for this.
        case send(Want)
        /// The server's copy would go, with all below it.
        case remove
    }

    /// Raw, from the jail's root.
    package var path: [UInt8]
    package var deed: Deed
    /// Of a regular file, in bytes; else 0.
    package var size: UInt64
    package var kind: FileKind
}
