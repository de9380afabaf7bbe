import Digest
import Glibc
import Model
import Platform
import Support
import Testing

@testable import Restore

@Suite struct `A time in an archive` {
    @Test(arguments: [
        (Timestamp(seconds: 5, nanoseconds: 7), 5, 7), (Timestamp(seconds: 0, nanoseconds: 0), 0, 0),
        (Timestamp(seconds: -5, nanoseconds: 0), -5, 0), (Timestamp(seconds: -5, nanoseconds: 999_999_999), -4, 1),
        (Timestamp(seconds: -2, nanoseconds: 1), -1, 999_999_999), (Timestamp(seconds: -1, nanoseconds: 5), -1, 0),
    ])
    func `is the number that stands for it, before 1970 too`(time: Timestamp, seconds: Int64, nanoseconds: Int) {
        #expect(paxTime(time) == (seconds, nanoseconds))
    }
}

@Suite(.temporaryDirectory) struct `Content that is read for an archive` {
    /// Writes pieces of data with holes between them, and answers what was read and what was said of it.
    private func read(
        _ pieces: [(offset: UInt64, bytes: [UInt8])], length: UInt64, as size: UInt64, digest: ContentDigest?
    ) throws -> (content: [UInt8], ranges: [Range<UInt64>]?, wrong: String?) {
        let file = try TemporaryDirectory.current.directory.createFile("file")
        try file.truncate(to: length)
        for piece in pieces { try file.write(piece.bytes, at: piece.offset) }
        try file.sync()
        let reader = ContentReader()
        let ranges = try reader.dataRanges(of: file, try file.status())
        var content: [UInt8] = []
        let wrong = try reader.read(file, size: size, data: ranges, digest: digest) { content.take($0) }
        return (content, ranges, wrong)
    }

    @Test func `is whole around its holes, and has the digest of the whole`() throws {
        let pieces: [(offset: UInt64, bytes: [UInt8])] = [
            (70_000, [1, 2, 3]), ((1 << 20) - 1, [4, 5]), (5 << 20, [6]),
        ]
        var whole = [UInt8](repeating: 0, count: 7 << 20)
        for piece in pieces {
            whole.replaceSubrange(Int(piece.offset)..<Int(piece.offset) + piece.bytes.count, with: piece.bytes)
        }
        let found = try read(pieces, length: 7 << 20, as: 7 << 20, digest: ContentHasher.digest(of: whole))
        #expect(found.wrong == nil)
        #expect(found.content == whole)
        #expect(found.ranges?.count == 3, "this file system knows holes")
    }

    @Test func `goes through holes in one step each, however large they are`() throws {
        let end: UInt64 = 1 << 43
        let file = try TemporaryDirectory.current.directory.createFile("file")
        try file.truncate(to: end + 5_000_000)
        try file.write([1], at: 3 << 20)
        try file.write([2], at: end)
        try file.sync()
        let reader = ContentReader()
        let ranges = try #require(try reader.dataRanges(of: file, try file.status()))
        var (size, steps): (UInt64, Int) = (0, 0)
        let wrong = try reader.read(file, size: end + 5_000_000, data: ranges, digest: nil) { piece in
            steps += 1
            switch piece {
            case .bytes(let bytes): size += UInt64(bytes.count)
            case .hole(let count): size += count
            }
        }
        #expect(wrong == nil && size == end + 5_000_000 && steps == 5)
    }

    @Test(arguments: [0, 1, 65_536, 1 << 20, 3_000_001])
    func `is wrong if one byte is`(length: Int) throws {
        let whole = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 + 7) }
        var other = whole
        if length == 0 { other = [0] } else { other[length / 2] ^= 1 }
        let found = try read(
            [(0, whole)], length: UInt64(length), as: UInt64(length), digest: ContentHasher.digest(of: other))
        #expect(found.content == whole)
        #expect(found.wrong == "its content is not what it was")
    }

    @Test func `is filled up with zeros where the file ends too early`() throws {
        let found = try read([(0, [1, 2, 3])], length: 3, as: 2_000_000, digest: nil)
        #expect(found.content.count == 2_000_000 && found.content.prefix(4) == [1, 2, 3, 0])
        #expect(found.wrong == "it ends after 3 bytes")
    }

    @Test func `is read on behind a place that cannot be read`() throws {
        let whole = [UInt8](repeating: 9, count: 3 << 20)
        try TemporaryDirectory.current.write("file", whole)
        let file = try TemporaryDirectory.current.directory.openFile("file")
        var content: [UInt8] = []
        let wrong = try FaultPlan("pread", call: 2, .fail(EIO)).during {
            try ContentReader().read(file, size: 3 << 20, data: nil, digest: nil) { content.take($0) }
        }
        #expect(wrong == "pread: Input/output error")
        var lacking = whole
        lacking.replaceSubrange(1 << 20..<2 << 20, with: [UInt8](repeating: 0, count: 1 << 20))
        #expect(content == lacking)
    }
}

extension [UInt8] {
    fileprivate mutating func take(_ piece: ContentPiece) {
        switch piece {
        case .bytes(let bytes): self += bytes
        case .hole(let count): self += [UInt8](repeating: 0, count: Int(count))
        }
    }
}

@Suite struct `Blocks on their way` {
    @Test func `come out in their order, whoever is done first`() throws {
        let line = BlockLine(capacity: 4, isCompressed: true)
        let threads = try (0..<3).map { number in
            try Thread.spawn("test") {
                while let block = line.next() {
                    usleep(UInt32(1_000 * (2 - number)))
                    block.replace(with: block.raw + [0])
                }
            }
        }
        let feeder = try Thread.spawn("test") {
            for number in 0..<100 { try? line.add([UInt8(number)], RestoreProgress()) }
            line.close()
        }
        var found: [[UInt8]] = []
        try line.drain { found.append($0.finished()) }
        #expect(found == (0..<100).map { [UInt8($0), 0] })
        for thread in threads + [feeder] { thread.join() }
    }

    @Test func `end with the error of whoever gives them, and are wanted no more once somebody cancels`() throws {
        struct Trouble: Error {}
        let line = BlockLine(capacity: 1, isCompressed: false)
        try line.add([1], RestoreProgress())
        line.close(Trouble())
        #expect(throws: Trouble.self) { try line.drain { #expect($0.finished() == [1]) } }
        let other = BlockLine(capacity: 1, isCompressed: false)
        try other.add([1], RestoreProgress())
        other.cancel()
        #expect(throws: BlockLine.Cancelled.self) { try other.add([2], RestoreProgress()) }
    }
}
