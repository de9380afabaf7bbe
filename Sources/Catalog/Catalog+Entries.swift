package import Model

/// What each entry of a jail holds, generation by generation: what the brake looks at.
///
/// The agent says which entries there are and on which file systems; what lies in them is counted here, from the rows. A
/// broken-into jail could otherwise hide how much it deletes. Counting reads the rows that a generation began or ended,
/// and all of an entry only where it is new to the config and not to the tree.
extension Catalog {
    /// Notes which entries the agent opened for the open generation, in place of what a push that broke off noted.
    package func setEntries(_ sightings: [EntrySighting]) throws {
        try use { connection in
            let generation = try connection.writable()
            let delete = try connection.fresh("DELETE FROM entry_figures WHERE generation = ?1")
            delete.bind(generation, at: 1)
            try delete.run()
            let insert = try connection.fresh(
                "INSERT OR REPLACE INTO entry_figures (generation, path, fs_kind, fs_number) VALUES (?1, ?2, ?3, ?4)")
            for sighting in sightings {
                insert.bind(generation, at: 1)
                insert.bind(sighting.path.bytes, at: 2)
                insert.bind(sighting.fileSystem.kind, at: 3)
                insert.bind(sighting.fileSystem.number, at: 4)
                try insert.run()
            }
        }
    }

    /// The entries of a committed generation, in the order of their paths. Kept of those generations that a tree holds;
    /// of all others there are none.
    package func entries(at generation: Generation) throws -> [(path: Path, figures: EntryFigures)] {
        try use { try $0.entries(at: generation) }
    }

    /// What became of each entry of the earlier generation. Reads what differs between the two.
    package func entryChanges(from: Generation, to: Generation) throws -> [EntryChange] {
        try use { connection in
            let after = Dictionary(try connection.entries(at: to).map { ($0.path, $0.figures) }) { $1 }
            var changes = try connection.entries(at: from).map { path, figures in
                EntryChange(path: path, before: figures, after: after[path], altered: 0)
            }
            var map = EntryMap(connection)
            for (index, change) in changes.enumerated() {
                let rows = (try resolve(change.path, at: from), try resolve(change.path, at: to))
                map.add(index, [rows.0?.child, rows.1?.child])
                if let before = rows.0, before.child == nil, before.isAltered(in: rows.1) { changes[index].altered = 1 }
            }
            var here = (directory: DirectoryNumber.aboveRoot, holders: [Int]())
            try differences(from: from, to: to) { difference in
                guard let before = difference.before, before.child == nil, before.isAltered(in: difference.after) else {
                    return
                }
                if here.directory != difference.directory {
                    here = (difference.directory, try map.entries(around: difference.directory))
                }
                for holder in here.holders { changes[holder].altered += 1 }
            }
            return changes
        }
    }
}

extension Row {
    fileprivate func isAltered(in other: Row?) -> Bool { other.map { !aspects(against: $0).isEmpty } ?? true }
}

extension Connection {
    func entries(at generation: Generation) throws -> [(path: Path, figures: EntryFigures)] {
        let found = try fresh(
            "SELECT path, fs_kind, fs_number, files, bytes FROM entry_figures WHERE generation = ?1 ORDER BY path")
        found.bind(generation, at: 1)
        var entries: [(path: Path, figures: EntryFigures)] = []
        while try found.step() {
            guard let path = Path(absolute: found.bytes(0)) else { continue }
            let fileSystem = FileSystemIdentity(kind: found.unsigned(1), number: found.unsigned(2))
            entries.append(
                (path, EntryFigures(files: found.unsigned(3), bytes: found.unsigned(4), fileSystem: fileSystem)))
        }
        return entries
    }
}
