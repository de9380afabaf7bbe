/// What the server asks of the agent for one name of a listing.
package enum Want: Hashable, Sendable {
    /// The stamp, ACLs and extended attributes anew, and for a symlink its target; no content.
    case attributes
    /// All of it.
    case content
    /// All of it, but only the digest if the content has this one: the server has it already.
    case contentUnless(ContentDigest)
}

/// Decides what the server lacks, from what it holds under a name and what the jail says of it now.
///
/// - Parameters:
///   - held: the stamp and digest in the newest rows; nil if the name is new.
///   - seen: the stamp in the agent's listing.
///   - inodesLast: false on file systems that number their inodes anew; an inode alone is no change there.
/// - Returns: nil if nothing moved.
package func want(held: (stamp: Stamp, digest: ContentDigest?)?, seen: Stamp, inodesLast: Bool) -> Want? {
    guard let held else { return seen.metadata.kind == .regular ? .content : .attributes }
    var expected = held.stamp
    if !inodesLast { expected.inode = seen.inode }
    if expected == seen { return nil }
    guard seen.metadata.kind == .regular else { return .attributes }
    if held.stamp.metadata.kind == .regular, held.stamp.metadata.size == seen.metadata.size, let digest = held.digest {
        return .contentUnless(digest)
    }
    return .content
}

/// What is asked of a name of which nothing moved, where its content is to be verified.
///
/// - Returns: nil where there is no content that the server has a digest of.
package func verification(of held: (stamp: Stamp, digest: ContentDigest?)) -> Want? {
    guard held.stamp.metadata.kind == .regular, let digest = held.digest else { return nil }
    return .contentUnless(digest)
}
