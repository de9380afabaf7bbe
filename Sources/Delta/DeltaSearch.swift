import Digest

/// Finds in a file what a server's copy of it has, in one pass from its beginning to its end, and says what is to be
/// sent and what to be copied. What neither covers is zero.
///
/// It touches no file: `next` says what it wants or has found. However long the file, it holds a window of about a
/// mebibyte and two blocks; whatever the bytes are, each costs a bounded amount of work: unchanged stretches one strong
/// sum a block, all else a step of the rolling sum a byte, and no more than two bytes of strong sums in vain.
package struct DeltaSearch: ~Copyable {
    /// What is taken from the copy.
    package struct Copy: Hashable, Sendable {
        /// In the new file.
        package var offset: UInt64
        /// In the server's copy.
        package var source: UInt64
        package var length: UInt64

        package init(offset: UInt64, source: UInt64, length: UInt64) {
            self.offset = offset
            self.source = source
            self.length = length
        }
    }

    /// What is to be done before `next` is asked again.
    package enum Step {
        /// Fill this with what the file has at the offset, as far as it goes, and say so with `filled`. The offset is a
        /// multiple of `ContentHasher.blockSize`; so is the count, but for the last.
        case read(UnsafeMutableRawBufferPointer, at: UInt64)
        /// Say with `found` where the next data lies at the offset or after it.
        case seek(UInt64)
        /// To be sent; it lies in the window until the next call.
        case literal(UnsafeRawBufferPointer, at: UInt64)
        /// To be named, and not sent.
        case copy(Copy)
        /// All has been said.
        case end
    }

    /// The caps of what is said at once.
    package struct Longest: Sendable {
        package var literal: Int
        package var copy: UInt64

        package init(literal: Int, copy: UInt64) {
            self.literal = literal
            self.copy = copy
        }
    }

    let index: BlockIndex
    let checksum: RollingChecksum
    let longest: Longest
    private let isSparse: Bool
    private var end: UInt64

    private let buffer: UnsafeMutableRawBufferPointer
    /// Of the file, what `buffer` begins with, and how much of it there is.
    var base: UInt64 = 0
    var count = 0
    /// Whether all of the file has been read.
    private(set) var hasEnded: Bool
    /// Whether it is known that data comes next.
    private var hasSought = false

    /// What is neither sent nor copied yet begins here; then the window.
    var start = 0
    var position = 0
    /// The rolling sum of the window, where it is known.
    var sum: UInt64?
    /// The block that follows the one that was found last; at the beginning the first.
    var expected: Int?
    /// Bytes of strong sums that were no block's, in spite of their weak sum.
    package internal(set) var inVain: UInt64 = 0

    private var pending: Copy?
    private var said: [Step] = []
    private var taken = 0
    private var isOver = false

    private static let chunk = ContentHasher.blockSize

    /// - Parameters:
    ///   - signature: of which all has come.
    ///   - length: up to which the file is read.
    ///   - isSparse: whether it is worth asking for holes.
    package init(_ signature: Signature, length: UInt64, isSparse: Bool, longest: Longest) {
        precondition(signature.count == signature.blocks.count)
        let size = signature.blocks.size
        index = BlockIndex(signature)
        checksum = RollingChecksum(seed: signature.seed, window: size)
        self.longest = longest
        self.isSparse = isSparse
        end = length
        hasEnded = length == 0
        expected = signature.count > 0 ? 0 : nil
        // What is kept when more is read: a literal and a window.
        let room = longest.literal + size + max(1 << 20, size)
        buffer = .allocate(byteCount: (room / Self.chunk + 2) * Self.chunk, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    var blocks: Blocks { index.signature.blocks }

    /// How much of the file there was, once all has been said.
    package var length: UInt64 { base + UInt64(count) }

    /// What comes next; from the end on, `end`. What is said of one stretch rises through the file.
    package mutating func next() -> Step {
        while true {
            if taken < said.count {
                taken += 1
                return said[taken - 1]
            }
            said.removeAll(keepingCapacity: true)
            taken = 0
            if isOver { return .end }
            advance()
        }
    }

    private mutating func advance() {
        let isShort = count - position < blocks.size
        if isShort, !hasEnded { return ask() }
        if let block = expected, follow(block) { return }
        if isShort { finish() } else { roll() }
    }

    // MARK: What is read

    private mutating func ask() {
        drop()
        let next = base + UInt64(count)
        // Between data and data: what is held is nothing, or zeros.
        if isSparse, !hasSought, isZero(bytes(start..<count)) { return said.append(.seek(next)) }
        let room = (buffer.count - count) / Self.chunk * Self.chunk
        let wanted = Int(min(UInt64(room), end - next))
        said.append(.read(UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + wanted]), at: next))
    }

    /// So many bytes were read; fewer than were asked for where the file ends before.
    package mutating func filled(_ read: Int) {
        count += read
        hasSought = false
        hasEnded = read == 0 || read % Self.chunk != 0 || base + UInt64(count) >= end
    }

    /// The next data lies there; nil if there is only a hole up to the end.
    package mutating func found(_ data: UInt64?) {
        hasSought = true
        let next = base + UInt64(count)
        guard let data, data < end else { return skip(to: end) }
        // A block may begin in the hole.
        let target = (data - min(data, UInt64(blocks.size))) / UInt64(Self.chunk) * UInt64(Self.chunk)
        if target > next { skip(to: target) }
    }

    private mutating func skip(to offset: UInt64) {
        (base, count, start, position, sum) = (offset, 0, 0, 0, nil)
        hasEnded = offset >= end
        let block = offset / UInt64(blocks.size)
        expected = block * UInt64(blocks.size) == offset && block < blocks.count ? Int(block) : nil
    }

    /// Makes room: what lies before `start` has been said.
    private mutating func drop() {
        guard start > 0 else { return }
        UnsafeMutableRawBufferPointer(rebasing: buffer[..<(count - start)]).copyMemory(from: bytes(start..<count))
        base += UInt64(start)
        (count, position, start) = (count - start, position - start, 0)
    }

    func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer[range])
    }

    // MARK: What is said

    /// The window is this block.
    mutating func copy(_ block: Int) {
        sayLiteral(to: position)
        let length = blocks.length(of: block)
        let copy = Copy(
            offset: base + UInt64(position), source: blocks.offset(of: block), length: UInt64(length))
        if let last = pending, last.offset + last.length == copy.offset, last.source + last.length == copy.source,
            last.length + copy.length <= longest.copy
        {
            pending = Copy(offset: last.offset, source: last.source, length: last.length + copy.length)
        } else {
            sayCopy()
            pending = copy
        }
        pass(length, before: block + 1)
    }

    /// The window, be it zeros, was said to be what stands before this block.
    mutating func pass(_ length: Int, before block: Int) {
        position += length
        start = position
        sum = nil
        expected = block < blocks.count ? block : nil
    }

    /// What lies before this is to be sent, but for pages of zeros.
    mutating func sayLiteral(to limit: Int) {
        guard limit > start else { return }
        sayCopy()
        var first = start
        var here = start
        while here < limit {
            let page = 4096 - Int((base + UInt64(here)) % 4096)
            let next = min(here + page, limit)
            let isBlank = isZero(bytes(here..<next))
            if isBlank || next - first > longest.literal {
                if here > first { said.append(.literal(bytes(first..<here), at: base + UInt64(first))) }
                first = isBlank ? next : here
            }
            here = next
        }
        if limit > first { said.append(.literal(bytes(first..<limit), at: base + UInt64(first))) }
        start = limit
    }

    private mutating func sayCopy() {
        guard let copy = pending else { return }
        said.append(.copy(copy))
        pending = nil
    }

    /// Less than a window is left: it may end as the copy ends.
    private mutating func finish() {
        let last = blocks.count - 1
        if last >= 0, !index.signature.isZero(last) {
            let length = blocks.length(of: last)
            if length < blocks.size, count - length >= start, isBlock(last, at: count - length) {
                position = count - length
                copy(last)
            }
        }
        sayLiteral(to: count)
        sayCopy()
        isOver = true
    }
}
