import Model

/// What a server says.
package enum ServerMessage: Hashable, Sendable {
    case welcome(Welcome)
    /// Directories that the server holds; several messages, the last marked.
    case index([IndexEntry], isLast: Bool)
    case requests(Requests)
    /// In a dry run, before the requests of the part that lacks the name: the server's copy would go.
    case gone(Departed)
    /// A sign of life while the server works for itself.
    case working(Phase, done: UInt64, total: UInt64)
    /// All of the push is safe; the only success there is. In a dry run: nothing was done, and that is all.
    case committed(Generation, PushCounts)
    /// Trouble that only the server sees, for the agent's report.
    case issue(Issue)
    /// On a further channel of a push: it has been let in.
    case joined
    /// A line of the answer to a question.
    case finding(Finding)
    /// The end of the answer.
    case answered(QueryOutcome)
    /// What comes next of an archive.
    case archive([UInt8])
    /// A socket that an archive has no place for, by its path in the jail.
    case leftOut(Path)
    /// A file of an archive that is not what the jail sent.
    case damaged(RestoreSummary.Damage)
    /// What would be in an archive.
    case member(ListedMember)
    /// Whether the night is held now.
    case held(RestoreHold)
    /// The end of an order: the archive is whole, or was counted, or listed.
    case restored(RestoreSummary)
    /// There is nothing that could be restored as it was ordered.
    case declined(RestoreRefusal)
    case refused(Refusal)
    /// What the server has of a file that it asked for as a delta.
    case signatures(SignaturePart)
    /// What became of such a file.
    case verdict(Inquiry, DeltaVerdict)
}

/// A name of which the copy goes, with all below it.
package struct Departed: Hashable, Sendable {
    /// That it was in.
    package var directory: DirectoryNumber
    package var name: Name
    /// What the server has under the name.
    package var kind: FileKind

    package init(directory: DirectoryNumber, name: Name, kind: FileKind) {
        self.directory = directory
        self.name = name
        self.kind = kind
    }
}

/// What a server does after the last word of the agent.
package enum Phase: UInt8, Hashable, Sendable {
    case receiving = 1
    case synchronizing = 2
    case committing = 3
}

/// Why a server ends a session, and what the agent's exit status says of it.
package struct Refusal: Hashable, Sendable {
    /// Its numbers are those of the wire.
    package typealias Code = Verdict

    /// What the agent's exit status says of it.
    package var code: Code
    /// What, where, and what to do.
    package var text: String

    package init(code: Code, text: String) {
        self.code = code
        self.text = text
    }
}

extension ServerMessage {
    static let archiveType: UInt8 = 74

    var type: UInt8 {
        switch self {
        case .welcome: 64
        case .index: 65
        case .requests: 66
        case .working: 67
        case .committed: 68
        case .refused: 69
        case .issue: 70
        case .gone: 71
        case .finding: 72
        case .answered: 73
        case .archive: ServerMessage.archiveType
        case .leftOut: 75
        case .damaged: 76
        case .restored: 77
        case .declined: 78
        case .member: 79
        case .held: 80
        case .signatures: 81
        case .verdict: 82
        case .joined: 83
        }
    }

    func encode(to encoder: inout Encoder) {
        switch self {
        case .welcome(let welcome): welcome.encode(to: &encoder)
        case .index(let entries, let isLast):
            encoder.flags(isLast)
            encoder.number(UInt64(entries.count))
            for entry in entries { entry.encode(to: &encoder) }
        case .requests(let requests): requests.encode(to: &encoder)
        case .working(let phase, let done, let total):
            encoder.byte(phase.rawValue)
            encoder.number(done)
            encoder.number(total)
        case .committed(let generation, let counts):
            encoder.number(UInt64(generation.rawValue))
            counts.encode(to: &encoder)
        case .issue(let issue): issue.encode(to: &encoder)
        case .gone(let departed):
            encoder.number(UInt64(departed.directory.rawValue))
            encoder.name(departed.name)
            encoder.byte(departed.kind.rawValue)
        case .finding(let finding): finding.encode(to: &encoder)
        case .answered(let outcome): encoder.byte(outcome.rawValue)
        case .archive(let bytes): encoder.text(bytes)
        case .leftOut(let path): encoder.text(path.bytes)
        case .damaged(let damage): damage.encode(to: &encoder)
        case .restored(let summary): summary.encode(to: &encoder)
        case .declined(let refusal): refusal.encode(to: &encoder)
        case .member(let member): member.encode(to: &encoder)
        case .held(let hold): hold.encode(to: &encoder)
        case .signatures(let part): part.encode(to: &encoder)
        case .verdict(let place, let verdict):
            encoder.place(place)
            encoder.byte(verdict.rawValue)
        case .joined: break
        case .refused(let refusal):
            encoder.byte(refusal.code.rawValue)
            encoder.text(refusal.text.utf8.prefix(Limits.text))
        }
    }

    init(type: UInt8, from decoder: inout Decoder) throws(WireError) {
        switch type {
        case 64: self = .welcome(try Welcome(from: &decoder))
        case 65:
            let isLast = try decoder.flags(1, "an index")[0]
            var entries: [IndexEntry] = []
            for _ in 0..<(try decoder.count(upTo: Limits.entries, "an index's length")) {
                entries.append(try IndexEntry(from: &decoder))
            }
            self = .index(entries, isLast: isLast)
        case 66: self = .requests(try Requests(from: &decoder))
        case 67:
            let code = try decoder.byte()
            guard let phase = Phase(rawValue: code) else { throw .malformed("unknown phase \(code)") }
            self = .working(phase, done: try decoder.number(), total: try decoder.number())
        case 68:
            let number = try decoder.number(as: Int64.self, "a generation")
            self = .committed(Generation(number), try PushCounts(from: &decoder))
        case 69:
            let code = try decoder.byte()
            guard let code = Refusal.Code(rawValue: code) else { throw .malformed("unknown refusal \(code)") }
            self = .refused(Refusal(code: code, text: try decoder.string(upTo: Limits.text, "a refusal")))
        case 70: self = .issue(try Issue(from: &decoder))
        case 71:
            let (directory, name, code) = (try decoder.directory(), try decoder.name(), try decoder.byte())
            guard let kind = FileKind(rawValue: code) else { throw .malformed("unknown kind of file \(code)") }
            self = .gone(Departed(directory: directory, name: name, kind: kind))
        case 72: self = .finding(try Finding(from: &decoder))
        case 73:
            let code = try decoder.byte()
            guard let outcome = QueryOutcome(rawValue: code) else { throw .malformed("unknown outcome \(code)") }
            self = .answered(outcome)
        case 74: self = .archive(try decoder.text(upTo: Limits.run, "a piece of an archive"))
        case 75: self = .leftOut(try decoder.path())
        case 76: self = .damaged(try RestoreSummary.Damage(from: &decoder))
        case 77: self = .restored(try RestoreSummary(from: &decoder))
        case 78: self = .declined(try RestoreRefusal(from: &decoder))
        case 79: self = .member(try ListedMember(from: &decoder))
        case 80: self = .held(try RestoreHold(from: &decoder))
        case 81: self = .signatures(try SignaturePart(from: &decoder))
        case 82: self = .verdict(try decoder.place(), try decoder.deltaVerdict())
        case 83: self = .joined
        default: throw .malformed("unknown message \(type) of a server")
        }
        try decoder.finish()
    }
}
