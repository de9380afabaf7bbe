import Digest
import Glibc
import Housekeeping
import Model
import Platform
import Server
import Storage
import Streams
import Support
import Testing
import Wire

/// A server on a data root of its own, and an agent that a test writes word by word.
final class Peer {
    let backupdir: Backupdir
    let stream: DescriptorStream
    /// What further channels have to show, once it has greeted.
    private(set) var token: ChannelToken?
    private let socket: Int32
    private let serving: Platform.Thread
    private let outcome = Monitor<Session.Outcome?>(nil)

    /// Begins a session in which the agent has yet to say its first byte.
    /// - Parameter signsEvery: milliseconds from one sign of life to the next.
    init(in root: DataRoot, jail: Name = "jail1", reserve: UInt64 = 0, signsEvery: Int = 20_000) throws {
        let backupdir = try root.enroll(jail)
        var pair = try DescriptorPair.sockets()
        let ours = pair.takeFirst()
        let theirs = pair.takeSecond()
        socket = ours.raw
        stream = DescriptorStream(input: try ours.duplicate(), output: ours, patience: 20)
        let server = DescriptorStream(input: try theirs.duplicate(), output: theirs, patience: 20)
        let settings = Peer.settings(reserve: reserve, signsEvery: signsEvery)
        serving = try Thread.spawn("server") { [outcome, settings] in
            let ended = Session.serve(server, of: backupdir, settings)
            outcome.with { $0 = ended }
        }
        self.backupdir = backupdir
    }

    static func settings(reserve: UInt64, signsEvery: Int) -> Session.Settings {
        var settings = Session.Settings(
            release: "test", reserve: reserve, rotateInterval: 72_000, brake: BrakeLimits(shrink: 50, change: 80),
            now: wallClock, day: { "\($0.seconds)" })
        settings.signsEvery = signsEvery
        settings.patience = 1_000
        return settings
    }

    /// Sends bytes as they are.
    func send(raw bytes: [UInt8]) throws { try stream.send(bytes) }

    /// Sends messages as one block.
    func send(_ messages: AgentMessage...) throws {
        var builder = BlockBuilder()
        for message in messages {
            if let full = builder.add(message) { try stream.send(Block.sealed(full, compressor: nil)) }
        }
        if let rest = builder.flush() { try stream.send(Block.sealed(rest, compressor: nil)) }
    }

    /// Says who it is, and gives the reader of what the server says, which has said welcome and its index.
    func greet(_ purpose: Hello.Purpose = .push, share: VerifyShare = .none) throws -> MessageReader {
        try send(raw: Preface.bytes)
        try send(
            .hello(
                Hello(
                    purpose: purpose, release: "test", host: [], backupdir: backupdir.path.bytes, share: share)))
        var reader = try MessageReader(stream)
        while let message = try reader.nextFromServer() {
            if case .welcome(let welcome) = message { token = welcome.token }
            if case .index(_, isLast: true) = message { break }
        }
        return reader
    }

    /// Says that all has been said.
    func complete(listings: UInt64, answers: UInt64) throws {
        var counts = PushCounts()
        counts.listings = listings
        counts.answers = answers
        try send(.complete(counts))
    }

    /// Greets, and throws the code with which it is refused.
    func refusal(backupdir: [UInt8]? = nil) throws {
        try send(raw: Preface.bytes)
        let hello = Hello(
            purpose: .push, release: "test", host: [], backupdir: backupdir ?? self.backupdir.path.bytes)
        try send(.hello(hello))
        var reader = try MessageReader(stream)
        while let message = try reader.nextFromServer() {
            if case .refused(let refusal) = message { throw refusal.code }
        }
    }

    /// The tree `0`.
    func newest() throws -> Directory { try Directory.open(backupdir.path).openDirectory("0") }

    /// Waits for the end of the session, which the server brings about.
    func outcomeAtOnce() -> Session.Outcome? {
        serving.join()
        return outcome.with { $0 }
    }

    /// Hangs up, and says how the session ended.
    func hangUp() -> Session.Outcome? {
        shutdown(socket, Int32(SHUT_WR))
        serving.join()
        return outcome.with { $0 }
    }
}

extension MessageReader {
    /// The next requests; nil if the server ends before.
    mutating func requests() throws -> Requests? {
        while let message = try nextFromServer() {
            if case .requests(let requests) = message { return requests }
        }
        return nil
    }

    /// What the server says last, where it commits.
    mutating func last() throws -> ServerMessage? {
        while let message = try nextFromServer() {
            if case .committed = message { return message }
        }
        return nil
    }

    /// What was committed; nil if the server ends without.
    mutating func committed() throws -> Generation? {
        while let message = try nextFromServer() {
            if case .committed(let generation, _) = message { return generation }
        }
        return nil
    }
}

extension Refusal.Code: Error {}

// What an agent says of files in a directory.

/// What every file of these says.
let content = Array("hello".utf8)

/// The directory in which they lie.
let own = Stamp(
    metadata: Metadata(kind: .directory, mode: 0o755, owner: 0, group: 0, modified: Timestamp(seconds: 1)), inode: 2,
    links: 2, changed: Timestamp(seconds: 1))

/// Of a file.
func file(inode: UInt64, links: UInt32 = 1) -> Stamp {
    let metadata = Metadata(
        kind: .regular, mode: 0o644, owner: 0, group: 0, size: UInt64(content.count), modified: Timestamp(seconds: 1))
    return Stamp(metadata: metadata, inode: inode, links: links, changed: Timestamp(seconds: 1))
}

/// Of the jail's `/`, whole.
func listing(_ names: [Name: Stamp]) -> Wire.Listing {
    Wire.Listing(
        directory: .root, head: .init(own: own, inodesLast: true, fileSystem: 1),
        entries: names.sorted { $0.key < $1.key }.map { .init(name: $0.key, what: .file($0.value)) },
        tail: .init(digest: ListingDigest(rawValue: 7)))
}

/// With all of the content.
func answer(_ ordinal: UInt64, _ stamp: Stamp) -> Answer {
    Answer(
        place: Inquiry(directory: .root, ordinal: ordinal), stamp: stamp, attributes: .none,
        body: .content(ContentHasher.digest(of: content), offset: 0, rest: content), isUnsettled: false)
}

/// About the directory itself.
let directoryAnswer = Answer(
    place: Inquiry(directory: .root, ordinal: 0), stamp: own, attributes: .none, body: .none, isUnsettled: false)
