/// Trouble with one file or directory: a value, never a throw, because it must not stop a backup, and never be silent.
package struct Issue: Hashable, Sendable {
    /// What kind of trouble; its numbers are those of the wire and of the record.
    package enum Reason: UInt8, Sendable, CaseIterable {
        // Left out: the run ends in 1.
        case missing = 1
        case symlink = 2
        case unreadable = 3
        case leased = 4
        case inputOutput = 5
        case refused = 6
        // Saved, and worth a word: the run may still end in 0.
        case changedWhileRead = 64
        case unsupported = 65
        case merged = 66
        case changedWithoutTrace = 68

        /// Whether something was left out because of it.
        package var leavesOut: Bool { rawValue < 64 }
    }

    /// Raw bytes; a path from the jail's root.
    package var path: [UInt8]
    package var reason: Reason
    /// What the system answered, and the remedy where there is one; already fit to be shown.
    package var detail: String
    /// The line of `backup.config` it concerns.
    package var line: Int?

    package init(path: [UInt8], reason: Reason, detail: String, line: Int? = nil) {
        self.path = path
        self.reason = reason
        self.detail = detail
        self.line = line
    }
}

extension Issue.Reason: CustomStringConvertible {
    /// The word in a report, and in `--json`.
    package var description: String {
        switch self {
        case .missing: "missing"
        case .symlink: "symlink"
        case .unreadable: "unreadable"
        case .leased: "leased"
        case .inputOutput: "input/output error"
        case .refused: "refused"
        case .changedWhileRead: "changed while read"
        case .unsupported: "unsupported"
        case .merged: "merged"
        case .changedWithoutTrace: "changed without a trace"
        }
    }
}
