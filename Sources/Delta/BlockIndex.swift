/// The blocks of a signature by their weak sums. Whatever the sums are, a look takes a bounded number of steps.
struct BlockIndex: ~Copyable {
    /// Blocks that a place of the table holds; further ones are not found, which costs bytes on the wire and no more.
    static let deepest = 16

    let signature: Signature
    /// A bit for each of the upper bits that a sum begins with: most windows are none of the blocks, and stop here.
    let tags: UnsafeMutablePointer<UInt64>
    /// How far a weak sum is shifted to be the number of a bit.
    let tagShift: UInt32

    private let tagWords: Int
    private let tableShift: UInt32
    /// Where the blocks of a place begin in `order`, and behind the last where they all end.
    private let places: UnsafeMutablePointer<UInt32>
    private let order: UnsafeMutablePointer<UInt32>

    init(_ signature: Signature) {
        self.signature = signature
        // At least as many places as blocks, and 16 bits each.
        let width = UInt32(max(6, UInt64.bitWidth - UInt64(max(1, signature.count)).leadingZeroBitCount))
        tableShift = 32 - width
        tagShift = 32 - (width + 4)
        tagWords = 1 << (width + 4 - 6)
        tags = .allocate(capacity: tagWords)
        tags.initialize(repeating: 0, count: tagWords)
        places = .allocate(capacity: (1 << width) + 1)
        places.initialize(repeating: 0, count: (1 << width) + 1)
        order = .allocate(capacity: max(1, signature.count))
        order.initialize(repeating: 0, count: max(1, signature.count))
        fill(1 << Int(width))
        // So that a window of zeros is looked at.
        tags[0] |= 1
    }

    deinit {
        tags.deallocate()
        places.deallocate()
        order.deallocate()
    }

    /// Counts, then puts in: blocks of one place stand together, in their order.
    private func fill(_ count: Int) {
        for block in 0..<signature.count where isSought(block) { places[place(of: block)] += 1 }
        var total: UInt32 = 0
        for place in 0..<count { (places[place], total) = (total, total + places[place]) }
        places[count] = total
        for block in 0..<signature.count where isSought(block) {
            let place = place(of: block)
            order[Int(places[place])] = UInt32(block)
            places[place] += 1
            let tag = signature.weak[block] >> tagShift
            tags[Int(tag >> 6)] |= 1 << UInt64(tag & 63)
        }
        // Each beginning has moved on to its end, which is where the next one begins.
        for place in stride(from: count, to: 0, by: -1) { places[place] = places[place - 1] }
        places[0] = 0
    }

    /// A short block is met at the end only, and zeros are never looked for.
    private func isSought(_ block: Int) -> Bool {
        !signature.isZero(block) && signature.blocks.length(of: block) == signature.blocks.size
    }

    private func place(of block: Int) -> Int { Int(signature.weak[block] >> tableShift) }

    private func blocks(_ weak: UInt32) -> Range<Int> {
        let place = Int(weak >> tableShift)
        let (start, end) = (Int(places[place]), Int(places[place + 1]))
        return start..<min(end, start + BlockIndex.deepest)
    }

    /// Whether a block has this weak sum.
    func has(_ weak: UInt32) -> Bool { blocks(weak).contains { signature.weak[Int(order[$0])] == weak } }

    /// A block that has both sums: this one if it has, else the first.
    func block(_ weak: UInt32, _ strong: UInt64, preferring wanted: Int?) -> Int? {
        if let wanted, wanted < signature.count, signature.weak[wanted] == weak, signature.strong[wanted] == strong,
            isSought(wanted)
        {
            return wanted
        }
        for index in blocks(weak) {
            let block = Int(order[index])
            if signature.weak[block] == weak, signature.strong[block] == strong { return block }
        }
        return nil
    }
}
