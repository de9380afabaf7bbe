internal import Catalog
internal import Model

/// What of a generation matches the parts of an order.
struct Selection: Sendable {
    let catalog: Catalog
    let generation: Generation
    /// What names are relative to; it is no member itself.
    let base: Path
    /// Of each part, the names that lead to it from the jail's `/`.
    private let wanted: [[NamePattern]]

    init(_ parts: [RestorePart], below base: Path, at generation: Generation, _ catalog: Catalog) {
        self.catalog = catalog
        self.generation = generation
        self.base = base
        wanted = parts.map { part in
            part.base.names.map { NamePattern(literal: $0.bytes) } + part.pattern.names
        }
    }

    /// Of each part, whether there is anything; reads no more than it has to for that.
    func found() throws -> [Bool] {
        var walk = SelectionWalk(self, wanted, descends: false)
        try walk.run { _ in }
        return walk.isFound
    }

    /// Tells of every member, a directory before what it holds and right before it: the directory's own names, then its
    /// directories one after the other. Directories on the way to a part are members too, so that they come to be what
    /// they were. Memory grows with the number of directories, and of files with several names.
    func members(_ body: (Member) throws -> Void) throws {
        var walk = SelectionWalk(self, wanted, descends: true)
        try walk.run(body)
    }
}

/// A walk through the catalog's directories, from the jail's `/`.
private struct SelectionWalk {
    private let selection: Selection
    private let wanted: [[NamePattern]]
    /// Whether all below a match is looked at, and not only what else might match.
    private let descends: Bool
    private(set) var isFound: [Bool]
    /// Directories still to be entered, the next one last.
    private var waiting: [Step] = []
    /// Where the directories stand that lead to the one that is looked at, and how many of them were told of as members.
    private var way: [Place] = []
    private var told = 0
    /// Where the first member of each file with several names stands: whole paths would be as long as customers like.
    private var firsts: [ObjectNumber: Place] = [:]
    /// The directory in which a first name was found last.
    private var firstWay: (directory: DirectoryNumber, names: [Name])?

    /// Rows read from the catalog at once.
    private static let batch = 1000

    private struct Step {
        let number: DirectoryNumber
        /// Where it stands; nil for the jail's `/`.
        let place: Place?
        let depth: Int
        /// The parts that its names may still lead to.
        let parts: [Int]
        /// Whether all that is in it is wanted.
        let isWhole: Bool
    }

    init(_ selection: Selection, _ wanted: [[NamePattern]], descends: Bool) {
        self.selection = selection
        self.wanted = wanted
        self.descends = descends
        isFound = wanted.map { _ in false }
    }

    mutating func run(_ body: (Member) throws -> Void) throws {
        guard try selection.catalog.resolve(Path(), at: selection.generation) != nil else { return }
        for part in wanted.indices where wanted[part].isEmpty { isFound[part] = true }
        waiting = [
            Step(
                number: .root, place: nil, depth: 0, parts: wanted.indices.filter { !wanted[$0].isEmpty },
                isWhole: wanted.contains { $0.isEmpty })
        ]
        while let step = waiting.popLast() {
            if !descends, isFound.allSatisfy({ $0 }) { return }
            try enter(step, body)
        }
    }

    private mutating func enter(_ step: Step, _ body: (Member) throws -> Void) throws {
        if let place = step.place {
            way.removeSubrange((step.depth - 1)...)
            told = min(told, way.count)
            way.append(place)
        }
        if descends, step.isWhole { try tellDirectories(body) }
        var directories: [Step] = []
        try rows(of: step) { row in
            guard let name = row.name else { return }
            let open = step.parts.filter { wanted[$0][step.depth].matches(name.bytes) }
            let matching = open.filter { wanted[$0].count == step.depth + 1 }
            for part in matching { isFound[part] = true }
            let isWhole = step.isWhole || !matching.isEmpty
            if let child = row.child {
                let further = open.filter { wanted[$0].count > step.depth + 1 }
                guard !further.isEmpty || isWhole && descends else { return }
                directories.append(
                    Step(
                        number: child, place: Place(step.number, name), depth: step.depth + 1, parts: further,
                        isWhole: isWhole))
            } else if isWhole, descends {
                try tellDirectories(body)
                try tell(row, way.map(\.name) + [name], body)
            }
        }
        waiting += directories.reversed()
    }

    /// All rows of a directory, or only those that can be wanted where these have names.
    private func rows(of step: Step, _ body: (Row) throws -> Void) throws {
        let names = step.parts.map { wanted[$0][step.depth].literal }
        if !step.isWhole, !names.contains(nil) {
            for name in Set(names.compactMap { $0.flatMap { Name($0) } }).sorted() {
                let place = Place(step.number, name)
                if let row = try selection.catalog.row(at: place, at: selection.generation) { try body(row) }
            }
            return
        }
        var last: Name?
        while true {
            let rows = try selection.catalog.rows(
                in: step.number, at: selection.generation, after: last, limit: SelectionWalk.batch)
            try rows.forEach(body)
            guard rows.count == SelectionWalk.batch else { return }
            last = rows.last?.name
        }
    }

    /// The directories on the way here that are no members yet.
    private mutating func tellDirectories(_ body: (Member) throws -> Void) throws {
        while told < way.count {
            let names = way[...told].map(\.name)
            guard let row = try selection.catalog.row(at: way[told], at: selection.generation) else {
                throw RestoreError(.damaged, "\(Path(names)): the catalog has it no more")
            }
            try tell(row, names, body)
            told += 1
        }
    }

    private mutating func tell(_ row: Row, _ names: [Name], _ body: (Member) throws -> Void) throws {
        let relative = Array(names.dropFirst(selection.base.names.count))
        if relative.isEmpty { return }
        var first: [Name]?
        if row.child == nil, row.stamp.links > 1, row.stamp.metadata.kind != .socket {
            if let place = firsts[row.object] {
                first = Array(try way(to: place).dropFirst(selection.base.names.count))
            } else {
                firsts[row.object] = row.place
            }
        }
        try body(Member(names: relative, row: row, first: first))
    }

    private mutating func way(to place: Place) throws -> [Name] {
        if let firstWay, firstWay.directory == place.directory { return firstWay.names + [place.name] }
        guard let way = try selection.catalog.path(of: place.directory, at: selection.generation)?.names else {
            throw RestoreError(.damaged, "\(Path([place.name])): the catalog has its directory no more")
        }
        firstWay = (place.directory, way)
        return way + [place.name]
    }
}
