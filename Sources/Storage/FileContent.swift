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

    /// The digest of all of it; the file has this length then.
    func end(at size: UInt64) throws(SystemError) -> ContentDigest {
        if written != size { try file.truncate(to: size) }
        return digest.finish(length: size)
    }

    /// Digests the runs whose turn has come.
    private func catchUp() throws {
        while let run = try sequence.nextInTurn() {
            var offset = run.lowerBound
            while offset < run.upperBound {
                let count = Int(min(run.upperBound - offset, 128 << 10))
                try withUnsafeTemporaryAllocation(byteCount: count, alignment: 64) { buffer in
                    let found = try file.read(into: buffer, at: offset)
                    // Zeros at the end of the file are not on the disk.
                    buffer[found...].initializeMemory(as: UInt8.self, repeating: 0)
                    digest.add(UnsafeRawBufferPointer(buffer), at: offset)
                }
                offset += UInt64(count)
            }
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
