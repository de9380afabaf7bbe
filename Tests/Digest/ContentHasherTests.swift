import Digest
import Model
import Testing

struct ContentHasherTests {
    private static let block = ContentHasher.blockSize

    private static func blocks(_ fills: [UInt8], tail: Int = 0) -> [UInt8] {
        fills.flatMap { [UInt8](repeating: $0, count: block) } + [UInt8](repeating: 7, count: tail)
    }

    private static func digestInParts(_ content: [UInt8], of size: Int, skippingHoles: Bool) -> ContentDigest {
        var hasher = ContentHasher()
        content.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: size) {
                let part = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + size, bytes.count)])
                if skippingHoles, isZero(part) { continue }
                hasher.update(block: part, at: UInt64(start))
            }
        }
        return hasher.finish(length: UInt64(content.count))
    }

    @Test(arguments: [[1, 2, 3], [0, 0, 1], [1, 0, 0], [0], [1, 0, 2, 0]] as [[UInt8]])
    func `the same content has one digest however it is cut and wherever its holes are`(fills: [UInt8]) {
        let content = Self.blocks(fills, tail: 100)
        let whole = ContentHasher.digest(of: content)
        #expect(Self.digestInParts(content, of: Self.block, skippingHoles: false) == whole)
        #expect(Self.digestInParts(content, of: Self.block, skippingHoles: true) == whole)
        #expect(Self.digestInParts(content, of: 3 * Self.block, skippingHoles: false) == whole)
    }

    @Test func `what differs has another digest`() {
        let contents: [[UInt8]] = [
            [], [0], [0, 0], [1], [1, 0], [0, 1], Self.blocks([0]), Self.blocks([0, 0]), Self.blocks([1]),
            Self.blocks([1, 0]), Self.blocks([0, 1]), Self.blocks([1, 1]), Self.blocks([1, 2]), Self.blocks([2, 1]),
        ]
        #expect(Set(contents.map(ContentHasher.digest(of:))).count == contents.count)
    }

    @Test func `a hasher begins anew after a reset`() {
        let content = Self.blocks([1, 2])
        var hasher = ContentHasher()
        content.withUnsafeBytes { hasher.update(block: $0, at: 0) }
        _ = hasher.finish(length: 5)
        hasher.reset()
        content.withUnsafeBytes { hasher.update(block: $0, at: 0) }
        #expect(hasher.finish(length: UInt64(content.count)) == ContentHasher.digest(of: content))
    }

    @Test func `the digest is what it was: catalogs keep it`() {
        #expect(
            ContentHasher.digest(of: Array("nightjar".utf8))
                == ContentDigest(low: 6_230_270_640_603_989_285, high: 1_470_826_195_369_976_458))
    }

    @Test func `a single byte anywhere makes a block count`() {
        for size in [1, 15, 16, 17, 255, 256, 257, 1000] {
            var bytes = [UInt8](repeating: 0, count: size)
            #expect(bytes.withUnsafeBytes(isZero))
            for position in bytes.indices {
                bytes[position] = 0x80
                #expect(!bytes.withUnsafeBytes(isZero), "size \(size), position \(position)")
                bytes[position] = 0
            }
        }
    }
}
