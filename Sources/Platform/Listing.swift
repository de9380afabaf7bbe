import CLinux
import Glibc
import Model
import Synchronization

/// A name of a directory as the directory itself tells it.
package struct ListedName: Sendable {
    /// As `getdents64` gives it: of what is mounted over, where something is.
    package let inode: UInt64
    /// The first eight bytes, so that most comparisons need not look at the arena.
    fileprivate let key: UInt64
    private let start: UInt32
    private let count: UInt16
    /// Nil where the file system does not say.
    package let kind: FileKind?

    fileprivate init(offset: Int, length: Int, inode: UInt64, kind: FileKind?, key: UInt64) {
        (start, count) = (UInt32(offset), UInt16(length))
        (self.inode, self.kind, self.key) = (inode, kind, key)
    }

    /// A name that no directory told of.
    init(asked name: Name, at offset: Int) {
        self.init(offset: offset, length: name.bytes.count, inode: 0, kind: nil, key: 0)
    }

    /// Where the name lies in the listing's arena.
    package var offset: Int { Int(start) }
    package var length: Int { Int(count) }
}

/// The names of a directory in the order of their bytes, with inode and kind, for no more than the reading of it.
package struct Listing: Sendable {
    /// All names, one after the other, each with a NUL after it.
    package let arena: [UInt8]
    package let names: [ListedName]

    /// The name, checked.
    package func name(of listed: ListedName) -> Name? {
        Name(arena[listed.offset..<listed.offset + listed.length])
    }

    /// The positions of the names in the order of their inodes.
    var byInode: [UInt32] {
        names.withUnsafeBufferPointer { names in
            (0..<UInt32(names.count)).sorted { names[Int($0)].inode < names[Int($1)].inode }
        }
    }
}

extension Directory {
    /// Reads all names from the beginning. One thread at a time may read one `Directory`.
    /// - Parameter goingOn: is called now and then, as a sign that the file system answers.
    /// - Throws: EFBIG for a directory with more than two gigabytes of names, too.
    package func list(_ goingOn: () -> Void = {}) throws(SystemError) -> Listing {
        if hasBeenRead.exchange(true, ordering: .relaxed) { try rewind() }
        var arena: [UInt8] = []
        var names: [ListedName] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 8)
        defer { buffer.deallocate() }
        while true {
            let count = try shim("getdents64") { linux_getdents(raw, buffer.baseAddress, buffer.count) }
            if count == 0 { break }
            take(UnsafeRawBufferPointer(rebasing: buffer[..<count]), &arena, &names)
            if arena.count > Int(Int32.max) { throw SystemError(operation: "getdents64", code: EFBIG) }
            goingOn()
        }
        arena.withUnsafeBytes { arena in
            guard let base = arena.baseAddress else { return }
            names.sort { precedes($0, $1, base) }
            dropRepeated(&names, base)
        }
        return Listing(arena: arena, names: names)
    }

    /// The names alone, in the order of their bytes.
    package func entries() throws(SystemError) -> [Name] {
        let listing = try list()
        return listing.names.compactMap { listing.name(of: $0) }
    }

    func rewind() throws(SystemError) { try system("lseek") { lseek(raw, 0, SEEK_SET) } }
}

/// Copies the names out of records as getdents64 lays them: inode 8, offset 8, length 2, type 1, name, NUL.
private func take(_ records: UnsafeRawBufferPointer, _ arena: inout [UInt8], _ names: inout [ListedName]) {
    guard let base = records.baseAddress else { return }
    var position = 0
    while position < records.count {
        let record = base + position
        position += Int(record.loadUnaligned(fromByteOffset: 16, as: UInt16.self))
        let name = record + 19
        let length = strlen(name.assumingMemoryBound(to: CChar.self))
        if isSelfOrParent(name, length) { continue }
        names.append(
            ListedName(
                offset: arena.count, length: length, inode: record.loadUnaligned(as: UInt64.self),
                kind: FileKind(directoryType: record.load(fromByteOffset: 18, as: UInt8.self)),
                key: sortingKey(name, length)))
        arena.append(contentsOf: UnsafeRawBufferPointer(start: name, count: length + 1))
    }
}

/// A name that was removed and made anew meanwhile may have been read twice: some file systems (xfs) put it behind what was
/// read already.
private func dropRepeated(_ names: inout [ListedName], _ arena: UnsafeRawPointer) {
    var kept = 0
    for position in names.indices.dropFirst() where precedes(names[kept], names[position], arena) {
        kept += 1
        names[kept] = names[position]
    }
    names.removeSubrange(min(kept + 1, names.count)...)
}

@inline(__always)
private func isSelfOrParent(_ name: UnsafeRawPointer, _ length: Int) -> Bool {
    let dot = UInt8(ascii: ".")
    guard length <= 2, name.load(as: UInt8.self) == dot else { return false }
    return length == 1 || name.load(fromByteOffset: 1, as: UInt8.self) == dot
}

@inline(__always)
private func sortingKey(_ name: UnsafeRawPointer, _ length: Int) -> UInt64 {
    if length >= 8 { return UInt64(bigEndian: name.loadUnaligned(as: UInt64.self)) }
    var key: UInt64 = 0
    for index in 0..<length { key = key << 8 | UInt64(name.load(fromByteOffset: index, as: UInt8.self)) }
    return key << (8 * UInt64(8 - length))
}

@inline(__always)
private func precedes(_ left: ListedName, _ right: ListedName, _ arena: UnsafeRawPointer) -> Bool {
    if left.key != right.key { return left.key < right.key }
    let order = memcmp(arena + left.offset, arena + right.offset, min(left.length, right.length))
    return order == 0 ? left.length < right.length : order < 0
}
