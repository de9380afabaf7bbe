import Model

/// Names below parents, each with the position at which it came: found by parent and name.
///
/// Names lie in one arena, and a table of open addressing finds them: a million take some 35 MB.
struct NameTable: Sendable {
    private struct Record {
        var parent: Int64
        var offset: UInt32
        var length: UInt8
    }

    private var records: [Record] = []
    private var names: [UInt8] = []
    /// Positions in `records`, plus one; 0 is free. Its size is a power of two, at least twice the records.
    private var table: [UInt32] = [UInt32](repeating: 0, count: 64)

    var count: Int { records.count }
    /// Bytes of all names together.
    var weight: Int { names.count }

    /// The position of a name below a parent; nil if it is not there.
    func position(parent: Int64, _ name: UnsafeRawBufferPointer) -> Int? {
        let found = table[slot(parent, name)]
        return found > 0 ? Int(found) - 1 : nil
    }

    /// The same for a name as a value.
    func position(parent: Int64, _ name: Name) -> Int? { name.bytes.withUnsafeBytes { position(parent: parent, $0) } }

    /// Appends a name; nil, and nothing is done, where it is there already.
    /// - Returns: its position.
    mutating func append(parent: Int64, _ name: [UInt8]) -> Int? {
        if (records.count + 1) * 2 > table.count { grow() }
        let slot = name.withUnsafeBytes { self.slot(parent, $0) }
        guard table[slot] == 0 else { return nil }
        records.append(Record(parent: parent, offset: UInt32(names.count), length: UInt8(name.count)))
        names += name
        table[slot] = UInt32(records.count)
        return records.count - 1
    }

    func parent(at position: Int) -> Int64 { records[position].parent }

    /// Nil for what was put in without a name.
    func name(at position: Int) -> Name? { Name(names[bounds(records[position])]) }

    private func bounds(_ record: Record) -> Range<Int> { Int(record.offset)..<Int(record.offset) + Int(record.length) }

    /// Where the name stands in the table, or the free place where it would.
    private func slot(_ parent: Int64, _ name: UnsafeRawBufferPointer) -> Int {
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
        guard record.parent == parent, Int(record.length) == name.count else { return false }
        return names.withUnsafeBytes { $0[bounds(record)].elementsEqual(name) }
    }

    private mutating func grow() {
        table = [UInt32](repeating: 0, count: table.count * 2)
        for (index, record) in records.enumerated() {
            let slot = names.withUnsafeBytes {
                self.slot(record.parent, UnsafeRawBufferPointer(rebasing: $0[bounds(record)]))
            }
            table[slot] = UInt32(index + 1)
        }
    }
}
