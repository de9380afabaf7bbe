internal import Catalog
package import Model
internal import Platform
package import Storage

// Which night it is, and whether what is wanted is in it.

extension Restoration {
    /// The generation, and a tree that has it. While a commit or a rotation exchanges trees there may be none for a moment.
    static func find(
        _ order: RestoreOrder, in backupdir: Backupdir, _ catalog: Catalog
    ) throws -> (GenerationRecord, TreeReader) {
        for attempt in 0... {
            let record = try backupdir.generation(of: order.night, in: catalog)
            let places = try record.map { try self.places(of: order, at: $0.number, catalog) } ?? []
            if let record, let tree = try backupdir.reader(of: record.number, holding: places, catalog) {
                return (record, tree)
            }
            let isMoving = try record != nil || backupdir.nights(in: catalog).contains { $0.generation == nil }
            if isMoving, attempt < 20 {
                pause(seconds: 0.1)
                continue
            }
            guard let record else { break }
            throw try RestoreRefusal(.noNight, whyNone(record.number, has: places, backupdir, catalog))
        }
        throw RestoreRefusal(.noNight, "\(title(backupdir)) has no \(order.night)")
    }

    /// What a tree must have of a generation. Of a customer's disks only those count on which he has it.
    private static func places(
        of order: RestoreOrder, at generation: Generation, _ catalog: Catalog
    ) throws -> [Path] {
        let places = order.parts.map { Path($0.base.names + $0.pattern.literalStart) }
        let present = try places.filter { try catalog.resolve($0, at: generation) != nil }
        return present.isEmpty ? places : present
    }

    /// Why there is no tree to read a generation's places from, though the generation is known.
    private static func whyNone(
        _ generation: Generation, has places: [Path], _ backupdir: Backupdir, _ catalog: Catalog
    ) throws -> String {
        let held = try catalog.holds().filter { $0.generation == generation }.map(\.path)
        let isHeld = places.allSatisfy { place in held.contains { $0.contains(place) } }
        let isSpread = isHeld && !held.contains { hold in places.allSatisfy(hold.contains) }
        return isSpread
            ? "\(title(backupdir)): no single night or hold has all of that of generation \(generation.rawValue);"
                + " restore one after the other"
            : "\(title(backupdir)): no night has generation \(generation.rawValue), or it is just being changed"
    }

    /// Throws where one of the parts is not in the night: all that are not, and where they are.
    func checkFound() throws {
        let found = zip(order.parts, try selection.found())
        var others: [[String]]?
        var complaints: [String] = []
        for (part, isFound) in found where !isFound {
            // A customer who has roots on several disks need not have it on each.
            let isElsewhere = found.contains { other, isFound in
                isFound && part.customer != nil && other.customer == part.customer && other.pattern == part.pattern
            }
            if isElsewhere { continue }
            let path = Path(part.base.names).description + (part.base.names.isEmpty ? "" : "/")
            // Of all that are missing at once: a walk through each night is enough.
            let missing = found.filter { !$1 }.map(\.0)
            let places = try others ?? nights(with: missing)
            others = places
            let nights = zip(missing, places).first { $0.0 == part }?.1 ?? []
            complaints.append(
                "\(path)\(escaped(part.pattern.bytes)) is not in \(tree.night.map { "night \($0)" } ?? tree.title); "
                    + (nights.isEmpty ? "no night and no hold has it" : "it is in \(nights.joined(separator: ", "))"))
        }
        if !complaints.isEmpty { throw RestoreRefusal(.notFound, complaints.joined(separator: "\n")) }
    }

    /// Of each part, the nights and holds that have something of it: `night 3`, `hold dispute (@12)`.
    private func nights(with parts: [RestorePart]) throws -> [[String]] {
        let starts = parts.map { Path($0.base.names + $0.pattern.literalStart) }
        var known: [Generation: [Bool]] = [:]
        func having(_ generation: Generation) throws -> [Bool] {
            if let answer = known[generation] { return answer }
            let answer = try Selection(parts, below: Path(), at: generation, catalog).found()
            known[generation] = answer
            return answer
        }
        var titles = parts.map { _ in [String]() }
        for night in try backupdir.nights(in: catalog) {
            guard let generation = night.generation else { continue }
            for (part, has) in try having(generation).enumerated() where has {
                titles[part].append("night \(night.number)")
            }
        }
        for hold in try catalog.holds() where starts.contains(where: hold.path.contains) {
            for (part, has) in try having(hold.generation).enumerated() where has && hold.path.contains(starts[part]) {
                titles[part].append("hold \(hold.name) (@\(hold.generation.rawValue))")
            }
        }
        return titles
    }
}

/// The entries of all nights and holds of a jail, by which its customers are known.
package func knownEntries(of backupdir: Backupdir) throws -> [Path] {
    guard let catalog = try backupdir.catalogForReading() else { return [] }
    let generations = try backupdir.nights(in: catalog).compactMap(\.generation) + catalog.holds().map(\.generation)
    return Set(try Set(generations).flatMap { try catalog.entries(at: $0).map(\.path) }).sorted()
}

/// For messages.
func title(_ backupdir: Backupdir) -> String { backupdir.path.names.last?.description ?? "/" }
