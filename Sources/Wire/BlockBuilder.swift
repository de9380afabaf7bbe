import Model

/// Gathers messages until they make a block. A value for one thread; whoever shares one guards it.
package struct BlockBuilder: Sendable {
    private var messages = Encoder()
    private var body = Encoder()

    package init() {}

    /// Whether nothing waits for `flush`.
    package var isEmpty: Bool { messages.bytes.isEmpty }

    /// Adds a message. What no longer fitted beside it comes back, to be sealed and sent first.
    ///
    /// - Precondition: the message keeps to `Limits`; its sender sees to that.
    package mutating func add(_ message: AgentMessage) -> [UInt8]? {
        body.clear()
        message.encode(to: &body)
        return add(type: message.type)
    }

    /// The same for a run of content that lies in a buffer of the caller's: it is copied once, to where it is sent from.
    package mutating func add(
        runOf place: Inquiry, _ runs: RunCount, at offset: UInt64, _ bytes: UnsafeRawBufferPointer
    ) -> [UInt8]? {
        body.clear()
        ContentRun.encodeHead(place, runs, offset, to: &body)
        return add(type: AgentMessage.runType, content: bytes)
    }

    /// The same for an answer with the rest of a file's content in a buffer of the caller's.
    package mutating func add(
        _ answer: Answer, _ digest: ContentDigest, at offset: UInt64, _ rest: UnsafeRawBufferPointer
    ) -> [UInt8]? {
        body.clear()
        answer.encodeHead(to: &body)
        Answer.encodeContent(digest, offset, to: &body)
        return add(type: AgentMessage.answerType, content: rest)
    }

    /// The same for the server's side.
    package mutating func add(_ message: ServerMessage) -> [UInt8]? {
        body.clear()
        message.encode(to: &body)
        return add(type: message.type)
    }

    /// The same for a piece of an archive, out of a buffer of the caller's.
    package mutating func add(archive bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        body.clear()
        return add(type: ServerMessage.archiveType, content: bytes)
    }

    /// What has been gathered, to be sealed and sent; nil if there is nothing.
    package mutating func flush() -> [UInt8]? {
        guard !isEmpty else { return nil }
        defer { messages = Encoder() }
        return messages.bytes
    }

    /// - Parameter content: follows the body, its length before it.
    private mutating func add(type: UInt8, content: UnsafeRawBufferPointer? = nil) -> [UInt8]? {
        if let content { body.number(UInt64(content.count)) }
        let length = body.bytes.count + (content?.count ?? 0)
        let full = messages.bytes.count + length + 5 > Limits.block ? flush() : nil
        messages.byte(type)
        messages.number(UInt64(length))
        messages.append(body)
        if let content { messages.append(content) }
        precondition(messages.bytes.count <= Limits.block, "a message of type \(type) is over the limit of a block")
        return full
    }
}
