import Agent
import Digest
import Model
import Platform
import Streams
import Support
import Synchronization
import Testing
import Wire

/// Files that a server wants as deltas, and of which it tells what it has when it is ready to.
@Suite(.temporaryDirectory) struct `A file of which a signature is to come` {
    /// A server that wants large files as deltas, and tells nothing of its copies (which are gone) before it has all else.
    private struct LateServer {
        let small: Int
        var answers = 0
        /// How many answers had come when the first of a large file did.
        var before: Int?
        private var asked: [Inquiry] = []
        private let stream: any ByteStream

        init(_ stream: any ByteStream, small: Int) {
            self.stream = stream
            self.small = small
        }

        private func say(_ messages: ServerMessage...) throws {
            var builder = BlockBuilder()
            for message in messages { _ = builder.add(message) }
            if let block = builder.flush() { try stream.send(Block.sealed(block, compressor: nil)) }
        }

        mutating func serve() throws {
            try stream.send(Preface.bytes)
            var reader = try MessageReader(stream)
            while let message = try reader.nextFromAgent() {
                switch message {
                case .hello:
                    let welcome = Welcome(
                        release: "1", generation: Generation(1), nextDirectory: DirectoryNumber(2), seed: 1, room: 0,
                        continues: false)
                    try say(.welcome(welcome), .index([], isLast: true))
                case .listing(let listing): try ask(listing)
                case .answer(let answer): try take(answer)
                case .complete(let counts): return try say(.committed(Generation(1), counts))
                default: break
                }
            }
        }

        private mutating func ask(_ listing: Wire.Listing) throws {
            var items: [Requests.Item] = []
            for (index, entry) in listing.entries.enumerated() {
                guard case .file(let stamp) = entry.what else { continue }
                let isLarge = stamp.metadata.size > 200_000
                let want = isLarge ? Want.delta(unless: ContentDigest(low: 1, high: 2)) : .content
                items.append(.init(ordinal: UInt64(index) + 1, want: want))
                if isLarge { asked.append(Inquiry(directory: listing.directory, ordinal: UInt64(index) + 1)) }
            }
            try say(.requests(Requests(directory: listing.directory, items: items)))
        }

        private mutating func take(_ answer: Answer) throws {
            if asked.contains(answer.place) {
                before = before ?? answers
                try say(.verdict(answer.place, .taken))
            }
            answers += 1
            guard answers == small else { return }
            for place in asked {
                try say(
                    .signatures(SignaturePart(place: place, seed: 1, length: 0, first: 0, entries: [], isLast: true)))
            }
        }
    }

    @Test func `holds up nothing else that is asked for, by however many such files`() throws {
        let place = try TemporaryDirectory.current
        // More than there are threads that could wait for one each; and they are asked for first.
        for number in 0..<20 {
            let name = try #require(Name(Array("a-large-\(number)".utf8)))
            try place.write(name, [UInt8](repeating: UInt8(number + 1), count: 300_000))
        }
        for number in 0..<10 { try place.write(try #require(Name(Array("small-\(number)".utf8))), "\(number)") }
        var pair = try DescriptorPair.sockets()
        let near = try DescriptorStream(socket: pair.takeFirst())
        let far = try DescriptorStream(socket: pair.takeSecond())
        let served = Mutex<(answers: Int, before: Int?)>((0, nil))
        let thread = try Thread.spawn("peer") {
            var server = LateServer(far, small: 10)
            try? server.serve()
            served.withLock { [server] in $0 = (server.answers, server.before) }
            far.close()
        }
        var settings = PushSettings(
            hello: Hello(purpose: .push, release: "1", host: [], backupdir: []), clock: clock(ahead: 10))
        // Both would wait for each other.
        settings.patience = 10
        let report = Push.run(try EntryOpening([entry(place.path)]), over: near, settings)
        thread.join()
        #expect(report.outcome == .committed(Generation(1)))
        #expect(served.withLock { $0.answers } == 30 && served.withLock { $0.before } == 10)
    }
}
