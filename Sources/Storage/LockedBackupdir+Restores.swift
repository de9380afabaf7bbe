package import Catalog
package import Model

/// How many holds there may be whose names begin alike.
package struct HoldLimit: Sendable {
    let stem: Name
    let count: Int

    package init(_ stem: Name, _ count: Int) { (self.stem, self.count) = (stem, count) }
}

extension LockedBackupdir {
    /// Keeps parts of a generation until then, for whoever had them restored. A part that is held already, by an earlier
    /// restore or because staff asked, is held for longer if need be, and not once more.
    ///
    /// - Parameters:
    ///   - stem: what the holds are called; with `.2` behind it and so on where that is taken.
    ///   - limit: what new ones must stay within; nil for none.
    /// - Returns: what holds each part now. Throws `.missing` if no night and no hold has the generation any more, and
    ///   `.noSpace` where the limit is reached.
    package func keep(
        _ paths: [Path], of generation: Generation, named stem: Name, until: Timestamp, at now: Timestamp,
        limit: HoldLimit? = nil, progress: Progress? = nil
    ) throws -> [Hold] {
        let night = try nights().first { $0.generation == generation }?.number
        return try paths.map { path in
            let known = try catalog.holds().first { hold in
                // What staff called otherwise is theirs, and ends when they said; unless it is all there is.
                hold.generation == generation && hold.path.contains(path)
                    && (night == nil || hold.name.bytes.starts(with: stem.bytes))
            }
            if var known {
                if let end = known.until, end < until {
                    try catalog.prolong(known.name, until: until)
                    known.until = until
                }
                return known
            }
            guard let night else {
                throw StorageError(.missing, "\(title): generation \(generation.rawValue) is in no night any more")
            }
            if let limit,
                try catalog.holds().count(where: { $0.name.bytes.starts(with: limit.stem.bytes) }) >= limit.count
            {
                throw StorageError(
                    .noSpace, "\(limit.count) parts of nights are held for restores of this jail already")
            }
            return try hold(
                night: night, path: path, as: try freeName(stem), until: until, at: now, progress: progress)
        }
    }

    /// The name itself, or what it becomes where it is taken.
    package func freeName(_ stem: Name) throws -> Name {
        let taken = Set(try catalog.holds().map(\.name))
        let others = (2...(taken.count + 2)).lazy.compactMap { number in
            Name(stem.bytes + Array(".\(number)".utf8))
        }
        return taken.contains(stem) ? others.first { !taken.contains($0) } ?? stem : stem
    }
}
