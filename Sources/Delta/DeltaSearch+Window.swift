import Digest

/// The window: whether it is a block of the copy, and where the next one may begin.
extension DeltaSearch {
    /// Whether the window is the block that is expected: then nothing needs to be looked for.
    mutating func follow(_ block: Int) -> Bool {
        let length = blocks.length(of: block)
        guard count - position >= length else {
            expected = nil
            return false
        }
        if index.signature.isZero(block), isZero(bytes(position..<position + length)) {
            pass(length, before: block + 1)
            return true
        }
        guard isBlock(block, at: position) else {
            expected = nil
            return false
        }
        copy(block)
        return true
    }

    func isBlock(_ block: Int, at position: Int) -> Bool {
        let length = blocks.length(of: block)
        return strongSum(bytes(position..<position + length), index.signature.seed) == index.signature.strong[block]
    }

    /// Moves the window on until it is a block, or what lies before it has grown long, or more has to be read.
    mutating func roll() {
        let size = blocks.size
        let window = bytes(0..<count)
        var current = sum ?? checksum.sum(bytes(position..<position + size))
        let last = min(count - size, start + longest.literal)
        while true {
            let isTagged = step(&current, to: last, in: window)
            sum = current
            if isTagged, meet(current) { return }
            guard position < last else { break }
            current = checksum.rolled(current, out: window[position], in: window[position + size])
            position += 1
        }
        if position - start >= longest.literal { sayLiteral(to: position) }
        if position < count - size {
            sum = checksum.rolled(current, out: window[position], in: window[position + size])
        } else {
            // The byte that comes in has yet to be read.
            sum = nil
        }
        position += 1
    }

    /// Moves the window to where its sum may be a block's, at most to `last`: the innermost loop of all.
    private mutating func step(_ sum: inout UInt64, to last: Int, in window: UnsafeRawBufferPointer) -> Bool {
        guard let base = window.baseAddress else { return false }
        let (tags, shift, size) = (index.tags, index.tagShift, blocks.size)
        var (current, here) = (sum, position)
        defer { (sum, position) = (current, here) }
        while true {
            let tag = RollingChecksum.weak(current) >> shift
            if tags[Int(tag >> 6)] >> UInt64(tag & 63) & 1 == 1 { return true }
            if here == last { return false }
            current = checksum.rolled(
                current, out: base.load(fromByteOffset: here, as: UInt8.self),
                in: base.load(fromByteOffset: here + size, as: UInt8.self))
            here += 1
        }
    }

    /// Whether the window is a block, or zeros: what comes of that has been said then.
    private mutating func meet(_ sum: UInt64) -> Bool {
        let size = blocks.size
        let window = bytes(position..<position + size)
        if sum == 0, isZero(window) {
            skipZeros()
            return true
        }
        let weak = RollingChecksum.weak(sum)
        guard index.has(weak) else { return false }
        let offset = base + UInt64(position)
        // Content that is made to look like blocks everywhere and to be none is sent unseen after a while.
        guard inVain + UInt64(size) <= 2 * offset + 16 * UInt64(size) else { return false }
        let (here, rest) = offset.quotientAndRemainder(dividingBy: UInt64(size))
        let wanted = rest == 0 ? Int(exactly: here) : nil
        guard let block = index.block(weak, strongSum(window, index.signature.seed), preferring: wanted) else {
            inVain += UInt64(size)
            return false
        }
        copy(block)
        return true
    }

    /// Goes on to the first window that is not zero throughout, or to the last that is known.
    private mutating func skipZeros() {
        sayLiteral(to: position)
        var end = position + blocks.size
        while end < count, isZero(bytes(end..<min(end + 4096, count))) { end = min(end + 4096, count) }
        while end < count, isZero(bytes(end..<end + 1)) { end += 1 }
        position = end == count && hasEnded ? count : end - blocks.size + 1
        start = position
        sum = nil
    }
}
