import Wire

/// Bytes to be read, handed out in pieces; what is sent is dropped.
struct MemoryStream: ByteStream {
    private final class Source: @unchecked Sendable {
        // Read by one thread of one test.
        var rest: ArraySlice<UInt8>
        init(_ bytes: [UInt8]) { rest = bytes[...] }
    }

    private let source: Source
    private let piece: Int

    init(_ bytes: [UInt8], piece: Int = 1 << 20) {
        source = Source(bytes)
        self.piece = piece
    }

    func send(_ bytes: [UInt8]) throws(StreamError) {}

    func receive(atMost limit: Int) throws(StreamError) -> [UInt8] {
        let next = source.rest.prefix(min(limit, piece))
        source.rest = source.rest.dropFirst(next.count)
        return Array(next)
    }

    var isCongested: Bool { false }

    func close() {}
}

/// What a side would send with these messages in one block.
func wire(_ messages: [AgentMessage], compressor: Compressor? = nil) -> [UInt8] {
    var bytes = Preface.bytes
    var builder = BlockBuilder()
    for message in messages {
        if let full = builder.add(message) { bytes += Block.sealed(full, compressor: compressor) }
    }
    if let rest = builder.flush() { bytes += Block.sealed(rest, compressor: compressor) }
    return bytes
}

func wire(_ messages: [ServerMessage]) -> [UInt8] {
    var bytes = Preface.bytes
    var builder = BlockBuilder()
    for message in messages {
        if let full = builder.add(message) { bytes += Block.sealed(full, compressor: nil) }
    }
    if let rest = builder.flush() { bytes += Block.sealed(rest, compressor: nil) }
    return bytes
}

/// All messages that these bytes hold.
func fromAgent(_ bytes: [UInt8], piece: Int = 1 << 20) throws(WireError) -> [AgentMessage] {
    var reader = try MessageReader(MemoryStream(bytes, piece: piece))
    var messages: [AgentMessage] = []
    while let message = try reader.nextFromAgent() { messages.append(message) }
    return messages
}

func fromServer(_ bytes: [UInt8]) throws(WireError) -> [ServerMessage] {
    var reader = try MessageReader(MemoryStream(bytes))
    var messages: [ServerMessage] = []
    while let message = try reader.nextFromServer() { messages.append(message) }
    return messages
}

/// A preface and one plain block with one message of raw bytes.
func raw(type: UInt8, _ body: [UInt8]) -> [UInt8] {
    var length = Encoder()
    length.number(UInt64(body.count))
    return Preface.bytes + Block.sealed([type] + length.bytes + body, compressor: nil)
}
