import Model
import Wire

/// What the server holds of the jail's directories: number, identity and listing digest by parent and name.
///
/// Sixty thousand directories take a few MB. Filled by one thread, then only read.
struct ServerIndex: Sendable {
    struct Found: Hashable, Sendable {
        var number: DirectoryNumber
        /// Nil where the server asks for the listing whatever it is.
        var digest: ListingDigest?
        /// As it was last listed; nil where the server did not say, or the inode does not last.
        var identity: IndexEntry.Identity?
    }

    private struct Record {
        var number: Int64
        var digest: UInt64
        var identity: IndexEntry.Identity?
        var hasDigest: Bool
    }

    private var names = NameTable()
    /// In the order of `names`.
    private var records: [Record] = []

    private let mostRecords: Int
    private let mostNameBytes: Int

    /// - Parameters:
    ///   - mostRecords: more are refused: a false server could fill the jail's memory.
    ///   - mostNameBytes: likewise, of all names together.
    init(mostRecords: Int = Limits.directories, mostNameBytes: Int = Limits.directoryNameBytes) {
        self.mostRecords = mostRecords
        self.mostNameBytes = mostNameBytes
    }

    var count: Int { records.count }

    /// Takes what the server said of one directory. The root is the one without a name.
    mutating func insert(_ entry: IndexEntry) throws(WireError) {
        let name = entry.name?.bytes ?? []
        guard name.isEmpty == (entry.number == .root), (entry.parent == .aboveRoot) == name.isEmpty else {
            throw .malformed("an index entry that contradicts itself: directory \(entry.number.rawValue)")
        }
        guard records.count < mostRecords, names.weight + name.count <= mostNameBytes else {
            throw .malformed("an index of more than \(records.count) directories with \(names.weight) bytes of names")
        }
        guard names.append(parent: entry.parent.rawValue, name) != nil else {
            throw .malformed("directory \(entry.number.rawValue) stands in the index twice")
        }
        records.append(
            Record(
                number: entry.number.rawValue, digest: entry.digest?.rawValue ?? 0, identity: entry.identity,
                hasDigest: entry.digest != nil))
    }

    /// The jail's `/`; nil before the first push.
    var root: Found? { find(parent: .aboveRoot, UnsafeRawBufferPointer(start: nil, count: 0)) }

    func find(parent: DirectoryNumber, _ name: UnsafeRawBufferPointer) -> Found? {
        names.position(parent: parent.rawValue, name).map(found)
    }

    func find(parent: DirectoryNumber, _ name: Name) -> Found? {
        name.bytes.withUnsafeBytes { find(parent: parent, $0) }
    }

    private func found(at position: Int) -> Found {
        let record = records[position]
        return Found(
            number: DirectoryNumber(record.number),
            digest: record.hasDigest ? ListingDigest(rawValue: record.digest) : nil,
            identity: record.identity)
    }

    /// Steps upwards that all ways together may take: a false server could send the agent in circles.
    private static let mostSteps = 1 << 26

    /// Gives the ways, from the jail's `/` on, to the directories that are wanted.
    /// - Parameter body: false ends it.
    /// - Returns: whether all were given.
    func ways(to isWanted: (Found) -> Bool, _ body: ([Name]) -> Bool) -> Bool {
        let wanted = records.indices.filter { isWanted(found(at: $0)) }
        if wanted.isEmpty { return true }
        let byNumber = records.indices.sorted { records[$0].number < records[$1].number }
        var steps = 0
        for position in wanted {
            var way: [Name] = []
            var here = position
            while let name = names.name(at: here) {
                way.append(name)
                steps += 1
                // No way is longer than there are directories: what is goes in circles.
                guard way.count <= records.count, steps <= Self.mostSteps,
                    let above = self.position(of: names.parent(at: here), in: byNumber)
                else {
                    return false
                }
                here = above
            }
            guard body(way.reversed()) else { return false }
        }
        return true
    }

    private func position(of number: Int64, in byNumber: [Int]) -> Int? {
        var (low, high) = (0, byNumber.count)
        while low < high {
            let middle = (low + high) / 2
            if records[byNumber[middle]].number < number { low = middle + 1 } else { high = middle }
        }
        guard low < byNumber.count, records[byNumber[low]].number == number else { return nil }
        return byNumber[low]
    }
}
