import Model

/// A path in `backup.config` that is to be backed up.
package struct Entry: Hashable, Sendable {
    package var path: Path
    /// What of it is left out.
    package var exclusion: Exclusion
    /// Whether directories on other file systems are left out. Pseudo file systems always are.
    package var staysOnFileSystem: Bool
    /// The line of the config, for what is to be said of it.
    package var line: Int

    package init(path: Path, exclusion: Exclusion = .none, staysOnFileSystem: Bool = false, line: Int) {
        self.path = path
        self.exclusion = exclusion
        self.staysOnFileSystem = staysOnFileSystem
        self.line = line
    }
}

/// Brings entries that repeat or contain one another down to those that are needed, in the order of their paths.
///
/// What any entry names and does not leave out is saved. Of an entry given twice, only what each of the two leaves out is
/// left out. An entry inside another is dropped if the outer one saves all of it; it is kept if the outer one leaves out
/// it, or something in it that it does not leave out itself, or stays on its file system, since the inner one may lie on
/// another. Of the result holds: **the innermost entry at or above a path alone decides** whether it is saved; so a walk
/// takes the rules of an entry when it comes to its path, and walks to a kept entry even where the outer one would not.
///
/// - Returns: the entries, and a word on each that was merged into another.
package func merged(_ entries: [Entry]) -> (entries: [Entry], notes: [Issue]) {
    var notes: [Issue] = []
    func note(_ entry: Entry, _ text: String) {
        notes.append(Issue(path: entry.path.bytes, reason: .merged, detail: text, line: entry.line))
    }
    var kept: [Entry] = []
    // The kept entries around the present one, outermost first, as indices of `kept`.
    var around: [Int] = []
    for entry in entries.sorted(by: { ($0.path, $0.line) < ($1.path, $1.line) }) {
        while let last = around.last, !kept[last].path.contains(entry.path) { around.removeLast() }
        guard let last = around.last else {
            around = [kept.count]
            kept.append(entry)
            continue
        }
        let outer = kept[last]
        if outer.path == entry.path {
            note(entry, "repeats the entry of line \(outer.line)")
            kept[last].exclusion = outer.exclusion.intersection(entry.exclusion, depth: entry.path.names.count)
            kept[last].staysOnFileSystem = outer.staysOnFileSystem && entry.staysOnFileSystem
            continue
        }
        let isLeftOut = outer.exclusion.excludes(entry.path)
        if !isLeftOut, !outer.staysOnFileSystem, outer.exclusion.isCovered(by: entry.exclusion) {
            note(entry, "is saved with \(outer.path), the entry of line \(outer.line)")
            continue
        }
        var inner = entry
        if !isLeftOut {
            inner.exclusion = outer.exclusion.intersection(entry.exclusion, depth: entry.path.names.count)
            inner.staysOnFileSystem = outer.staysOnFileSystem && entry.staysOnFileSystem
        }
        around.append(kept.count)
        kept.append(inner)
    }
    return (kept, notes.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
}
