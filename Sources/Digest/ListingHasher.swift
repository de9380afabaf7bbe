import CXXHash
import Model

/// XXH3-64, seeded, over a directory's listing: equal digests mean that nothing below the directory itself changed.
///
/// The directory's own stamp comes first, under an empty name, then the entries in the order of their names' bytes. All
/// numbers are little endian:
///
///     kind u8, name length u8, name
///     directories among the entries: inode u64
///     all others: mode u16, owner u32, group u32, size u64, mtime i64 + u32, ctime i64 + u32, inode u64,
///         links u32, device major u32, minor u32
///     the directory itself: mode u16, owner u32, group u32, mtime i64 + u32, ctime i64 + u32, inode u64
///
/// A directory's own stamp stands in its own listing alone, so a change in it touches no other.
package struct ListingHasher: ~Copyable {
    private let state: OpaquePointer
    private let seed: UInt64
    private let buffer: UnsafeMutableRawBufferPointer
    private var filled = 0

    private static let room = 64 << 10
    /// More than the longest entry takes.
    private static let longest = 2 + 255 + 64

    package init(seed: UInt64) {
        guard let state = XXH3_createState() else { preconditionFailure("out of memory") }
        self.state = state
        self.seed = seed
        buffer = .allocate(byteCount: ListingHasher.room, alignment: 16)
        XXH3_64bits_reset_withSeed(state, seed)
    }

    deinit {
        XXH3_freeState(state)
        buffer.deallocate()
    }

    /// Begins the listing of a directory whose own stamp is `own`.
    package mutating func begin(own: Stamp) {
        XXH3_64bits_reset_withSeed(state, seed)
        filled = 0
        put(FileKind.directory.rawValue)
        put(UInt8(0))
        putCommon(own)
        putTimes(own)
        put(own.inode)
    }

    /// Takes the next entry; names come in ascending order and are at most 255 bytes long.
    package mutating func add(name: UnsafeRawBufferPointer, stamp: Stamp) {
        precondition(name.count <= 255)
        if filled + ListingHasher.longest > ListingHasher.room { flush() }
        put(stamp.metadata.kind.rawValue)
        put(UInt8(truncatingIfNeeded: name.count))
        if let base = name.baseAddress {
            UnsafeMutableRawPointer(buffer.baseAddress! + filled).copyMemory(from: base, byteCount: name.count)
            filled += name.count
        }
        if stamp.metadata.kind == .directory {
            put(stamp.inode)
            return
        }
        putCommon(stamp)
        put(stamp.metadata.size)
        putTimes(stamp)
        put(stamp.inode)
        put(stamp.links)
        put(stamp.metadata.device.major)
        put(stamp.metadata.device.minor)
    }

    /// The same for a name that is held as a value.
    package mutating func add(name: Name, stamp: Stamp) {
        name.bytes.withUnsafeBytes { add(name: $0, stamp: stamp) }
    }

    /// The digest of what was taken since `begin`.
    package mutating func finish() -> ListingDigest {
        flush()
        return ListingDigest(rawValue: XXH3_64bits_digest(state))
    }

    @inline(__always)
    private mutating func putCommon(_ stamp: Stamp) {
        put(stamp.metadata.mode)
        put(stamp.metadata.owner)
        put(stamp.metadata.group)
    }

    @inline(__always)
    private mutating func putTimes(_ stamp: Stamp) {
        put(stamp.metadata.modified.seconds)
        put(stamp.metadata.modified.nanoseconds)
        put(stamp.changed.seconds)
        put(stamp.changed.nanoseconds)
    }

    @inline(__always)
    private mutating func put<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        buffer.storeBytes(of: number.littleEndian, toByteOffset: filled, as: Number.self)
        filled += MemoryLayout<Number>.size
    }

    private mutating func flush() {
        XXH3_64bits_update(state, buffer.baseAddress, filled)
        filled = 0
    }
}
