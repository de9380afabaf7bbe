import Model
import Platform
import Server
import Storage
import Streams
import Testing
import Wire

/// A further channel of a push, as an agent would open it: a session of its own that hands its stream over.
final class FurtherChannel {
    private let ours: DescriptorStream
    private let socket: Descriptor
    private let serving: Platform.Thread
    private let outcome = Monitor<Session.Outcome?>(nil)

    /// Says hello, and waits until the server has let it in, or not.
    init(of peer: Peer, _ token: ChannelToken) throws {
        var pair = try DescriptorPair.sockets()
        let near = pair.takeFirst()
        socket = try near.duplicate()
        ours = try DescriptorStream(socket: near, patience: 20)
        let theirs = try DescriptorStream(socket: pair.takeSecond(), patience: 20)
        let (backupdir, settings) = (peer.backupdir, Peer.settings(reserve: 0, signsEvery: 20_000))
        serving = try Thread.spawn("further") { [outcome] in
            let ended = Session.serve(theirs, of: backupdir, settings)
            outcome.with { $0 = ended }
        }
        try ours.send(Preface.bytes)
        try send(
            .hello(
                Hello(purpose: .channel, release: "test", host: [], backupdir: backupdir.path.bytes, token: token)))
        var reader = try MessageReader(ours)
        isJoined = try reader.nextFromServer() == .joined
    }

    private(set) var isJoined = false

    /// Sends messages as one block.
    func send(_ messages: AgentMessage...) throws {
        var builder = BlockBuilder()
        for message in messages {
            if let full = builder.add(message) { try ours.send(Block.sealed(full, compressor: nil)) }
        }
        if let rest = builder.flush() { try ours.send(Block.sealed(rest, compressor: nil)) }
    }

    /// Sends bytes as they are.
    func send(raw bytes: [UInt8]) throws { try ours.send(bytes) }

    /// Hangs up.
    func end() { socket.shutDown() }

    /// How its session ended.
    func ending() -> Session.Outcome? {
        serving.join()
        return outcome.with { $0 }
    }
}
