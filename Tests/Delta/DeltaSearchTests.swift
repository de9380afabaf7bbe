import Delta
import Support
import Testing

/// What is found of a copy in a file that was changed in one way or another.
struct DeltaSearchTests {
    /// 600 KB that repeat nowhere; blocks of 4 KiB.
    private static let basis = random(600_000, seed: 1)
    private static let block = 4096

    private static func random(_ count: Int, seed: UInt64) -> [UInt8] {
        var source = RandomSource(seed: seed)
        return source.bytes(count)
    }

    /// - Parameter most: bytes that may be sent.
    private func expect(
        _ content: [UInt8], from basis: [UInt8] = basis, sends most: Int, sparse: Bool = false,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let found = delta(content, against: basis, isSparse: sparse)
        #expect(found.content == content, "it is not made again from the delta", sourceLocation: location)
        #expect(found.literalBytes <= most, sourceLocation: location)
        #expect(found.literals.allSatisfy { $0.bytes.count <= longest.literal }, sourceLocation: location)
        #expect(found.copies.allSatisfy { $0.length <= longest.copy }, sourceLocation: location)
        let offsets = (found.literals.map(\.offset) + found.copies.map(\.offset)).sorted()
        #expect(Set(offsets).count == offsets.count, sourceLocation: location)
    }

    @Test func `a file that is the same is copied at once, its short last block too`() {
        let found = delta(Self.basis, against: Self.basis)
        #expect(found.copies == [.init(offset: 0, source: 0, length: 600_000)])
        #expect(found.literals.isEmpty)
    }

    @Test func `of what was appended only that is sent`() {
        expect(Self.basis + Self.random(1_000, seed: 2), sends: 1_000)
    }

    @Test func `of what was put in front only that is sent`() {
        expect(Self.random(1_001, seed: 2) + Self.basis, sends: 1_001)
    }

    @Test func `what was shifted in the middle costs a block more`() {
        let content = Self.basis[..<200_000] + Self.random(777, seed: 2) + Self.basis[200_000...]
        expect(Array(content), sends: 777 + Self.block)
        expect(Array(Self.basis[..<200_000] + Self.basis[200_321...]), sends: Self.block)
    }

    @Test func `what was overwritten costs the blocks that it lies in`() {
        var content = Self.basis
        content.replaceSubrange(300_000..<300_010, with: Self.random(10, seed: 2))
        expect(content, sends: Self.block)
        content.replaceSubrange(8_190..<8_194, with: [1, 2, 3, 4])
        expect(content, sends: 3 * Self.block)
    }

    @Test func `a page that was overwritten in each of many places costs these pages`() {
        var content = Self.basis
        for page in stride(from: 3, to: 146, by: 10) {
            content.replaceSubrange(page * 4096..<(page + 1) * 4096, with: Self.random(4096, seed: UInt64(page)))
        }
        expect(content, sends: 15 * 4096)
    }

    @Test(arguments: [1, 4_095, 4_096, 4_097, 200_000, 599_999])
    func `a file that was cut costs less than a block`(length: Int) {
        expect(Array(Self.basis[..<length]), sends: Self.block - 1)
    }

    @Test func `what was shuffled costs nothing`() {
        var source = RandomSource(seed: 3)
        let blocks = (0..<146).map { Self.basis[$0 * Self.block..<($0 + 1) * Self.block] }
        expect(Array(blocks.shuffled(using: &source).joined()), sends: 0)
    }

    @Test func `what is wholly different is sent, once`() {
        let content = Self.random(600_000, seed: 9)
        let found = delta(content, against: Self.basis)
        #expect(found.literalBytes == content.count)
        #expect(found.content == content)
        #expect(found.copies.isEmpty)
    }

    @Test func `zeros are neither sent nor copied`() {
        let zeros = [UInt8](repeating: 0, count: 600_000)
        expect(zeros, sends: 0)
        #expect(delta(zeros, against: zeros).copies.isEmpty)
        let content = Array(Self.basis[..<100_000] + zeros[..<300_000] + Self.basis[100_000...])
        expect(content, sends: 2 * Self.block)
        expect(Self.basis, from: content, sends: 2 * Self.block)
    }

