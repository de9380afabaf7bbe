import Agent
import Digest
import Glibc
import Configuration
import Model
import Platform
import Streams
import Synchronization
import Wire

/// A server in memory: it keeps the index and the stamps that a real one would, asks for what it lacks, and writes down
/// all that it was told.
final class Peer: Sendable {
    struct Row: Hashable {
        var what: Wire.Listing.What
        var digest: ContentDigest?
        var unsettled = false
    }

    /// What one session brought.
    struct Transcript {
        var hello: Hello?
        var listings: [Wire.Listing] = []
        var answers: [Answer] = []
        var contents: [String: [UInt8]] = [:]
        var digests: [String: ContentDigest] = [:]
        var attributes: [String: Attributes] = [:]
        var restarts = 0
        var runs = 0
        var runBytes = 0
        var unavailable: [String: Absence] = [:]
        var kept: [String] = []
        var gone: [String] = []
        var issues: [Issue] = []
        var sightings: [EntrySighting] = []
        var counts: PushCounts?
        var failure: String?
        var abortion: String?
        var answered: [String: Answer] = [:]
    }

    struct State {
        var next: Int64 = 2
        var parents: [Int64: (parent: Int64, name: Name?)] = [1: (0, nil)]
        var digests: [Int64: ListingDigest] = [:]
        var rows: [Int64: [Name: Row]] = [:]
        var own: [Int64: Stamp] = [:]
        var generation: Int64 = 1
        var isFullWalkDue = false
    }

    let state = Mutex(State())
    /// Called with each path before it is asked for; a test moves things under the agent's feet here.
    let beforeAsking: @Sendable (String) -> Void
    /// Called with each listing before it is answered.
    let onListing: @Sendable (String) -> Void

    /// Goes without a word once it has all.
    let dropsAtCommit: Bool

    init(
        beforeAsking: @escaping @Sendable (String) -> Void = { _ in },
        onListing: @escaping @Sendable (String) -> Void = { _ in }, dropsAtCommit: Bool = false
    ) {
        self.dropsAtCommit = dropsAtCommit
        self.beforeAsking = beforeAsking
        self.onListing = onListing
    }

    func path(_ number: Int64) -> String {
        state.withLock { state in
            var names: [String] = []
            var at = number
            while let entry = state.parents[at], let name = entry.name {
                names.append(name.description)
                at = entry.parent
            }
            return "/" + names.reversed().joined(separator: "/")
        }
    }

    func path(_ number: Int64, _ name: Name) -> String {
        let directory = path(number)
        return directory == "/" ? "/\(name)" : "\(directory)/\(name)"
    }

    /// One session, to its end.
    func serve(_ stream: any ByteStream) -> Transcript {
        var transcript = Transcript()
        do {
            try serve(stream, &transcript)
        } catch {
            transcript.failure = "\(error)"
        }
        return transcript
    }

