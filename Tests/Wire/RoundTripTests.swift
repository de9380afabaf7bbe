import Model
import Testing
import Wire

@Suite struct RoundTripTests {
    @Test(arguments: Samples.ofAgent.indices)
    func `a message of the agent arrives as it was sent`(_ index: Int) throws {
        #expect(try fromAgent(wire([Samples.ofAgent[index]])) == [Samples.ofAgent[index]])
    }

    @Test(arguments: Samples.ofServer.indices)
    func `a message of the server arrives as it was sent`(_ index: Int) throws {
        #expect(try fromServer(wire([Samples.ofServer[index]])) == [Samples.ofServer[index]])
    }

    @Test(arguments: [1, 2, 3, 7, 1_000, 1 << 20])
    func `messages arrive whatever pieces the stream comes in`(_ piece: Int) throws {
        let messages = Samples.ofAgent.filter { if case .run = $0 { false } else { true } }
        #expect(try fromAgent(wire(messages), piece: piece) == messages)
    }

    @Test func `a compressed block holds the same`() throws {
        let compressor = try #require(Compressor(level: 1))
        let plain = wire(Samples.ofAgent)
        let packed = wire(Samples.ofAgent, compressor: compressor)
        #expect(packed.count < plain.count / 2)
        #expect(try fromAgent(packed) == Samples.ofAgent)
    }

    @Test func `one compressor makes blocks of any level, each whole by itself`() throws {
        let compressor = try #require(Compressor())
        let text = (0..<20_000).map { "request \($0 * 2_654_435_761 % 99_991) of the site\n" }.joined()
        let run = AgentMessage.run(
            ContentRun(place: Samples.place, offset: 0, bytes: Array(text.utf8.prefix(Limits.run))))
        var lengths: [Int32: Int] = [:]
        for level: Int32 in [19, 1, 12, 3, 9, 6, 1, 19] {
            compressor.level = level
            let packed = wire([run], compressor: compressor)
            #expect(try fromAgent(packed) == [run])
            if let before = lengths[level] { #expect(packed.count == before, "level \(level)") }
            lengths[level] = packed.count
        }
        #expect((lengths[19] ?? .max) < (lengths[1] ?? 0))
    }

    @Test func `more messages than a block holds become several blocks, in order`() throws {
        let run = AgentMessage.run(
            ContentRun(place: Samples.place, offset: 0, bytes: [UInt8](repeating: 1, count: Limits.run)))
        #expect(try fromAgent(wire([run, run, .directoryKept(.root), run])).count == 4)
    }

    @Test func `a compressed block takes no more memory than it is long, for many wait in queues`() throws {
        let compressor = try #require(Compressor(level: 1))
        let block = Block.sealed([UInt8](repeating: 7, count: Limits.block), compressor: compressor)
        #expect(block.count < 1_000)
        #expect(block.capacity < 2_000)
    }

    @Test func `content out of a buffer makes the same messages`() throws {
        let content: [UInt8] = [1, 2, 3]
        let answer = Answer(
            place: Samples.place, stamp: Samples.stamp(.regular, size: 10), attributes: .none,
            body: .content(Samples.digest, offset: 7, rest: content), isUnsettled: false)
        var builder = BlockBuilder()
        content.withUnsafeBytes { bytes in
            _ = builder.add(runOf: Samples.place, Samples.runs(1, 2), at: 4, bytes)
            _ = builder.add(answer, Samples.digest, at: 7, bytes)
        }
        let run = ContentRun(place: Samples.place, runs: Samples.runs(1, 2), offset: 4, bytes: content)
        let messages = builder.flush() ?? []
        let block = Block.sealed(messages, compressor: nil)
        #expect(try fromAgent(Preface.bytes + block) == [.run(run), .answer(answer)])
    }
}
