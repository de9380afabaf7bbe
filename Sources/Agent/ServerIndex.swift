import Model
import Wire

/// What the server holds of the jail's directories: number and listing digest by parent and name.
///
/// Sixty thousand directories take a few MB: names lie in one arena, and a table of open addressing finds them. Filled
/// by one thread, then only read.
struct ServerIndex: Sendable {
    struct Found: Hashable, Sendable {
        var number: DirectoryNumber
        /// Nil where the server asks for the listing whatever it is.
        var digest: ListingDigest?
    }

    private struct Record {
        var number: Int64
        var parent: Int64
        var digest: UInt64
        var nameOffset: UInt32
        var nameLength: UInt8
        var hasDigest: Bool
    }

    private var records: [Record] = []
    private var names: [UInt8] = []
    /// Positions in `records`, plus one; 0 is free. Its size is a power of two, at least twice the records.
    private var table: [UInt32] = [UInt32](repeating: 0, count: 64)

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
        guard records.count < mostRecords, names.count + name.count <= mostNameBytes else {
            throw .malformed("an index of more than \(records.count) directories with \(names.count) bytes of names")
        }
        if (records.count + 1) * 2 > table.count { grow() }
        let slot = name.withUnsafeBytes { self.slot(parent: entry.parent.rawValue, $0) }
        guard table[slot] == 0 else {
            throw .malformed("directory \(entry.number.rawValue) stands in the index twice")
        }
        records.append(
            Record(
                number: entry.number.rawValue, parent: entry.parent.rawValue, digest: entry.digest?.rawValue ?? 0,
                nameOffset: UInt32(names.count), nameLength: UInt8(name.count), hasDigest: entry.digest != nil))
        names += name
        table[slot] = UInt32(records.count)
    }

    /// The jail's `/`; nil before the first push.
    var root: Found? { find(parent: .aboveRoot, UnsafeRawBufferPointer(start: nil, count: 0)) }

    func find(parent: DirectoryNumber, _ name: UnsafeRawBufferPointer) -> Found? {
        let position = table[slot(parent: parent.rawValue, name)]
        guard position > 0 else { return nil }
        let record = records[Int(position) - 1]
        return Found(
            number: DirectoryNumber(record.number),
            digest: record.hasDigest ? ListingDigest(rawValue: record.digest) : nil)
    }

    func find(parent: DirectoryNumber, _ name: Name) -> Found? {
        name.bytes.withUnsafeBytes { find(parent: parent, $0) }
    }

    /// Where the directory stands in the table, or the free place where it would.
    private func slot(parent: Int64, _ name: UnsafeRawBufferPointer) -> Int {
        // Seeded anew in each run: whoever chooses names cannot choose where they fall.
        var hasher = Hasher()
        hasher.combine(parent)
        hasher.combine(bytes: name)
        let mask = table.count - 1
        var slot = hasher.finalize() & mask
        while table[slot] != 0, !isSame(records[Int(table[slot]) - 1], parent, name) { slot = (slot + 1) & mask }
        return slot
    }

    private func isSame(_ record: Record, _ parent: Int64, _ name: UnsafeRawBufferPointer) -> Bool {
        guard record.parent == parent, Int(record.nameLength) == name.count else { return false }
        let start = Int(record.nameOffset)
        return names.withUnsafeBytes { $0[start..<start + name.count].elementsEqual(name) }
    }

    private mutating func grow() {
        table = [UInt32](repeating: 0, count: table.count * 2)
        for (index, record) in records.enumerated() {
            let start = Int(record.nameOffset)
            let slot = names.withUnsafeBytes {
                self.slot(
                    parent: record.parent,
                    UnsafeRawBufferPointer(rebasing: $0[start..<start + Int(record.nameLength)]))
            }
            table[slot] = UInt32(index + 1)
        }
    }
}
