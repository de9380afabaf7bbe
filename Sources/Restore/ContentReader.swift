internal import Digest
internal import Model
internal import Platform

/// What comes next of a file's content.
enum ContentPiece {
    case bytes(UnsafeRawBufferPointer)
    /// So many zeros.
    case hole(UInt64)
}

/// Reads the content of files out of a tree, and compares it with its digest on the way. For one thread.
final class ContentReader {
    private let buffer: UnsafeMutableRawBufferPointer
    private var hasher = ContentHasher()

    /// More ranges of data than these are not told apart in one file: what follows counts as data.
    private static let mostRanges = 100_000
    /// Holes that take less than this together are written as zeros: not every reader of archives knows holes.
    private static let fewestHoleBytes: UInt64 = 64 << 10

    init() {
        buffer = .allocate(byteCount: 1 << 20, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    /// Where a file has data; nil if it has no holes to speak of.
    func dataRanges(of file: borrowing Descriptor, _ status: FileStatus) throws(SystemError) -> [Range<UInt64>]? {
        let size = status.stamp.metadata.size
        guard status.blocks * 512 < size else { return nil }
        var ranges: [Range<UInt64>] = []
        var (offset, sum): (UInt64, UInt64) = (0, 0)
        while offset < size, let start = try file.nextData(from: offset), start < size {
            let isLast = ranges.count == ContentReader.mostRanges - 1
            let end = isLast ? size : min(try file.nextHole(from: start), size)
            ranges.append(start..<end)
            sum += end - start
            offset = end
        }
        return size - sum < ContentReader.fewestHoleBytes ? nil : ranges
    }

    /// Reads a file that should have `size` bytes; zeros stand for holes, and for what cannot be had.
    ///
    /// - Parameters:
    ///   - data: where its data lies, if it has holes.
    ///   - digest: what it should be; nil where nobody knows.
    ///   - body: is given exactly `size` bytes. Holes come only where the data has them, and each as a whole: a file may
    ///     have exbibytes of them.
    /// - Returns: what is wrong with it, fit to be shown; nil if nothing is.
    func read(
        _ file: borrowing Descriptor, size: UInt64, data: [Range<UInt64>]?, digest: ContentDigest?,
        _ body: (ContentPiece) throws -> Void
    ) throws -> String? {
        hasher.reset()
        var offset: UInt64 = 0
        var wrong: String?
        var next = 0
        while offset < size {
            if let data {
                // Windows begin where they would without the hole.
                let window = UInt64(buffer.count)
                let end = next < data.count ? data[next].lowerBound / window * window : size
                if end > offset {
                    try body(.hole(end - offset))
                    offset = end
                    continue
                }
            }
            let length = Int(min(UInt64(buffer.count), size - offset))
            let bounds = offset..<(offset + UInt64(length))
            offset = bounds.upperBound
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
            if let trouble = fill(part, from: file, bounds, data, &next) { wrong = wrong ?? trouble }
            let bytes = UnsafeRawBufferPointer(part)
            hasher.update(block: bytes, at: bounds.lowerBound)
            try body(.bytes(bytes))
        }
        let found = hasher.finish(length: size)
        if wrong == nil, let digest, found != digest { wrong = "its content is not what it was" }
        return wrong
    }

    /// Reads what of a file lies in one window; what cannot be read is zeros.
    /// - Parameter next: of the data, the first range that does not end before the window.
    /// - Returns: what is wrong.
    private func fill(
        _ window: UnsafeMutableRawBufferPointer, from file: borrowing Descriptor, _ bounds: Range<UInt64>,
        _ data: [Range<UInt64>]?, _ next: inout Int
    ) -> String? {
        guard let data else { return fill(window, from: file, bounds) }
        window.initializeMemory(as: UInt8.self, repeating: 0)
        var wrong: String?
        while next < data.count {
            let range = data[next].clamped(to: bounds)
            if !range.isEmpty {
                let place = Int(range.lowerBound - bounds.lowerBound)..<Int(range.upperBound - bounds.lowerBound)
                let part = UnsafeMutableRawBufferPointer(rebasing: window[place])
                if let trouble = fill(part, from: file, range) { wrong = trouble }
            }
            if data[next].upperBound > bounds.upperBound { break }
            next += 1
        }
        return wrong
    }

    private func fill(
        _ part: UnsafeMutableRawBufferPointer, from file: borrowing Descriptor, _ bounds: Range<UInt64>
    ) -> String? {
        var count = 0
        var wrong: String?
        do throws(SystemError) {
            count = try file.read(into: part, at: bounds.lowerBound)
            if count < part.count { wrong = "it ends after \(bounds.lowerBound + UInt64(count)) bytes" }
        } catch {
            wrong = "\(error)"
        }
        UnsafeMutableRawBufferPointer(rebasing: part[count...]).initializeMemory(as: UInt8.self, repeating: 0)
        return wrong
    }
}
