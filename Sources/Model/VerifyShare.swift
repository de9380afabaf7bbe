/// Which share of the directories is verified in a push: their files are read and compared by digest though nothing says
/// that they changed.
///
/// Damage on the jail's disk alters no stamp, and neither does a change behind the file system's back. With a share of
/// 1/30 either is found within thirty pushes, at the price of reading a thirtieth of all content in each.
package struct VerifyShare: RawRepresentable, Hashable, Sendable {
    /// 0: none; 1: all; *n*: one directory of *n*.
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let none = VerifyShare(rawValue: 0)
    package static let all = VerifyShare(rawValue: 1)

    /// Whether a directory is verified by the push that makes a generation. Of *n* generations that follow one another
    /// exactly one has it.
    package func covers(_ directory: DirectoryNumber, in generation: Generation) -> Bool {
        guard rawValue > 0 else { return false }
        return (directory.rawValue - generation.rawValue) % Int64(rawValue) == 0
    }
}
