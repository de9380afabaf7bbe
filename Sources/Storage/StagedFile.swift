internal import Digest
package import Model
internal import Platform

/// A regular file on its way into the staging; for one thread at a time. Dropped before `finish`, it is removed.
package final class StagedFile: Sendable {
    private let content: Monitor<FileContent?>
    private let directory: Directory
    private let name: Name
    private let title: String
    private let reserve: Reserve
    private let writeBehind: WriteBehind
    private let noteLacking: @Sendable ([String]) -> Void

    init(
        _ file: consuming Descriptor, sparse: Bool, in directory: Directory, name: Name, title: String,
        reserve: Reserve, writeBehind: WriteBehind, noteLacking: @escaping @Sendable ([String]) -> Void
    ) {
        content = Monitor(FileContent(file, sparse: sparse))
        self.directory = directory
        self.name = name
        self.title = title
        self.reserve = reserve
        self.writeBehind = writeBehind
        self.noteLacking = noteLacking
    }

    deinit { abandon() }

    private var place: String { "\(title)/\(name)" }

    /// Writes content that follows what was written before; between `offset` and the end of that there is a hole.
    /// Throws `.refused` if `offset` lies before it.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws {
        try reserve.take(bytes.count)
        try content.with { content in
            guard let content, offset >= content.position else {
                throw StorageError(.refused, "\(place): content out of order")
            }
            try at(place) { () throws(SystemError) in try content.write(bytes, at: offset) }
        }
        writeBehind.note(bytes.count)
    }

    /// The same for a span.
    package func write(_ bytes: RawSpan, at offset: UInt64) throws {
        try bytes.withUnsafeBytes { try write($0, at: offset) }
    }

    /// Ends the file: a hole up to `metadata.size`, then owner, mode, ACL, extended attributes, capabilities, times.
    /// Throws `.damaged` if the content is longer than that or not what the digest says; the file is removed then.
    /// - Parameter digest: of the whole content, as the agent computed it while it read.
    package func finish(metadata: Metadata, attributes: Attributes, digest: ContentDigest) throws {
        do {
            try content.with { held in
                guard let content = held else { throw StorageError(.refused, "\(place): already ended") }
                guard content.position <= metadata.size else {
                    throw StorageError(.damaged, "\(place): longer than the \(metadata.size) bytes that were told")
                }
                let found = try at(place) { () throws(SystemError) in try content.end(at: metadata.size) }
                guard found == digest else {
                    throw StorageError(.damaged, "\(place): the content that arrived is not what was read")
                }
                noteLacking(
                    try at(place) { () throws(SystemError) in try content.file.apply(carried(metadata), attributes) })
                held = nil
            }
        } catch {
            abandon()
            throw error
        }
    }

    /// Removes it.
    package func abandon() {
        content.with { content in
            guard content != nil else { return }
            content = nil
            try? directory.unlink(name)
        }
    }
}

/// The content of a file that is being written: where it stands, and the digest of what came.
private final class FileContent {
    let file: Descriptor
    private let sparse: Bool
    private(set) var position: UInt64 = 0
    /// How long the file is on the disk.
    private var written: UInt64 = 0
    private var hasher = ContentHasher()
    /// The begun block that the hasher has not had yet.
    private var block: [UInt8] = []

    init(_ file: consuming Descriptor, sparse: Bool) {
        self.file = file
        self.sparse = sparse
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) {
        skip(to: offset)
        hash(bytes)
        if sparse {
            try writeAround(bytes)
        } else if !bytes.isEmpty {
            try file.write(bytes, at: position)
            written = position + UInt64(bytes.count)
        }
        position += UInt64(bytes.count)
    }

    /// The digest of all of it; the file has this length then.
    func end(at size: UInt64) throws(SystemError) -> ContentDigest {
        skip(to: size)
        flushBlock()
        if written != size { try file.truncate(to: size) }
        return hasher.finish(length: size)
    }

    /// A hole takes no time, whatever its length: blocks of zeros count for nothing in the digest.
    private func skip(to offset: UInt64) {
        guard offset > position else { return }
        let size = UInt64(ContentHasher.blockSize)
        if !block.isEmpty {
            let missing = min(size - UInt64(block.count), offset - position)
            block.append(contentsOf: repeatElement(0, count: Int(missing)))
            position += missing
            if block.count == ContentHasher.blockSize { flushBlock() }
        }
        guard offset > position else { return }
        block.append(contentsOf: repeatElement(0, count: Int(offset % size)))
        position = offset
    }

    private func hash(_ bytes: UnsafeRawBufferPointer) {
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

    private func flushBlock() { flush(until: position) }

    private func flush(until end: UInt64) {
        guard !block.isEmpty else { return }
        let start = end - UInt64(block.count)
        block.withUnsafeBytes { hasher.update(block: $0, at: start) }
        block.removeAll(keepingCapacity: true)
    }

    /// Writes what is not zero, in pieces of 4 KiB as the file has them.
    private func writeAround(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var start = 0
        var end = 0
        while end < bytes.count {
            let toBoundary = 4096 - Int((position + UInt64(end)) % 4096)
            let next = min(end + toBoundary, bytes.count)
            if isZero(UnsafeRawBufferPointer(rebasing: bytes[end..<next])) {
                try writeRun(bytes, start..<end)
                start = next
            }
            end = next
        }
        try writeRun(bytes, start..<end)
    }

    private func writeRun(_ bytes: UnsafeRawBufferPointer, _ run: Range<Int>) throws(SystemError) {
        guard !run.isEmpty else { return }
        try file.write(UnsafeRawBufferPointer(rebasing: bytes[run]), at: position + UInt64(run.lowerBound))
        written = position + UInt64(run.upperBound)
    }
}
