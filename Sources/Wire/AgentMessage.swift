import Model

/// What an agent says.
package enum AgentMessage: Hashable, Sendable {
    case hello(Hello)
    case listing(Listing)
    case run(ContentRun)
    case answer(Answer)
    /// There is no answer to a request, though there may be so many runs.
    case unavailable(Inquiry, Absence, RunCount)
    /// A directory that cannot be read: the server keeps what it has of it and all below it.
    case directoryKept(DirectoryNumber)
    /// A directory that was listed in its parent and is no more.
    case directoryGone(DirectoryNumber)
    /// A line for the record of the push.
    case issue(Issue)
    /// A sign of life: something is said at least every 20 s while the agent walks and answers.
    case progress(entries: UInt64, bytes: UInt64)
    /// An entry that was opened, for the figures that the server keeps of each.
    case entry(EntrySighting)
    /// All has been said; the counts have to agree with the server's own before it commits.
    case complete(PushCounts)
    /// What the agent wants to know of its jail's nights.
    case question(Query)
    /// What the agent wants restored of it.
    case order(WrittenOrder)
    /// The agent gives the push up, and why; fit to be shown. The last thing that it says.
    case abort(String)
}

/// How an agent introduces itself.
package struct Hello: Hashable, Sendable {
    /// What the session is for.
    package enum Purpose: UInt8, Sendable {
        case push = 1
        /// The server says what it lacks, and changes nothing.
        case dryRun = 2
        /// Only whether a push would be let in.
        case check = 3
        /// The agent asks of what is kept of its jail, and has it written into archives.
        case questions = 4
        /// One channel more for a push that is under way.
        case channel = 5
    }

    package var purpose: Purpose
    /// The agent's release, for the record.
    package var release: String
    /// What the jail calls itself; a claim, by which nothing is decided.
    package var host: [UInt8]
    /// What the jail's config says; the server goes by the key, and refuses where the two differ.
    package var backupdir: [UInt8]
    /// What is verified in a push or a dry run.
    package var share: VerifyShare
    /// Whether the agent has a list of what changed, and looks only there unless the server says that a full walk is due.
    package var hasHints: Bool
    /// Which push a further channel belongs to; nil for every other purpose.
    package var token: ChannelToken?

    package init(
        purpose: Purpose, release: String, host: [UInt8], backupdir: [UInt8], share: VerifyShare = .none,
        hasHints: Bool = false, token: ChannelToken? = nil
    ) {
        self.purpose = purpose
        self.release = release
        self.host = host
        self.backupdir = backupdir
        self.share = share
        self.hasHints = hasHints
        self.token = token
    }
}

/// Why a request stays without an answer.
package enum Absence: UInt8, Hashable, Sendable {
    /// The file is gone, which is no error; its row ends.
    case vanished = 1
    /// It cannot be read now; the last good copy stays.
    case kept = 2
}

extension AgentMessage {
    static let runType: UInt8 = 3
    static let answerType: UInt8 = 5

    var type: UInt8 {
        switch self {
        case .hello: 1
        case .listing: 2
        case .run: AgentMessage.runType
        case .answer: AgentMessage.answerType
        case .unavailable: 6
        case .directoryKept: 7
        case .directoryGone: 8
        case .issue: 9
        case .progress: 10
        case .complete: 11
        case .abort: 12
        case .entry: 13
        case .question: 14
        case .order: 15
        }
    }

    func encode(to encoder: inout Encoder) {
        switch self {
        case .hello(let hello): hello.encode(to: &encoder)
        case .listing(let listing): listing.encode(to: &encoder)
        case .run(let run): run.encode(to: &encoder)
        case .answer(let answer): answer.encode(to: &encoder)
        case .unavailable(let place, let absence, let runs):
            encoder.place(place)
            encoder.byte(absence.rawValue)
            encoder.runs(runs)
        case .directoryKept(let number), .directoryGone(let number): encoder.number(UInt64(number.rawValue))
        case .issue(let issue): issue.encode(to: &encoder)
        case .progress(let entries, let bytes):
            encoder.number(entries)
            encoder.number(bytes)
        case .complete(let counts): counts.encode(to: &encoder)
        case .abort(let reason): encoder.text(reason.utf8.prefix(Limits.text))
        case .entry(let sighting): sighting.encode(to: &encoder)
        case .question(let query): query.encode(to: &encoder)
        case .order(let order): order.encode(to: &encoder)
        }
    }

    init(type: UInt8, from decoder: inout Decoder) throws(WireError) {
        switch type {
        case 1: self = .hello(try Hello(from: &decoder))
        case 2: self = .listing(try Listing(from: &decoder))
        case 3: self = .run(try ContentRun(from: &decoder))
        case 5: self = .answer(try Answer(from: &decoder))
        case 6:
            let place = try decoder.place()
            let code = try decoder.byte()
            guard let absence = Absence(rawValue: code) else { throw .malformed("unknown absence \(code)") }
            self = .unavailable(place, absence, try decoder.runs())
        case 7: self = .directoryKept(try decoder.directory())
        case 8: self = .directoryGone(try decoder.directory())
        case 9: self = .issue(try Issue(from: &decoder))
        case 10: self = .progress(entries: try decoder.number(), bytes: try decoder.number())
        case 11: self = .complete(try PushCounts(from: &decoder))
        case 12: self = .abort(try decoder.string(upTo: Limits.text, "a reason"))
        case 13: self = .entry(try EntrySighting(from: &decoder))
        case 14: self = .question(try Query(from: &decoder))
        case 15: self = .order(try WrittenOrder(from: &decoder))
        default: throw .malformed("unknown message \(type) of an agent")
        }
        try decoder.finish()
    }
}

extension EntrySighting {
    func encode(to encoder: inout Encoder) {
        encoder.text(path.bytes)
        encoder.number(fileSystem.kind)
        encoder.fixed(fileSystem.number)
    }

    init(from decoder: inout Decoder) throws(WireError) {
        let bytes = try decoder.text(upTo: Limits.text, "an entry's path")
        guard let path = Path(absolute: bytes) else { throw .malformed("«\(escaped(bytes))» is no path of an entry") }
        self.init(
            path: path,
            fileSystem: FileSystemIdentity(kind: try decoder.number(), number: try decoder.fixed()))
    }
}

extension Hello {
    func encode(to encoder: inout Encoder) {
        encoder.byte(purpose.rawValue)
        encoder.text(release)
        encoder.text(host)
        encoder.text(backupdir)
        encoder.number(UInt64(share.rawValue))
        encoder.flags(hasHints)
        if let token { encoder.token(token) }
    }

    init(from decoder: inout Decoder) throws(WireError) {
        let code = try decoder.byte()
        guard let purpose = Purpose(rawValue: code) else { throw .malformed("unknown purpose \(code)") }
        self.purpose = purpose
        release = try decoder.string(upTo: 255, "a release")
        host = try decoder.text(upTo: 255, "a host's name")
        backupdir = try decoder.text(upTo: Limits.text, "a backupdir")
        share = VerifyShare(rawValue: try decoder.number(as: UInt32.self, "a share"))
        hasHints = try decoder.flags(1, "a hello")[0]
        token = purpose == .channel ? try decoder.token() : nil
    }
}
