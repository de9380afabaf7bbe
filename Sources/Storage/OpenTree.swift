import Glibc
internal import Catalog
internal import Model
internal import Platform
import Synchronization

/// The directories of one tree, found by number. Those used last stay open, at most so many, however deep the tree is:
/// each is opened below the next one above it that is open.
///
/// A directory keeps its place for as long as its number lives, so the generation tells only which numbers there are.
final class OpenTree: Sendable {
    let root: Directory
    /// For messages.
    let title: String
    private let catalog: Catalog
    private let generation: Generation
    /// Told of directories that the file system does not take whole; nil where others are told already.
    private let shortfalls: Shortfalls?
    private let state = Mutex(State())

    private struct State {
        var open: [DirectoryNumber: Use] = [:]
        var uses = 0
        /// Where directories stand that were on the way to others: asked of the catalog once, for those that follow.
        var places: [DirectoryNumber: (parent: DirectoryNumber, name: Name)] = [:]
        /// Directories with a mode that is not theirs, so that one who is not root can work in them.
        var widened: Set<DirectoryNumber> = []
    }

    private struct Use {
        let directory: Directory
        var last: Int
    }

    /// More directories than these are not kept open.
    private static let mostOpen = 256
    /// Names that are gone at once.
    private static let longestWay = 64
    /// The places of more directories than these are not remembered.
    private static let mostPlaces = 4096

    init(
        root: Directory, title: String, catalog: Catalog, generation: Generation, shortfalls: Shortfalls? = nil
    ) {
        self.root = root
        self.title = title
        self.catalog = catalog
        self.generation = generation
        self.shortfalls = shortfalls
        // The root was opened by its holder.
        let row = isRoot() ? nil : try? catalog.row(of: .root, at: generation)
        if let row, !row.stamp.metadata.isOpenToOwner { state.withLock { _ = $0.widened.insert(.root) } }
    }

    deinit { try? restore() }

    /// Throws `.damaged` if the generation has the directory and the tree has not.
    func directory(_ number: DirectoryNumber) throws -> Directory {
        if number == .root { return root }
        return try state.withLock { state in
            let (above, way) = try way(to: number, &state)
            guard !way.isEmpty else { return above }
            if isRoot() {
                // Of a long way some of what lies on it is kept, for those that follow.
                return try stride(from: 0, to: way.count, by: OpenTree.longestWay).reduce(above) { above, start in
                    let step = way[start..<min(start + OpenTree.longestWay, way.count)]
                    let directory = try opening { () throws(SystemError) in
                        try above.openDirectory(along: step.map(\.name))
                    }
                    keep(directory, step.last?.number ?? number, &state)
                    return directory
                }
            }
            return try way.reduce(above) { try open($1.name, $1.number, in: $0, &state) }
        }
    }

    /// The next directory above one, or itself, that is open; and what leads down from there.
    private func way(
        to number: DirectoryNumber, _ state: inout State
    ) throws -> (above: Directory, way: [(number: DirectoryNumber, name: Name)]) {
        var way: [(number: DirectoryNumber, name: Name)] = []
        var next = number
        while next != .root {
            if let use = state.open[next] {
                state.uses += 1
                state.open[next]?.last = state.uses
                return (use.directory, way.reversed())
            }
            let place = try place(of: next, &state)
            way.append((next, place.name))
            next = place.parent
        }
        return (root, way.reversed())
    }

    private func place(
        of number: DirectoryNumber, _ state: inout State
    ) throws -> (parent: DirectoryNumber, name: Name) {
        if let known = state.places[number] { return known }
        guard let (parent, name) = try catalog.parent(of: number, at: generation), let name else {
            throw StorageError(
                .damaged, "\(title): generation \(generation.rawValue) has no directory \(number.rawValue)")
        }
        if state.places.count >= OpenTree.mostPlaces { state.places = [:] }
        state.places[number] = (parent, name)
        return (parent, name)
    }

    /// For messages: where a directory is.
    func place(_ number: DirectoryNumber) -> String {
        let path = (try? catalog.path(of: number, at: generation)).flatMap { $0 }.map(\.description) ?? "/"
        return path == "/" ? title : title + path
    }

