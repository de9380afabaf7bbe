/// The messages of one direction, in order. For one thread at a time.
package struct MessageReader: ~Copyable, Sendable {
    private var input: BufferedInput
    private var block = Decoder([])
    private var decompressor: Decompressor?

    /// Reads the preface of the other side before it gives anything.
    package init(_ stream: any ByteStream) throws(WireError) {
        input = BufferedInput(stream)
        try Preface.read(from: &input)
    }

    /// Reads on in a stream of which another process has read the preface and what came with it, and nothing more.
    package init(continuing stream: any ByteStream) { input = BufferedInput(stream) }

    /// Bytes that the wire has brought so far.
    package var received: UInt64 { input.received }

    /// The next message of the agent; nil if the stream ends between two blocks, which says nothing of success.
    package mutating func nextFromAgent() throws(WireError) -> AgentMessage? {
        guard let (type, message) = try next() else { return nil }
        var body = message
        return try AgentMessage(type: type, from: &body)
    }

    /// The next message of the server; nil if the stream ends between two blocks.
    package mutating func nextFromServer() throws(WireError) -> ServerMessage? {
        guard let (type, message) = try next() else { return nil }
        var body = message
        return try ServerMessage(type: type, from: &body)
    }

    /// Whether the next message can be had without waiting for the other side.
    package var hasMore: Bool { !block.isAtEnd }

    private mutating func next() throws(WireError) -> (type: UInt8, body: Decoder)? {
        while block.isAtEnd {
            guard let bytes = try nextBlock() else { return nil }
            block = Decoder(bytes)
        }
        return try block.message()
    }

    private mutating func nextBlock() throws(WireError) -> [UInt8]? {
        guard let head = try input.take(Block.head) else { return nil }
        let stored = Self.length(head[0..<4])
        let plain = Self.length(head[4..<8])
        guard plain > 0, plain <= Limits.block, stored > 0, stored <= plain else {
            throw .malformed("a block of \(stored) bytes for \(plain); the limit is \(Limits.block)")
        }
        guard let bytes = try input.take(stored) else { throw .cut }
        if stored == plain { return bytes }
        if decompressor == nil { decompressor = Decompressor() }
        guard let decompressor else { throw .stream(.failed("no memory for zstd")) }
        return try decompressor.decompress(bytes, to: plain)
    }

    private static func length(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