    @Test(arguments: [false, true])
    func `what holes and data alternate in is found, and holes are not read`(sparse: Bool) {
        var content = [UInt8](repeating: 0, count: 8 << 20)
        for (index, start) in stride(from: 5 * 4096, to: content.count - 70_000, by: 2 << 20).enumerated() {
            content.replaceSubrange(start..<start + 70_000, with: Self.random(70_000, seed: UInt64(index)))
        }
        expect(content, from: content, sends: 0, sparse: sparse)
        var changed = content
        changed[5 * 4096 + 10] ^= 1
        expect(changed, from: content, sends: Self.block, sparse: sparse)
        let reads = delta(content, against: content, isSparse: sparse).reads
        #expect(sparse ? reads <= 6 << 20 : reads == 8 << 20)
    }

    @Test(arguments: [1, 2, 3, 4_096, 5_000])
    func `content that repeats costs no more than where it changes`(period: Int) {
        let part = Self.random(period, seed: 4).map { $0 | 1 }
        let repeated = Array(repeatElement(part, count: 600_000 / period).joined())
        expect(repeated, from: repeated, sends: 0)
        expect([9] + repeated, from: repeated, sends: 2 * Self.block)
        var changed = repeated
        changed[250_000] ^= 255
        expect(changed, from: repeated, sends: 2 * Self.block + period)
    }

    @Test func `a file that ends before its length was told ends there`() {
        let found = delta(Array(Self.basis[..<131_072]), against: Self.basis, told: 600_000)
        #expect(found.content == Array(Self.basis[..<131_072]))
    }

    @Test func `without a copy all is sent`() {
        expect(Self.basis, from: [], sends: Self.basis.count)
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func `any edits at all are undone by the delta, and cost what they touch`(seed: UInt64) {
        var source = RandomSource(seed: seed)
        var content = Self.basis
        var touched = 0
        for _ in 0...source.below(5) {
            let start = source.below(content.count)
            let end = min(content.count, start + source.below(3_000))
            let new = source.below(4) == 0 ? [UInt8](repeating: 0, count: 9_000) : source.bytes(source.below(5_000))
            content.replaceSubrange(start..<end, with: new)
            touched += new.count + 2 * Self.block
        }
        expect(content, sends: touched)
        expect(content, sends: touched, sparse: true)
    }

    @Test func `content that is made for equal weak sums is sent, and costs a strong one more`() {
        // Of the sequence of Thue and Morse pieces sum up to the same whichever letter they begin with, in any such
        // polynomial.
        let piece = (0..<Self.block).map { UInt8(0x41 + $0.nonzeroBitCount % 2) }
        let other = piece.map { 0x41 + 0x42 - $0 } + Self.random(100, seed: 1)
        let content = Array(repeatElement(other, count: 100).joined())
        let found = delta(content, against: Array(repeatElement(piece, count: 100).joined()))
        #expect(found.content == content)
        #expect(found.literalBytes == content.count)
        #expect(found.inVain == UInt64(100 * Self.block), "the content did not do what it was made for")
    }

    @Test func `a signature whose sums are all alike costs a bounded number of strong ones`() throws {
        let content = [UInt8](repeating: 3, count: 500_000)
        let blocks = try #require(Blocks(of: 64 << 20))
        let hasher = BlockHasher(blocks, seed: 5)
        var one: [UInt8] = []
        content[..<blocks.size].withUnsafeBytes { hasher.append(entryOf: $0, to: &one) }
        var entries: [UInt8] = []
        // The weak sum of every window, and strong ones of nothing.
        for number in 0..<blocks.count {
            entries += one.prefix(4)
            entries += (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
        var hostile = Signature(of: blocks, seed: 5)
        let isTaken = hostile.append(entries)
        try #require(isTaken)
        let found = delta(content, against: [], signature: hostile)
        #expect(found.content == content)
        #expect(found.inVain > 0)
        #expect(found.inVain <= UInt64(2 * content.count + 16 * blocks.size))
    }
}