    /// Gives a directory the metadata and attributes of its row, times last.
    func finish(_ number: DirectoryNumber) throws {
        guard let row = try catalog.row(of: number, at: generation) else { return }
        let directory = try directory(number)
        let lacking = try at(place(number)) { () throws(SystemError) in
            try directory.apply(row.stamp.metadata, row.attributes)
        }
        // Once: the other tree comes to have the same row a night later.
        if row.since == generation { shortfalls?.note(lacking, of: number) }
        state.withLock { _ = $0.widened.remove(number) }
    }

    /// Gives a directory its time of modification alone.
    func setModified(_ modified: Timestamp, of number: DirectoryNumber) throws {
        let directory = try directory(number)
        let isKept = try at(place(number)) { () throws(SystemError) in try directory.setModified(modified) }
        if !isKept { noteUntimed(number) }
    }

    /// The file system has no place for a directory's time.
    func noteUntimed(_ number: DirectoryNumber) { shortfalls?.note([Directory.timeOfModification], of: number) }

    // MARK: - For one who is not root

    /// Changes a directory; one who is not root may have to give oneself the right first.
    func change<Result>(
        _ directory: Directory, _ number: DirectoryNumber, _ body: () throws(SystemError) -> Result
    ) throws -> Result {
        try at(place(number)) { () throws(SystemError) in
            do throws(SystemError) {
                return try body()
            } catch  where error.code == EACCES && !isRoot() {
                try directory.widen()
                state.withLock { _ = $0.widened.insert(number) }
                return try body()
            }
        }
    }

    /// Gives each directory whose mode was widened the one that it is to have. What is deeper has the higher number, and
    /// comes first: later nobody could reach it.
    func restore() throws {
        while let number = state.withLock({ $0.widened.max() }) { try finish(number) }
    }

    /// Opens a directory. Its mode may be one that keeps even its owner out: then it is widened for as long as the tree is
    /// being worked in. Told by its row as well, so that one that a killed run left widened is restored too.
    private func open(
        _ name: Name, _ number: DirectoryNumber, in parent: Directory, _ state: inout State
    ) throws -> Directory {
        let directory = try opening { () throws(SystemError) in try parent.openWidened(name) }
        if let row = try catalog.row(of: number, at: generation), !row.stamp.metadata.isOpenToOwner {
            state.widened.insert(number)
        }
        keep(directory, number, &state)
        return directory
    }

    private func opening(
        _ body: () throws(SystemError) -> Directory
    ) throws -> Directory {
        do throws(SystemError) {
            return try body()
        } catch  where error.isMissing || error.code == ELOOP {
            throw StorageError(.damaged, "\(title): \(error), and the catalog has that directory")
        } catch {
            throw StorageError(error, title)
        }
    }

    private func keep(_ directory: Directory, _ number: DirectoryNumber, _ state: inout State) {
        state.uses += 1
        state.open[number] = Use(directory: directory, last: state.uses)
        if state.open.count > OpenTree.mostOpen {
            let limit = state.uses - OpenTree.mostOpen / 2
            state.open = state.open.filter { $0.value.last > limit }
        }
    }
}

extension Directory {
    /// Opens a directory in a tree; one who is not root widens its mode if that has to be.
    func openOwn(_ name: Name) throws(SystemError) -> Directory {
        isRoot() ? try openDirectory(name) : try openWidened(name)
    }

    /// Opens a directory of our own that we have every right in, or take it.
    func openWidened(_ name: Name) throws(SystemError) -> Directory {
        let directory: Directory
        do throws(SystemError) {
            directory = try openDirectory(name)
        } catch  where error.code == EACCES {
            try widen()
            var metadata = try status(of: name).stamp.metadata
            guard metadata.kind == .directory else { throw error }
            metadata.mode |= 0o700
            try openAnything(name).setMode(metadata.mode)
            directory = try openDirectory(name)
        }
        try directory.widen()
        return directory
    }

    /// Lets the owner read, write and search it, if that is not so.
    func widen() throws(SystemError) {
        let metadata = try status().stamp.metadata
        if !metadata.isOpenToOwner { try setMode(metadata.mode | 0o700) }
    }
}

extension Metadata {
    fileprivate var isOpenToOwner: Bool { mode & 0o700 == 0o700 }
}
