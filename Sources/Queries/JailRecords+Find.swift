import Catalog
import Model
import Storage

extension JailRecords {
    /// What matches, in the order of the paths, each once with all trees that have it.
    func find(
        _ pattern: FindPattern, _ choice: NightChoice?, _ catalog: Catalog?, _ body: (Finding) throws -> Void
    ) throws -> QueryOutcome {
        guard let catalog else { return .noNight }
        var trees = try keptTrees(catalog)
        if let choice {
            guard let generation = try backupdir.generation(of: choice, in: catalog)?.number else { return .noNight }
            trees = trees.filter { $0.generation == generation }
            // Of one that no night has any more, and no hold, nothing could be had.
            if trees.isEmpty { return .noNight }
        }
        var outcome = QueryOutcome.notFound
        var walk = SpanWalk(catalog, trees.map(\.generation))
        while let step = try walk.next() {
            if pattern.matches(step.name, below: walk.above),
                let found = found(walk.path(of: step), step.generations.map { trees[$0] })
            {
                outcome = .answered
                try body(.path(found))
            }
            if step.isDirectory, pattern.leadsThrough(step.name, below: walk.above.count) { try walk.enter(step) }
        }
        try checkStillKept(trees.map(\.generation), catalog)
        return outcome
    }

    /// Nil where the path is in no night, and in no part of one that is held.
    private func found(_ path: Path, _ trees: [KeptGeneration]) -> FoundPath? {
        let nights = trees.flatMap(\.nights).sorted()
        let holds = trees.flatMap(\.holds).filter { $0.path.contains(path) }.map(\.name).sorted()
        return nights.isEmpty && holds.isEmpty ? nil : FoundPath(path: path, nights: nights, holds: holds)
    }

    private func keptTrees(_ catalog: Catalog) throws -> [KeptGeneration] {
        var kept: [Generation: KeptGeneration] = [:]
        for night in try backupdir.nights(in: catalog) {
            guard let generation = night.generation else { continue }
            kept[generation, default: KeptGeneration(generation)].nights.append(night.number)
        }
        for hold in try catalog.holds() {
            kept[hold.generation, default: KeptGeneration(hold.generation)].holds.append(hold)
        }
        return kept.values.sorted { $0.generation > $1.generation }
    }
}

/// A generation that some tree has.
private struct KeptGeneration {
    let generation: Generation
    var nights: [Int] = []
    var holds: [Hold] = []

    init(_ generation: Generation) { self.generation = generation }
}
