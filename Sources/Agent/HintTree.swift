import Model

/// Where a list of changes says that something changed, as a tree of names: what of the jail is looked at, and what is not.
///
/// Bounded, however long the list is. What a directory holds is read whole, so that the names of its files need not be
/// kept; those that may be directories themselves have to be, but of one with many of them it is only kept that it has
/// many. Beyond half a million places, or 16 MiB of names, it is full, and all of the jail has to be walked.
package struct HintTree: Sendable {
    /// A place in the tree.
    struct Place: Hashable, Sendable {
        fileprivate let index: Int
        /// The jail's `/`.
        static let root = Place(index: 0)
    }

    private struct Record {
        /// The directory is to be read, if it is one.
        var isRead = false
        /// Every directory in it is to be read.
        var isCrowded = false
        /// Names in it that the list names.
        var named: UInt8 = 0
        var firstChild: UInt32 = 0
        var nextSibling: UInt32 = 0
    }

    /// The names of one directory that are kept.
    static let mostNamed: UInt8 = 64

    /// Below the root, whose own position is 0; those of the records are one higher.
    private var names = NameTable()
    private var records = [Record()]
    private let mostPlaces: Int
    private let mostNameBytes: Int

    /// Whether it was given more than it holds. What it holds then is of no use.
    package private(set) var isFull = false

    package init() { self.init(mostPlaces: 1 << 19) }

    init(mostPlaces: Int, mostNameBytes: Int = 16 << 20) {
        self.mostPlaces = mostPlaces
        self.mostNameBytes = mostNameBytes
    }

    /// Notes that something changed under a path: the directory that holds it is to be read, and it too if it is one.
    package mutating func add(_ path: Path) {
        guard let last = path.names.last else {
            records[0].isRead = true
            return
        }
        guard let parent = insert(path.names.dropLast()) else { return }
        records[parent].isRead = true
        if let known = child(of: parent, last) {
            records[known].isRead = true
        } else if records[parent].named == Self.mostNamed {
            records[parent].isCrowded = true
        } else if let leaf = insert(last, below: parent) {
            records[parent].named += 1
            records[leaf].isRead = true
        }
    }

    /// Whether anything at a path, or below it, was named, or may have been.
    package func leads(to path: Path) -> Bool {
        var place = Place.root
        for name in path.names {
            guard let next = child(of: place, name) else { return isCrowded(place) }
            place = next
        }
        return true
    }

    /// Notes that a directory is to be read, and nothing of the one that holds it.
    mutating func addDirectory(_ way: [Name]) {
        if let place = insert(way[...]) { records[place].isRead = true }
    }

    private mutating func insert(_ way: ArraySlice<Name>) -> Int? {
        var place = 0
        for name in way {
            guard let next = child(of: place, name) ?? insert(name, below: place) else { return nil }
            place = next
        }
        return place
    }

    private mutating func insert(_ name: Name, below parent: Int) -> Int? {
        guard !isFull, records.count < mostPlaces, names.weight + name.bytes.count <= mostNameBytes,
            let position = names.append(parent: Int64(parent), name.bytes)
        else {
            isFull = true
            return nil
        }
        // Of a directory with many names each that is a directory is read: this one may have been named before.
        records.append(Record(isRead: records[parent].isCrowded, nextSibling: records[parent].firstChild))
        records[parent].firstChild = UInt32(position + 1)
        return position + 1
    }

    private func child(of parent: Int, _ name: Name) -> Int? {
        names.position(parent: Int64(parent), name).map { $0 + 1 }
    }

    // MARK: What the walk asks

    func child(of place: Place, _ name: Name) -> Place? { child(of: place.index, name).map(Place.init(index:)) }

    /// Whether the directory is to be read, and not only gone through.
    func isRead(_ place: Place) -> Bool { records[place.index].isRead }

    /// Whether every directory in it is to be read.
    func isCrowded(_ place: Place) -> Bool { records[place.index].isCrowded }

    /// The names in it that lead on, in the order of their bytes.
    func children(of place: Place) -> [Name] {
        var found: [Name] = []
        var next = Int(records[place.index].firstChild)
        while next > 0 {
            if let name = names.name(at: next - 1) { found.append(name) }
            next = Int(records[next].nextSibling)
        }
        return found.sorted()
    }
}
