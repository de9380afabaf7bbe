internal import Digest
internal import Model
internal import Platform

/// The content of a file that is being written: runs go to their place as they come, and into the digest when it is their
/// turn. What came ahead of it is read back then; it still lies in the memory of the system.
final class FileContent {
    let file: Descriptor
    private let sparse: Bool
    private var sequence: RunSequence
    private var digest = RunningDigest()
    /// How long the file is on the disk.
    private var written: UInt64 = 0

    init(_ file: consuming Descriptor, sparse: Bool, _ notes: AheadNotes) {
        self.file = file
        self.sparse = sparse
        sequence = RunSequence(notes)
    }

    /// Where the last run ends that came in its turn.
    var position: UInt64 { sequence.position }
    /// Whether no run is missing among those that came.
    var isWhole: Bool { sequence.isWhole }

    /// Throws `RunDisorder` before anything is written, or `SystemError`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64, as number: UInt64) throws {
        let isInTurn = try sequence.take(number, at: offset, count: bytes.count)
        if sparse {
            try writeAround(bytes, at: offset)
        } else {
            try write(bytes, at: offset)
        }
        guard isInTurn else { return }
        digest.add(bytes, at: offset)
        try catchUp()
    }

    /// The same with a stretch of a file that is there. It was read for its signature a while ago, and lies in the memory
    /// of the system still; what was copied from it does not always.
    func copy(_ range: Range<UInt64>, of basis: Basis, to offset: UInt64, as number: UInt64) throws {
        let isInTurn = try sequence.take(number, at: offset, count: range.count)
        written = max(written, try copyContents(range, from: basis.file, to: file, at: offset))
        guard isInTurn else { return }
        try add(range, of: basis.file, at: offset)
        try catchUp()
    }

    /// The digest of all of it; the file has this length then.
    func end(at size: UInt64) throws(SystemError) -> ContentDigest {
        if written != size { try file.truncate(to: size) }
        return digest.finish(length: size)
    }

    /// Digests the runs whose turn has come.
    private func catchUp() throws {
        while let run = try sequence.nextInTurn() { try add(run, of: file, at: run.lowerBound) }
    }

    /// Digests a stretch of a file as what this one has at `offset`.
    private func add(_ run: Range<UInt64>, of file: borrowing Descriptor, at offset: UInt64) throws {
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: min(run.count, 128 << 10), alignment: 64)
        defer { piece.deallocate() }
        var position = run.lowerBound
        while position < run.upperBound {
            let buffer = UnsafeMutableRawBufferPointer(rebasing: piece.prefix(Int(run.upperBound - position)))
            let found = try file.read(into: buffer, at: position)
            // Zeros at the end of the file are not on the disk.
            buffer[found...].initializeMemory(as: UInt8.self, repeating: 0)
            digest.add(UnsafeRawBufferPointer(buffer), at: offset + (position - run.lowerBound))
            position += UInt64(buffer.count)
        }
    }

    /// Writes what is not zero, in pieces of 4 KiB as the file has them.
    private func writeAround(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) {
        var start = 0
        var end = 0
        while end < bytes.count {
            let toBoundary = 4096 - Int((offset + UInt64(end)) % 4096)
            let next = min(end + toBoundary, bytes.count)
            if isZero(UnsafeRawBufferPointer(rebasing: bytes[end..<next])) {
                try write(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), at: offset + UInt64(start))
                start = next
            }
            end = next
        }
        try write(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), at: offset + UInt64(start))
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) {
        guard !bytes.isEmpty else { return }
        try file.write(bytes, at: offset)
        written = max(written, offset + UInt64(bytes.count))
    }
}
