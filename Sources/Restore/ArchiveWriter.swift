import CArchive
internal import Catalog
internal import Model

/// Writes members as a pax archive, in blocks. For one thread.
///
/// Names are bytes, whatever the locale: a member in which all names are ASCII needs no word on their encoding, and every
/// other one says that its are binary. libarchive says that of all members or of none, so there are two writers, which
/// take turns; of each member only one writes. (To say it of all would have GNU tar complain of each.)
final class ArchiveWriter {
    private let plain: OpaquePointer
    private let binary: OpaquePointer
    private let entry: OpaquePointer
    private var current: OpaquePointer
    private var block: [UInt8] = []
    private let give: ([UInt8]) throws -> Void
    /// Bytes of the hole that content has not followed yet.
    private var hole: UInt64 = 0
    private let zeros: VastZeros
    /// While a member begins, what libarchive writes of it.
    private var heading: [UInt8]?
    private var failure: (any Error)?
    private var isOver = false

    /// Bytes of a block, but for the last.
    static let blockSize = 1 << 20

    /// - Parameter give: takes the archive, block by block.
    init(_ give: @escaping ([UInt8]) throws -> Void) throws {
        guard let plain = archive_write_new(), let binary = archive_write_new(), let entry = archive_entry_new() else {
            preconditionFailure("out of memory")
        }
        self.plain = plain
        self.binary = binary
        self.entry = entry
        self.give = give
        zeros = try VastZeros()
        current = plain
        block.reserveCapacity(ArchiveWriter.blockSize)
        for archive in [plain, binary] {
            try check(archive_write_set_format_pax(archive))
            try check(archive_write_set_options(archive, "xattrheader=SCHILY"))
            // No blocks of its own.
            try check(archive_write_set_bytes_per_block(archive, 0))
        }
        try check(archive_write_set_options(binary, "hdrcharset=BINARY"))
        let me = Unmanaged.passUnretained(self).toOpaque()
        for archive in [plain, binary] { try check(archive_write_open(archive, me, nil, takeBytes, nil)) }
    }

    deinit {
        isOver = true
        for archive in [plain, binary] {
            // Else it would fill up the member that was broken off, with zeros.
            archive_write_fail(archive)
            archive_write_free(archive)
        }
        archive_entry_free(entry)
    }

    /// Begins a member; `size` bytes of content are to follow.
    /// - Parameter data: where content lies between holes; nil if there are none.
    func begin(_ member: Member, _ owners: OwnerNames, size: UInt64 = 0, data: [Range<UInt64>]? = nil) throws {
        archive_entry_clear(entry)
        let isASCII = fill(entry, member, owners)
        archive_entry_set_size(entry, Int64(size))
        for range in data ?? [] {
            archive_entry_sparse_add_entry(entry, Int64(range.lowerBound), Int64(range.count))
        }
        // One hole alone.
        if let data, data.isEmpty { archive_entry_sparse_add_entry(entry, Int64(size), 0) }
        current = isASCII ? plain : binary
        heading = []
        try check(archive_write_header(current, entry))
        var header = heading ?? []
        heading = nil
        if member.first == nil, member.row.attributes.accessList?.isCarried == true {
            setMode(member.row.stamp.metadata.mode, inHeading: &header)
        }
        guard header.withUnsafeBytes(take) else { throw trouble() }
    }

    /// Adds content of the member: all of it, but for what is skipped.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        while hole > 0 {
            let part = zeros.bytes(atMost: hole)
            try add(part)
            hole -= UInt64(part.count)
        }
        try add(bytes)
    }

    /// Adds a hole of the member, or a part of one, that `begin` was told of.
    func skip(_ count: UInt64) { hole += count }

    /// Ends the member.
    func end() throws {
        if hole > 0 {
            // A hole with nothing behind it libarchive takes for granted, but what tells of holes comes with the first byte.
            try add(zeros.bytes(atMost: 1))
            hole = 0
        }
        try check(archive_write_finish_entry(current))
    }

    private func add(_ bytes: UnsafeRawBufferPointer) throws {
        guard archive_write_data(current, bytes.baseAddress, bytes.count) == bytes.count else { throw trouble() }
    }

    /// Ends the archive.
    func finish() throws {
        try check(archive_write_close(plain))
        isOver = true
        if !block.isEmpty { try give(block) }
    }

    /// Takes what libarchive writes; false if it is not to go on.
    fileprivate func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if isOver { return true }
        if heading != nil {
            heading?.append(contentsOf: bytes)
            return true
        }
        var rest = bytes
        do {
            while !rest.isEmpty {
                let part = min(rest.count, ArchiveWriter.blockSize - block.count)
                block.append(contentsOf: rest[..<part])
                rest = UnsafeRawBufferPointer(rebasing: rest[part...])
                guard block.count == ArchiveWriter.blockSize else { break }
                try give(block)
                block = []
                block.reserveCapacity(ArchiveWriter.blockSize)
            }
            return true
        } catch {
            failure = error
            return false
        }
    }

    private func check(_ code: Int32) throws { if code != ARCHIVE_OK { throw trouble() } }

    private func trouble() -> any Error {
        if let failure { return failure }
        let text = archive_error_string(current).map { String(cString: $0) } ?? "the archive could not be written"
        return RestoreError(.inputOutput, "libarchive: \(escaped(text))")
    }
}

private func takeBytes(
    _ archive: OpaquePointer?, _ writer: UnsafeMutableRawPointer?, _ bytes: UnsafeRawPointer?, _ count: Int
) -> Int {
    guard let writer else { return -1 }
    let bytes = UnsafeRawBufferPointer(start: bytes, count: count)
    return Unmanaged<ArchiveWriter>.fromOpaque(writer).takeUnretainedValue().take(bytes) ? count : -1
}
