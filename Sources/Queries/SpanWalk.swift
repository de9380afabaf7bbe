import Catalog
import Model

/// A walk over what several generations hold, all at once, in the order of the paths: each path is come to once, with
/// those generations that have it. Directories that no one enters are not read.
///
/// Memory is bounded whatever a jail holds: of the directories that lead to where the walk is, those far above are read
/// anew when it comes back to them.
struct SpanWalk {
    /// A name, and which of the generations have it, as positions in what the walk was given.
    struct Step {
        let name: Name
        let generations: [Int]
        /// The directories that it is, and in which generations.
        fileprivate let children: [DirectoryNumber: [Int]]

        var isDirectory: Bool { !children.isEmpty }
    }

    /// A directory under way, as one or several numbers: it may have been replaced from one generation to another.
    private struct Level {
        var cursors: [Cursor]
    }

    /// Levels whose names stay in memory.
    private static let levelsRead = 64

    private let catalog: Catalog
    private let generations: [Generation]
    private var levels: [Level]
    /// The names that lead to what comes next.
    private(set) var above: [Name] = []

    /// Begins at the jail's `/`.
    init(_ catalog: Catalog, _ generations: [Generation]) {
        self.catalog = catalog
        self.generations = generations
        levels = [Level(cursors: [Cursor(.root, Array(generations.indices))])]
    }

    /// The next name, in the directory entered last or, where that is at its end, in one above it; nil at the end.
    mutating func next() throws -> Step? {
        while !levels.isEmpty {
            if let step = try step() { return step }
            levels.removeLast()
            if !above.isEmpty { above.removeLast() }
        }
        return nil
    }

    /// Goes on with what is in a directory that `next` gave last.
    mutating func enter(_ step: Step) throws {
        if levels.count >= SpanWalk.levelsRead {
            let far = levels.count - SpanWalk.levelsRead
            for index in levels[far].cursors.indices { levels[far].cursors[index].forget() }
        }
        above.append(step.name)
        levels.append(
            Level(cursors: step.children.sorted { $0.key < $1.key }.map { Cursor($0.key, $0.value) }))
    }

    func path(of step: Step) -> Path { Path(above + [step.name]) }

    private mutating func step() throws -> Step? {
        let level = levels.count - 1
        var name: Name?
        for index in levels[level].cursors.indices {
            guard let first = try levels[level].cursors[index].first(catalog) else { continue }
            name = name.map { min($0, first) } ?? first
        }
        guard let name else { return nil }
        var having: [Int] = []
        var children: [DirectoryNumber: [Int]] = [:]
        for index in levels[level].cursors.indices {
            let within = levels[level].cursors[index].generations
            for span in levels[level].cursors[index].take(name) {
                let seeing = within.filter { span.isVisible(at: generations[$0]) }
                having += seeing
                if let child = span.child, !seeing.isEmpty { children[child, default: []] += seeing }
            }
        }
        return Step(name: name, generations: having.sorted(), children: children)
    }
}

/// Where a walk is in one directory.
private struct Cursor {
    let directory: DirectoryNumber
    /// In which it has its place here.
    let generations: [Int]
    /// Read, and not yet taken.
    private var spans: ArraySlice<NameSpan> = []
    private var last: Name?
    private var isAtEnd = false

    init(_ directory: DirectoryNumber, _ generations: [Int]) {
        self.directory = directory
        self.generations = generations
    }

    /// The name that comes next; nil at the end.
    mutating func first(_ catalog: Catalog) throws -> Name? {
        if spans.isEmpty, !isAtEnd {
            spans = try catalog.spans(in: directory, after: last, limit: pageLength)[...]
            isAtEnd = spans.isEmpty
        }
        return spans.first?.name
    }

    /// What it has under a name, which is no later than the one that comes next.
    mutating func take(_ name: Name) -> ArraySlice<NameSpan> {
        let taken = spans.prefix { $0.name == name }
        if !taken.isEmpty { last = name }
        spans = spans.dropFirst(taken.count)
        return taken
    }

    /// Lets go of what was read; it is read again when it is needed.
    mutating func forget() { spans = [] }
}
