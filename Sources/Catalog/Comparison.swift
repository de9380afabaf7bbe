package import Model

extension Catalog {
    /// Says what differs between two generations, at a path and below it: a directory's own names in their order, then
    /// what is below it. Reads only what began or ended between them; memory grows with the number of directories in
    /// question, whatever they hold. Not for one who is writing: temporary tables are made on disk.
    ///
    /// - Returns: false if the path leads nowhere at both ends.
    package func changes(
        from: Generation, to: Generation, at path: Path = Path(), _ body: (Change) throws -> Void
    ) throws -> Bool {
        let (before, after) = (try resolve(path, at: from), try resolve(path, at: to))
        if before == nil, after == nil { return false }
        guard from != to else { return true }
        return try use { connection in
            let moves = try Moves(from: from, to: to, connection)
            var comparison = Comparison(catalog: self, from: from, to: to, moves: moves, scope: after)
            try comparison.run(before, after, body)
            return true
        }
    }
}

/// Two generations, compared directory by directory.
private struct Comparison {
    let catalog: Catalog
    let from: Generation
    let to: Generation
    let moves: Moves
    /// What the comparison is limited to; the jail's `/` for all of it.
    let scope: Row?

    /// A directory as it was and as it is, of which one may be missing. They differ in number where it moved.
    private struct Pair {
        var old: DirectoryNumber?
        var new: DirectoryNumber?
    }

    /// Directories still to be compared, the next one last.
    private var waiting: [Pair] = []
    /// Those found in the directory that is being compared.
    private var found: [(name: Name?, pair: Pair)] = []
    /// The directories at both ends in or below which something differs, by the one that holds them.
    private var touched: [DirectoryNumber: [(name: Name?, number: DirectoryNumber)]] = [:]
    private var paths: [Generation: (directory: DirectoryNumber, path: Path)] = [:]

    init(catalog: Catalog, from: Generation, to: Generation, moves: Moves, scope: Row?) {
        self.catalog = catalog
        self.from = from
        self.to = to
        self.moves = moves
        self.scope = scope
    }

    mutating func run(_ before: Row?, _ after: Row?, _ body: (Change) throws -> Void) throws {
        try findTouched()
        try take(before, after, body)
        queueFound()
        while let pair = waiting.popLast() {
            try compare(pair, body)
            queueFound()
        }
    }

    private mutating func findTouched() throws {
        var known: Set<DirectoryNumber> = []
        for directory in try catalog.touchedDirectories(from: from, to: to) {
            // One that is not at both ends is found through its parent.
            guard try catalog.parent(of: directory, at: from) != nil else { continue }
            var next = directory
            while known.insert(next).inserted, let above = try catalog.parent(of: next, at: to) {
                touched[above.parent, default: []].append((above.name, next))
                next = above.parent
            }
        }
    }

    private mutating func queueFound() {
        found.sort { ($0.name?.bytes ?? []).lexicographicallyPrecedes($1.name?.bytes ?? []) }
        waiting += found.reversed().map(\.pair)
        found.removeAll(keepingCapacity: true)
    }

    private mutating func compare(_ pair: Pair, _ body: (Change) throws -> Void) throws {
        if let number = pair.old, number == pair.new {
            for child in touched.removeValue(forKey: number) ?? [] {
                found.append((child.name, Pair(old: child.number, new: child.number)))
            }
            try catalog.differences(in: [number], from: from, to: to) { try take($0.before, $0.after, body) }
            return
        }
        var old = RowStream(catalog: catalog, directory: pair.old, generation: from)
        var new = RowStream(catalog: catalog, directory: pair.new, generation: to)
        while true {
            switch (try old.peek(), try new.peek()) {
            case (nil, nil): return
            case (let left?, let right?) where left.name == right.name:
                (old.position, new.position) = (old.position + 1, new.position + 1)
                try take(left, right, body)
            case (let left?, let right) where right.flatMap(\.name).map { left.isBefore($0) } ?? true:
                old.position += 1
                try take(left, nil, body)
            case (_, let right):
                new.position += 1
                try take(nil, right, body)
            }
        }
    }

