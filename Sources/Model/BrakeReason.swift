/// Why the good nights are not to be rotated away: a mass deletion, an encrypted disk, one that is not mounted.
package struct BrakeReason: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Nothing is left under the entry's path.
        case gone
        /// The entry is there, and no file in it.
        case empty
        case fewerFiles
        case fewerBytes
        case altered
        /// The entry lies on another file system than before.
        case fileSystem
    }

    package var kind: Kind
    package var entry: EntryChange

    package init(_ kind: Kind, _ entry: EntryChange) {
        self.kind = kind
        self.entry = entry
    }
}

extension BrakeReason {
    /// In words, without the entry's path.
    package var text: String {
        let (before, after) = (entry.before, entry.after)
        return switch kind {
        case .gone: "nothing is there any more"
        case .empty: "it is empty"
        case .fewerFiles: "it lost \(share(before.files, less: after?.files)) % of its files"
        case .fewerBytes: "it lost \(share(before.bytes, less: after?.bytes)) % of its bytes"
        case .altered: "\(share(entry.altered, of: before.files)) % of its files are gone or changed"
        case .fileSystem: "it lies on another file system than before: is its disk mounted?"
        }
    }

    private func share(_ whole: UInt64, less rest: UInt64?) -> Int {
        share(whole - min(rest ?? 0, whole), of: whole)
    }

    /// In whole percent, rounded down.
    private func share(_ part: UInt64, of whole: UInt64) -> Int {
        whole == 0 ? 0 : Int(Double(part) / Double(whole) * 100)
    }
}
