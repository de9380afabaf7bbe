/// Bytes of a stream, read ahead.
struct BufferedInput: Sendable {
    private let stream: any ByteStream
    private var buffer: [UInt8] = []
    private var position = 0

    /// Bytes read so far, from the stream.
    private(set) var received: UInt64 = 0

    init(_ stream: any ByteStream) { self.stream = stream }

    /// Nil at the end of the stream.
    mutating func next() throws(WireError) -> UInt8? {
        guard try fill() else { return nil }
        defer { position += 1 }
        return buffer[position]
    }

    /// Exactly `count` bytes; nil if the stream ends before the first of them.
    mutating func take(_ count: Int) throws(WireError) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            guard try fill() else {
                if bytes.isEmpty { return nil }
                throw .cut
            }
            let length = min(count - bytes.count, buffer.count - position)
            bytes.append(contentsOf: buffer[position..<position + length])
            position += length
        }
        return bytes
    }

    /// What has been read and not been taken yet.
    func available(upTo limit: Int) -> ArraySlice<UInt8> { buffer[position...].prefix(limit) }

    private mutating func fill() throws(WireError) -> Bool {
        if position < buffer.count { return true }
        do {
            buffer = try stream.receive(atMost: Limits.block)
        } catch {
            throw .stream(error)
        }
        position = 0
        received += UInt64(buffer.count)
        return !buffer.isEmpty
    }
}