    // MARK: - One name

    private mutating func take(_ before: Row?, _ after: Row?, _ body: (Change) throws -> Void) throws {
        if let before, let after, try isSame(before, after) {
            let aspects = before.aspects(against: after)
            if !aspects.isEmpty { try body(Change(.changed, try path(of: after, at: to), aspects: aspects)) }
            // What is in a directory with the same number is found by what was touched.
            if before.child == nil || before.child != after.child || isScope(after) { queue(before, after) }
            return
        }
        if let before { try leave(before, body) }
        if let after { try arrive(after, body) }
    }

    /// Whether what is under one name at both ends is the same thing, however changed, and not two of which at least one
    /// moved.
    private func isSame(_ before: Row, _ after: Row) throws -> Bool {
        guard let left = before.place, let right = after.place else { return true }
        let destination = try moves.destination(of: left)
        return try destination == right || destination == nil && moves.origin(of: right) == nil
    }

    private mutating func leave(_ row: Row, _ body: (Change) throws -> Void) throws {
        if let place = row.place, let destination = try moves.destination(of: place) {
            // Inside the scope it is told of where it came to.
            if try isInScope(destination.directory) { return }
            let path = try path(of: destination, at: to)
            return try body(Change(.renamed, path, origin: try self.path(of: row, at: from)))
        }
        try body(Change(.removed, try path(of: row, at: from)))
        queue(row, nil)
    }

    private mutating func arrive(_ row: Row, _ body: (Change) throws -> Void) throws {
        let path = try path(of: row, at: to)
        guard let place = row.place, let origin = try moves.origin(of: place),
            let before = try catalog.row(at: origin.place, at: from)
        else {
            try body(Change(.added, path))
            return queue(nil, row)
        }
        try body(
            Change(
                .renamed, path, origin: try self.path(of: origin.place, at: from),
                aspects: before.aspects(against: row)))
        queue(before, row)
    }

    private mutating func queue(_ before: Row?, _ after: Row?) {
        guard before?.child != nil || after?.child != nil else { return }
        found.append(((after ?? before)?.name, Pair(old: before?.child, new: after?.child)))
    }

    // MARK: - Places

    private func isScope(_ row: Row) -> Bool { row.child != nil && row.child == scope?.child }

    private func isInScope(_ directory: DirectoryNumber) throws -> Bool {
        guard let limit = scope?.child else { return false }
        var next: DirectoryNumber? = directory
        while let number = next, number != limit { next = try catalog.parent(of: number, at: to)?.parent }
        return next != nil
    }

    private mutating func path(of row: Row, at generation: Generation) throws -> Path {
        guard let place = row.place else { return Path() }
        return try path(of: place, at: generation)
    }

    private mutating func path(of place: Place, at generation: Generation) throws -> Path {
        if let known = paths[generation], known.directory == place.directory {
            return known.path.appending(place.name)
        }
        let path = try catalog.path(of: place.directory, at: generation) ?? Path()
        paths[generation] = (place.directory, path)
        return path.appending(place.name)
    }
}

/// The rows of a directory one after the other, a few held at a time; none if there is no directory.
private struct RowStream {
    private static let batch = 1000

    let catalog: Catalog
    let directory: DirectoryNumber?
    let generation: Generation
    var position = 0
    private var rows: [Row] = []
    private var isAtEnd = false

    init(catalog: Catalog, directory: DirectoryNumber?, generation: Generation) {
        self.catalog = catalog
        self.directory = directory
        self.generation = generation
    }

    mutating func peek() throws -> Row? {
        if position == rows.count, !isAtEnd, let directory {
            rows = try catalog.rows(in: directory, at: generation, after: rows.last?.name, limit: RowStream.batch)
            position = 0
            isAtEnd = rows.count < RowStream.batch
        }
        return position < rows.count ? rows[position] : nil
    }
}

extension Row {
    fileprivate func isBefore(_ other: Name) -> Bool { name.map { $0 < other } ?? true }
}
