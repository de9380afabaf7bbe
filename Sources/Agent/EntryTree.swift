import Configuration
import Model
import Platform

/// The way from the jail's `/` down to the entries: a directory that leads to an entry, or an entry itself.
///
/// Whatever is a directory here was opened by its name below the one above it, so that neither a symlink nor a rename
/// on the way can lead elsewhere. Made once, then only read.
final class EntryTree: Sendable {
    enum What: Sendable {
        /// Only what leads to entries is listed.
        case way(Directory, FileStatus)
        /// All below it is walked.
        case entry(Directory, FileStatus, WalkRule)
        /// An entry that is a file, fifo, device: it is listed in its directory.
        case file(FileStatus)
        /// Neither it nor anything below it could be opened: what the server has of it stays.
        case kept
    }

    let what: What
    /// In the order of the names' bytes.
    let children: [(name: Name, tree: EntryTree)]

    init(_ what: What, children: [(name: Name, tree: EntryTree)] = []) {
        self.what = what
        self.children = children
    }

    var isKept: Bool { status == nil }

    /// As it was when it was opened; nil where it could not be.
    var status: FileStatus? {
        switch what {
        case .way(_, let status), .entry(_, let status, _), .file(let status): status
        case .kept: nil
        }
    }
}

/// How an entry is walked.
struct WalkRule: Sendable {
    var exclusion: Exclusion
    var staysOnFileSystem: Bool
}
