/// The caps of the format. Whatever exceeds one is refused before memory is given to it.
package enum Limits {
    /// Of directories and generations: nobody comes so far by counting.
    package static let number: Int64 = 1 << 60
    /// Bytes of a block before compression, and so of a message with its head.
    package static let block = 262_144
    /// Bytes of content in one message.
    package static let run = 131_072
    /// Bytes that one message has copied: 64 MiB.
    package static let copy: UInt64 = 64 << 20
    /// Bytes of entries in one part of a signature.
    package static let signatures = 120_000
    /// Names in one part of a listing.
    package static let entries = 2_048
    /// Bytes of a symlink's target.
    package static let target = 4_096
    /// Bytes of any text: host names, versions, explanations.
    package static let text = 8_192
    /// Characters of an issue's text, or another that is to be shown, that are kept.
    package static let issue = 500
    /// Entries that an agent names, and bytes of their paths together.
    package static let sightings = 100_000
    package static let sightingBytes = 16 << 20
    /// Directories that a server names in its index, and bytes of their names together.
    package static let directories = 1 << 24
    package static let directoryNameBytes = 1 << 30
    /// Bytes of ACLs and extended attributes of one file, encoded.
    package static let attributes = 120_000
    /// Questions and orders of one session.
    package static let questions = 10_000
    /// Bytes of one line of an answer, its paths among them.
    package static let finding = 131_072
    /// Holds of one line of an answer.
    package static let holds = 4_096
    /// Parts of an order, and bytes of them together.
    package static let parts = 256
    package static let partBytes = 131_072
    /// Days for which an agent may have a night held; staff may for longer.
    package static let holdDays = 366
}
