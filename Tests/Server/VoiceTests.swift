import Synchronization
import Testing
import Wire

@testable import Server

/// What the server says to its agent.
@Suite struct `A voice` {
    /// The way to an agent that takes nothing.
    private final class Deaf: ByteStream {
        let sent = Atomic(0)
        let isCongested = false

        func send(_ bytes: [UInt8]) throws(StreamError) {
            sent.add(1, ordering: .relaxed)
            throw .timedOut("took nothing")
        }

        func receive(atMost limit: Int) throws(StreamError) -> [UInt8] { [] }
        func close() {}
    }

    @Test func `that nobody hears does not try again: each try may take minutes`() throws {
        let stream = Deaf()
        let voice = Voice(stream)
        for _ in 0..<3 {
            try voice.say(.working(.receiving, done: 0, total: 0))
            #expect(throws: WireError.self) { try voice.flush() }
        }
        #expect(stream.sent.load(ordering: .relaxed) == 1)
        #expect(voice.sent == 0)
    }
}