    private func serve(_ stream: any ByteStream, _ transcript: inout Transcript) throws {
        func say(_ messages: ServerMessage...) throws {
            var builder = BlockBuilder()
            for message in messages {
                if let full = builder.add(message) { try stream.send(Block.sealed(full, compressor: nil)) }
            }
            if let rest = builder.flush() { try stream.send(Block.sealed(rest, compressor: nil)) }
        }
        try stream.send(Preface.bytes)
        var reader = try MessageReader(stream)
        var names: [Int64: [Wire.Listing.Entry]] = [:]
        var pending: [Int64: [Name: Row]] = [:]
        var tails: [Int64: ListingDigest] = [:]
        var runs: [Inquiry: [ContentRun]] = [:]
        while let message = try reader.nextFromAgent() {
            switch message {
            case .hello(let hello):
                transcript.hello = hello
                try say(
                    .welcome(
                        state.withLock {
                            Welcome(
                                release: "test", generation: Generation($0.generation),
                                nextDirectory: DirectoryNumber($0.next),
                                seed: 42, room: 0, continues: false, isFullWalkDue: $0.isFullWalkDue)
                        }))
                let entries = state.withLock { state in
                    state.rows.keys.sorted().map { number in
                        IndexEntry(
                            number: DirectoryNumber(number), parent: DirectoryNumber(state.parents[number]!.parent),
                            name: state.parents[number]!.name, digest: state.digests[number],
                            identity: hello.hasHints
                                ? state.own[number].map { IndexEntry.Identity(inode: $0.inode, changed: $0.changed) }
                                : nil)
                    }
                }
                var rest = entries[...]
                while rest.count > Limits.entries {
                    try say(.index(Array(rest.prefix(Limits.entries)), isLast: false))
                    rest = rest.dropFirst(Limits.entries)
                }
                try say(.index(Array(rest), isLast: true))
            case .listing(let listing):
                transcript.listings.append(listing)
                let number = listing.directory.rawValue
                if let head = listing.head {
                    names[number] = []
                    pending[number] = [:]
                    state.withLock { $0.own[number] = head.own }
                }
                try take(listing, &names, &pending, say: { try say($0) })
                if let tail = listing.tail { tails[number] = tail.digest }
            case .run(let run):
                transcript.runs += 1
                transcript.runBytes += run.bytes.count
                if run.runs.first > 0, run.runs.position == 0 { transcript.restarts += 1 }
                runs[run.place, default: []].append(run)
            case .answer(let answer):
                transcript.answers.append(answer)
                let number = answer.place.directory.rawValue
                guard answer.place.ordinal > 0 else {
                    transcript.attributes[path(number)] = answer.attributes
                    continue
                }
                let name = names[number]![Int(answer.place.ordinal) - 1].name
                let path = path(number, name)
                transcript.answered[path] = answer
                transcript.attributes[path] = answer.attributes
                pending[number]![name]!.what = .file(answer.stamp)
                pending[number]![name]!.unsettled = answer.isUnsettled
                switch answer.body {
                case .known(let digest):
                    transcript.digests[path] = digest
                    pending[number]![name]!.digest = digest
                case .content(let digest, let offset, let rest):
                    transcript.digests[path] = digest
                    pending[number]![name]!.digest = digest
                    let sent = runs.removeValue(forKey: answer.place) ?? []
                    if sent.map(\.runs.next) != Array(0..<answer.runs.next) {
                        transcript.failure = "runs of \(path) that do not count up to \(answer.runs.next)"
                    }
                    let parts =
                        sent.filter { $0.runs.first == answer.runs.first }.map { ($0.offset, $0.bytes) }
                        + [(offset, rest)]
                    if answer.stamp.metadata.size < 64 << 20 {
                        var content = [UInt8](repeating: 0, count: Int(answer.stamp.metadata.size))
                        for (offset, bytes) in parts {
                            content.replaceSubrange(Int(offset)..<Int(offset) + bytes.count, with: bytes)
                        }
                        transcript.contents[path] = content
                        if ContentHasher.digest(of: content) != digest { transcript.failure = "digest of \(path)" }
                    }
                case .target(let target): transcript.contents[path] = target
                case .none: break
                }
            case .unavailable(let place, let absence, _):
                runs[place] = nil
                let number = place.directory.rawValue
                let name = names[number]![Int(place.ordinal) - 1].name
                transcript.unavailable[path(number, name)] = absence
                pending[number]![name] = absence == .kept ? state.withLock { $0.rows[number]?[name] } : nil
                tails[number] = nil
            case .directoryKept(let number): transcript.kept.append(path(number.rawValue))
            case .directoryGone(let number): transcript.gone.append(path(number.rawValue))
            case .issue(let issue): transcript.issues.append(issue)
            case .copied(let run): transcript.failure = "a copy of \(run.place), of which nothing was told"
            case .progress, .question, .order: break
            case .abort(let reason):
                transcript.abortion = reason
                return
            case .entry(let sighting): transcript.sightings.append(sighting)
            case .complete(let counts):
                transcript.counts = counts
                if dropsAtCommit { return }
                state.withLock { state in
                    for (number, rows) in pending {
                        state.rows[number] = rows
                        state.digests[number] = tails[number]
                    }
                    state.generation += 1
                }
                try say(.working(.committing, done: 0, total: 1))
                try say(.committed(Generation(state.withLock { $0.generation - 1 }), PushCounts()))
                return
            }
        }
        transcript.failure = "the agent ended the stream"
    }

