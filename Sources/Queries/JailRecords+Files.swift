import Catalog
internal import Housekeeping
import Model
import Storage

extension JailRecords {
    /// What lies at a path in a night.
    func list(
        _ path: Path, _ choice: NightChoice, _ catalog: Catalog?, _ body: (Finding) throws -> Void
    ) throws -> QueryOutcome {
        guard let catalog, let generation = try backupdir.generation(of: choice, in: catalog)?.number else {
            return .noNight
        }
        guard let row = try catalog.resolve(path, at: generation) else { return .notFound }
        guard let directory = row.child else {
            try body(.file(ListedFile(row)))
            return .answered
        }
        var last: Name?
        while true {
            let rows = try catalog.rows(in: directory, at: generation, after: last, limit: pageLength)
            for row in rows { try body(.file(ListedFile(row))) }
            guard rows.count == pageLength else { break }
            last = rows.last?.name
        }
        try checkStillKept([generation], catalog)
        return .answered
    }

    /// Which different states of a path can be had: those of nights first, the newest first.
    func versions(of path: Path, _ catalog: Catalog?, _ body: (Finding) throws -> Void) throws -> QueryOutcome {
        guard let catalog else { return .noNight }
        let nights = try backupdir.nights(in: catalog)
        var versions: [Version] = []
        func note(_ generation: Generation, _ note: (inout Version) -> Void) throws {
            guard let row = try catalog.resolve(path, at: generation) else { return }
            let known = versions.firstIndex { $0.isSame(as: row) }
            if known == nil { versions.append(Version(row: row)) }
            note(&versions[known ?? versions.count - 1])
        }
        for night in nights {
            if let generation = night.generation { try note(generation) { $0.nights.append(night.number) } }
        }
        for hold in try catalog.holds() where hold.path.contains(path) {
            try note(hold.generation) { $0.holds.append(hold) }
        }
        let isHeldBack = try braked(nights, catalog, brake) != nil
        let goes = try departures(of: nights, isHeldBack: isHeldBack, catalog)
        for version in versions { try body(.version(version.finding(goes))) }
        return versions.isEmpty ? .notFound : .answered
    }
}

/// One state of a file.
private struct Version {
    let row: Row
    var nights: [Int] = []
    var holds: [Hold] = []

    /// Whether anybody could tell the other from it.
    func isSame(as other: Row) -> Bool {
        row.stamp.metadata == other.stamp.metadata && row.attributes == other.attributes
            && row.digest == other.digest && row.target == other.target
    }

    /// The latest of the times at which its trees go; nil if one of them has no end, or none is known.
    private func until(_ goes: [Int: Timestamp]) -> Timestamp? {
        if holds.contains(where: { $0.until == nil }) { return nil }
        return (nights.compactMap { goes[$0] } + holds.compactMap(\.until)).max()
    }

    func finding(_ goes: [Int: Timestamp]) -> FileVersion {
        FileVersion(
            nights: nights, holds: holds.map(\.name), metadata: row.stamp.metadata, hasList: row.attributes.hasList,
            until: until(goes), digest: row.digest, target: row.target)
    }
}

extension ListedFile {
    fileprivate init(_ row: Row) {
        self.init(
            name: row.name, metadata: row.stamp.metadata, hasList: row.attributes.hasList, links: row.stamp.links,
            target: row.target)
    }
}
