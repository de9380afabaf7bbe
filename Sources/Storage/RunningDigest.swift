internal import Digest
internal import Model

/// The digest of a file's content of which pieces are given as they lie in the file, of any length, with holes between.
struct RunningDigest: ~Copyable {
    private var position: UInt64 = 0
    private var hasher = ContentHasher()
    /// The begun block that the hasher has not had yet.
    private var block: [UInt8] = []

    /// Takes what lies at `offset`; what is between that and the end of what came before is a hole.
    mutating func add(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) {
        skip(to: offset)
        hash(bytes)
        position += UInt64(bytes.count)
    }

    /// The digest of all, with a hole up to the length.
    mutating func finish(length: UInt64) -> ContentDigest {
        skip(to: length)
        flush(until: position)
        return hasher.finish(length: length)
    }

    /// A hole takes no time, whatever its length: blocks of zeros count for nothing in the digest.
    private mutating func skip(to offset: UInt64) {
        guard offset > position else { return }
        let size = UInt64(ContentHasher.blockSize)
        if !block.isEmpty {
            let missing = min(size - UInt64(block.count), offset - position)
            block.append(contentsOf: repeatElement(0, count: Int(missing)))
            position += missing
            if block.count == ContentHasher.blockSize { flush(until: position) }
        }
        guard offset > position else { return }
        block.append(contentsOf: repeatElement(0, count: Int(offset % size)))
        position = offset
    }

    private mutating func hash(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        if !block.isEmpty {
            let part = rest.prefix(ContentHasher.blockSize - block.count)
            block.append(contentsOf: part)
            rest = rest.dropFirst(part.count)
            guard block.count == ContentHasher.blockSize else { return }
            flush(until: position + UInt64(part.count))
        }
        let whole = rest.count - rest.count % ContentHasher.blockSize
        if whole > 0 {
            let start = position + UInt64(bytes.count - rest.count)
            hasher.update(block: UnsafeRawBufferPointer(rebasing: rest.prefix(whole)), at: start)
        }
        block.append(contentsOf: rest.dropFirst(whole))
    }

    private mutating func flush(until end: UInt64) {
        guard !block.isEmpty else { return }
        let start = end - UInt64(block.count)
        block.withUnsafeBytes { hasher.update(block: $0, at: start) }
        block.removeAll(keepingCapacity: true)
    }
}
