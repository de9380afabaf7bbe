import CZstd
import Model

/// Messages under way together: what is compressed, sent and received in one piece.
///
/// On the wire a block is its stored length and its plain length, four bytes each, the lowest first, then the bytes:
/// plain if the lengths are equal, else one zstd frame.
package enum Block {
    static let head = 8

    /// The bytes of a block with these messages; compressed where `compressor` is given and the block shrinks by a 16th.
    package static func sealed(_ messages: [UInt8], compressor: Compressor?) -> [UInt8] {
        precondition(messages.count <= Limits.block)
        if let packed = compressor?.compress(messages, leaving: head, unlessOver: messages.count - messages.count / 16)
        {
            return packed
        }
        var block: [UInt8] = []
        block.reserveCapacity(head + messages.count)
        block += bytes(of: UInt32(messages.count))
        block += bytes(of: UInt32(messages.count))
        block += messages
        return block
    }

    static func bytes(of value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
}

/// A zstd compressor that is used again from block to block. For one thread at a time.
package final class Compressor {
    private let context: OpaquePointer
    /// Of zstd, for the next block; its memory follows the level, and at 19 is some megabytes, as no block is longer than
    /// `Limits.block`.
    package var level: Int32
    /// Compressed into first, so that a block takes no more memory than it is long: many of them wait in queues.
    private let scratch: UnsafeMutableRawBufferPointer

    /// Nil where there is no memory for one.
    package init?(level: Int32 = 1) {
        guard let context = ZSTD_createCCtx() else { return nil }
        self.context = context
        self.level = level
        scratch = .allocate(byteCount: Limits.block, alignment: 64)
    }

    deinit {
        ZSTD_freeCCtx(context)
        scratch.deallocate()
    }

    func compress(_ plain: [UInt8], leaving head: Int, unlessOver limit: Int) -> [UInt8]? {
        guard limit > 0 else { return nil }
        let room = min(limit, scratch.count)
        let size = plain.withUnsafeBytes { source in
            ZSTD_compressCCtx(context, scratch.baseAddress, room, source.baseAddress, source.count, level)
        }
        // An error here means: it does not fit, so it does not pay.
        guard ZSTD_isError(size) == 0 else { return nil }
        return [UInt8](unsafeUninitializedCapacity: head + size) { buffer, count in
            let block = UnsafeMutableRawBufferPointer(buffer)
            block.storeBytes(of: UInt32(size).littleEndian, as: UInt32.self)
            block.storeBytes(of: UInt32(plain.count).littleEndian, toByteOffset: 4, as: UInt32.self)
            UnsafeMutableRawBufferPointer(rebasing: block[head...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: scratch[..<size]))
            count = head + size
        }
    }
}

/// Undoes `Compressor`, believing nothing of what it is given.
// @unchecked: in the hands of its one reader.
final class Decompressor: @unchecked Sendable {
    private let context: OpaquePointer

    init?() {
        guard let context = ZSTD_createDCtx() else { return nil }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Exactly `count` bytes, or an error: a frame can neither ask for more memory nor pour out more.
    func decompress(_ stored: [UInt8], to count: Int) throws(WireError) -> [UInt8] {
        let plain = [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            let size = stored.withUnsafeBytes { source in
                ZSTD_decompressDCtx(context, buffer.baseAddress, count, source.baseAddress, source.count)
            }
            written = ZSTD_isError(size) == 0 ? size : 0
        }
        guard plain.count == count else { throw .malformed("a block does not decompress to its declared length") }
        return plain
    }
}