    private func take(
        _ listing: Wire.Listing, _ names: inout [Int64: [Wire.Listing.Entry]], _ pending: inout [Int64: [Name: Row]],
        say: (ServerMessage) throws -> Void
    ) throws {
        let number = listing.directory.rawValue
        onListing(path(number))
        var items: [Requests.Item] = listing.head == nil ? [] : [.init(ordinal: 0, want: .attributes)]
        for entry in listing.entries {
            names[number]!.append(entry)
            let ordinal = UInt64(names[number]!.count)
            let before = state.withLock { $0.rows[number]?[entry.name] }
            switch entry.what {
            case .kept: pending[number]![entry.name] = before
            case .directory(let child):
                pending[number]![entry.name] = Row(what: entry.what)
                state.withLock { state in
                    state.parents[child.rawValue] = (number, entry.name)
                    state.next = max(state.next, child.rawValue + 1)
                }
            case .file(let stamp):
                var held: (stamp: Stamp, digest: ContentDigest?)?
                if let before, case .file(let stamp) = before.what, !before.unsettled { held = (stamp, before.digest) }
                if let before, case .file(var stamp) = before.what, before.unsettled {
                    stamp.changed = Timestamp(seconds: 0)
                    held = (stamp, before.digest)
                }
                pending[number]![entry.name] = before ?? Row(what: entry.what)
                if let want = want(held: held, seen: stamp, inodesLast: true) {
                    beforeAsking(path(number, entry.name))
                    items.append(.init(ordinal: ordinal, want: want))
                } else {
                    pending[number]![entry.name]!.what = entry.what
                }
            }
        }
        try say(.requests(Requests(directory: listing.directory, items: items)))
    }
}

/// The wall clock, some seconds ahead, so that what a test has just written counts as settled.
func clock(ahead seconds: Int64) -> @Sendable () -> Timestamp {
    {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Timestamp(seconds: Int64(now.tv_sec) + seconds, nanoseconds: UInt32(now.tv_nsec))
    }
}

/// Runs a push of some entries against a peer, over a socket pair.
func push(
    _ entries: [Entry], to peer: Peer, ahead: Int64 = 10, purpose: Hello.Purpose = .push, slowWire: Bool = false,
    _ adjust: (inout PushSettings) -> Void = { _ in }
) throws -> (report: PushReport, transcript: Peer.Transcript) {
    try push(EntryOpening(entries), to: peer, ahead: ahead, purpose: purpose, slowWire: slowWire, adjust)
}

/// The same of entries that have been opened.
func push(
    _ opening: EntryOpening, to peer: Peer, ahead: Int64 = 10, purpose: Hello.Purpose = .push, slowWire: Bool = false,
    _ adjust: (inout PushSettings) -> Void = { _ in }
) throws -> (report: PushReport, transcript: Peer.Transcript) {
    var pair = try DescriptorPair.sockets()
    let near = try DescriptorStream(socket: pair.takeFirst())
    let far = try DescriptorStream(socket: pair.takeSecond())
    let transcript = Mutex(Peer.Transcript())
    let thread = try Thread.spawn("peer") {
        let found = peer.serve(far)
        transcript.withLock { $0 = found }
        far.close()
    }
    var settings = PushSettings(
        hello: Hello(purpose: purpose, release: "1", host: Array("jail15".utf8), backupdir: Array("/data/jail15".utf8)),
        clock: clock(ahead: ahead))
    adjust(&settings)
    let report = Push.run(opening, over: slowWire ? SlowWire(stream: near) : near, settings)
    thread.join()
    return (report, transcript.withLock { $0 })
}

func entry(_ path: String, line: Int = 1) -> Entry {
    Entry(path: Path(absolute: Array(path.utf8))!, line: line)
}

/// A stream that says that it is the wire that is slow.
private struct SlowWire: ByteStream {
    let stream: DescriptorStream
    var isCongested: Bool { true }

    func send(_ bytes: [UInt8]) throws(StreamError) { try stream.send(bytes) }
    func receive(atMost limit: Int) throws(StreamError) -> [UInt8] { try stream.receive(atMost: limit) }
    func close() { stream.close() }
}
