import Agent
import Glibc
import Model
import Platform
import Streams
import Testing
import Wire

/// Figures, not judgements: `NIGHTJAR_WALK=/tree swift test -c release --filter WalkSpeed`.
@Suite(.serialized, .enabled(if: getenv("NIGHTJAR_WALK") != nil, "only where a tree is named"))
struct WalkSpeedTests {
    /// A server that asks for everything and remembers nothing, so that the memory is the agent's.
    @Test func `memory of a first push`() throws {
        let tree = String(cString: getenv("NIGHTJAR_WALK")!)
        var pair = try DescriptorPair.sockets()
        let near = try DescriptorStream(socket: pair.takeFirst())
        let far = try DescriptorStream(socket: pair.takeSecond())
        let thread = try Thread.spawn("peer") { try? forget(far) }
        let settings = PushSettings(
            hello: Hello(purpose: .push, release: "1", host: [], backupdir: []), clock: clock(ahead: 10))
        let report = Push.run(try EntryOpening([entry(tree)]), over: near, settings)
        thread.join()
        let status = try Directory.open(Array("/proc/self".utf8)).openFile("status").readAll(atMost: 1 << 16)
        let peak = String(decoding: status, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("VmHWM") }
        print("memory:", report.outcome, report.duration, peak)
    }

    @Test func `walking a tree that has not changed`() throws {
        let tree = String(cString: getenv("NIGHTJAR_WALK")!)
        let peer = Peer()
        let (first, brought) = try push([entry(tree)], to: peer)
        #expect(brought.failure == nil)
        print("first:", first.outcome, first.duration, first.counts, first.bytesSent)
        for _ in 0..<5 {
            let (again, transcript) = try push([entry(tree)], to: peer)
            print("again:", again.duration, again.counts.entries, "files,", transcript.listings.count, "listings")
        }
    }
}

private func forget(_ stream: any ByteStream) throws {
    func say(_ message: ServerMessage) throws {
        var builder = BlockBuilder()
        _ = builder.add(message)
        if let block = builder.flush() { try stream.send(Block.sealed(block, compressor: nil)) }
    }
    try stream.send(Preface.bytes)
    var reader = try MessageReader(stream)
    var counts: [DirectoryNumber: UInt64] = [:]
    while let message = try reader.nextFromAgent() {
        switch message {
        case .hello:
            try say(
                .welcome(
                    Welcome(
                        release: "1", generation: Generation(1), nextDirectory: DirectoryNumber(2), seed: 1, room: 0,
                        continues: false)))
            try say(.index([], isLast: true))
        case .listing(let listing):
            let before = counts[listing.directory] ?? 0
            counts[listing.directory] = listing.tail == nil ? before + UInt64(listing.entries.count) : nil
            var items: [Requests.Item] = listing.head == nil ? [] : [.init(ordinal: 0, want: .attributes)]
            for (index, entry) in listing.entries.enumerated() {
                guard case .file(let stamp) = entry.what else { continue }
                let want = stamp.metadata.kind == .regular ? Want.content : .attributes
                items.append(.init(ordinal: before + UInt64(index) + 1, want: want))
            }
            try say(.requests(Requests(directory: listing.directory, items: items)))
        case .complete(let counts): return try say(.committed(Generation(1), counts))
        default: break
        }
    }
}
