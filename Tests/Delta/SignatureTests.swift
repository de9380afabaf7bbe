import Delta
import Support
import Testing

/// How a copy is cut, and told.
struct SignatureTests {
    @Test(
        arguments: [
            (0, 4096, 0), (1, 4096, 1), (4096, 4096, 1), (4097, 4096, 2), (268_435_456, 4096, 65_536),
            (268_468_225, 8192, 32_773), (1 << 30, 8192, 131_072), (100 << 30, 102_400, 1_048_576),
            (1 << 42, 4 << 20, 1 << 20),
        ] as [(UInt64, Int, Int)])
    func `blocks are a quarter of a square root long, and never too many`(length: UInt64, size: Int, count: Int) throws
    {
        let blocks = try #require(Blocks(of: length))
        #expect(blocks.size == size)
        #expect(blocks.count == count)
        if count > 0 {
            #expect(blocks.offset(of: count - 1) + UInt64(blocks.length(of: count - 1)) == length)
        }
    }

    @Test func `a file that needs longer blocks has none`() {
        #expect(Blocks(of: (1 << 42) + 1) == nil)
        #expect(Blocks(of: .max) == nil)
    }

    @Test func `a delta is asked for where both are long, and the copy is not the greater part by far`() {
        let threshold: UInt64 = 128 << 10
        #expect(!Blocks.pay(basis: threshold, content: threshold + 1))
        #expect(!Blocks.pay(basis: threshold + 1, content: threshold))
        #expect(Blocks.pay(basis: threshold + 1, content: threshold + 1))
        #expect(Blocks.pay(basis: 8 << 20, content: 1 << 20))
        #expect(!Blocks.pay(basis: 9 << 20, content: 1 << 20))
        #expect(Blocks.pay(basis: 1 << 20, content: 1 << 40))
        #expect(!Blocks.pay(basis: 1 << 43, content: 1 << 43))
    }

    private func takes(_ expected: Bool, _ entries: [UInt8], _ signature: inout Signature) throws {
        let isTaken = signature.append(entries)
        try #require(isTaken == expected)
    }

    @Test func `entries that are cut or too many are not taken`() throws {
        var signature = Signature(of: Blocks(of: 10_000)!, seed: 1)
        try takes(false, [UInt8](repeating: 1, count: 11), &signature)
        try takes(false, [UInt8](repeating: 1, count: 48), &signature)
        #expect(signature.count == 0)
        try takes(true, [UInt8](repeating: 1, count: 24), &signature)
        try takes(false, [UInt8](repeating: 1, count: 24), &signature)
        try takes(true, [UInt8](repeating: 1, count: 12), &signature)
        #expect(signature.count == 3)
    }

    @Test func `entries are what the page of the wire says`() {
        // Computed apart from this code, with the same words.
        var entries: [UInt8] = []
        let hasher = BlockHasher(Blocks(of: 4096)!, seed: 42)
        Array("nightjar".utf8).withUnsafeBytes { hasher.append(entryOf: $0, to: &entries) }
        [UInt8](repeating: 0, count: 4096).withUnsafeBytes { hasher.append(entryOf: $0, to: &entries) }
        #expect(entries.suffix(12) == [UInt8](repeating: 0, count: 12))
        #expect(entries.prefix(12) == [160, 194, 2, 133, 173, 167, 154, 99, 15, 116, 255, 234])
    }
}
