import Glibc
import Model
import Platform
import Wire

/// A request, with what the listing said of the name.
struct Question {
    let place: Inquiry
    let name: Name
    let listed: FileStatus
    let want: Want
    let listing: PendingListing

    /// Whether the content is compared with what the server has, in a directory that is verified.
    var isVerification: Bool {
        if case .contentUnless = want { listing.verifies } else { false }
    }

    var path: [UInt8] { listing.trail.bytes(of: name) }
}

/// One of the threads that answer what the server asks: opens a name below its held directory, makes sure that it is
/// what was listed, and sends its attributes and content.
struct Answerer: ~Copyable {
    let session: PushSession
    let activity: Activity
    var outgoing: Outgoing
    let reader: ContentReader
    /// What was sent of the file at hand ahead of its answer.
    var runs = RunCount()

    init(_ session: PushSession) {
        self.session = session
        activity = session.watchdog.newActivity()
        outgoing = Outgoing(session.queue, activity)
        reader = ContentReader(session.throttle)
    }

    /// Until everything has been answered.
    mutating func run() throws(PushEnded) {
        while let work = try next() {
            for item in work.items { try answer(item, work) }
            session.ledger.finished(work)
        }
    }

    private mutating func next() throws(PushEnded) -> Ledger.Work? {
        activity.rest()
        if let work = session.ledger.nextNow() { return work }
        try outgoing.flush()
        return session.ledger.next()
    }

    private mutating func answer(_ item: Requests.Item, _ work: Ledger.Work) throws(PushEnded) {
        let listing = work.listing
        let place = Inquiry(directory: listing.number, ordinal: item.ordinal)
        runs = RunCount()
        do throws(AnswerTrouble) {
            guard let (name, listed) = listing.file(item.ordinal) else { return try answerDirectory(listing, place) }
            activity.begin(listing.trail, name)
            try answer(Question(place: place, name: name, listed: listed, want: item.want, listing: listing))
        } catch {
            let path = listing.file(item.ordinal).map { listing.trail.bytes(of: $0.name) } ?? listing.trail.bytes
            try report(error, path, item, work)
        }
    }

    private mutating func report(
        _ trouble: AnswerTrouble, _ path: [UInt8], _ item: Requests.Item, _ work: Ledger.Work
    ) throws(PushEnded) {
        let place = Inquiry(directory: work.listing.number, ordinal: item.ordinal)
        switch trouble {
        case .ended: throw PushEnded()
        case .vanished: return try outgoing.add(.unavailable(place, .vanished, runs))
        case .leased:
            if !work.isLastTry, runs.next == 0, session.ledger.postpone(item, of: work) { return }
            let detail = "\(escaped(path)) is held by a write lease; the last copy is kept"
            session.issues.add(Issue(path: path, reason: .leased, detail: detail))
        case .failed(let error): session.issues.add(Issue(path: path, error))
        }
        try outgoing.add(.unavailable(place, .kept, runs))
    }

    /// Opens the file as the kind that it was listed as; looks again, twice, if it is another by now.
    private mutating func answer(_ question: Question) throws(AnswerTrouble) {
        // What was listed was below an open directory.
        guard let directory = question.listing.directory else { throw .vanished }
        var expected = question.listed
        for _ in 0..<3 {
            switch expected.kind {
            case .directory: throw .vanished
            case .regular: if try answerFile(question, expected, directory) { return }
            default: if try answerNode(question, expected, directory) { return }
            }
            expected = try asking { () throws(SystemError) in try directory.status(of: question.name) }
        }
        throw .failed(SystemError(operation: "openat", code: EBUSY))
    }

    // MARK: What is there

    /// False if it is not the expected file.
    private mutating func answerFile(
        _ question: Question, _ expected: FileStatus, _ directory: Directory
    ) throws(AnswerTrouble) -> Bool {
        guard let file = try openFile(question.name, directory) else { return false }
        let status = try asking { () throws(SystemError) in try file.status() }
        guard status.isSame(as: expected) else { return false }
        try send(question, file, status)
        return true
    }

    /// Nil if a symlink or a socket stands there now.
    private func openFile(_ name: Name, _ directory: Directory) throws(AnswerTrouble) -> Descriptor? {
        do throws(SystemError) {
            return try directory.openFile(name)
        } catch {
            if [ELOOP, ENXIO, ENODEV].contains(error.code) { return nil }
            throw AnswerTrouble(error)
        }
    }

    /// A symlink, fifo, socket or device; false if it is not the expected one.
    private mutating func answerNode(
        _ question: Question, _ expected: FileStatus, _ directory: Directory
    ) throws(AnswerTrouble) -> Bool {
        let node = try asking { () throws(SystemError) in try directory.openAnything(question.name) }
        let status = try asking { () throws(SystemError) in try node.status() }
        guard status.isSame(as: expected) else { return false }
        var body = Answer.Body.none
        if status.kind == .symlink {
            let target: [UInt8]
            do throws(SystemError) {
                target = try directory.readLink(question.name)
            } catch {
                if error.code == EINVAL { return false }
                throw AnswerTrouble(error)
            }
            // The target of a symlink never changes: what still is the same inode had this one.
            let after = try asking { () throws(SystemError) in try directory.status(of: question.name) }
            guard after.isSame(as: status), !target.isEmpty else { return false }
            body = .target(target)
        }
        let found = try asking { () throws(SystemError) in try node.attributes(kind: status.kind) }
        let attributes = carried(found, status, question.path)
        try send(
            Answer(
                place: question.place, stamp: question.listing.stampAsSent(status), attributes: attributes, body: body,
                isUnsettled: status.stamp.isUnsettled(at: session.settings.clock())))
        return true
    }

    private mutating func answerDirectory(_ listing: PendingListing, _ place: Inquiry) throws(AnswerTrouble) {
        activity.begin(listing.trail)
        var own = listing.own
        var attributes = Attributes.none
        if let directory = listing.directory {
            own = try asking { () throws(SystemError) in try directory.status() }
            let found = try asking { () throws(SystemError) in try directory.attributes() }
            attributes = carried(found, own, listing.trail.bytes)
        }
        try send(
            Answer(
                place: place, stamp: listing.stampAsSent(own), attributes: attributes, body: .none,
                isUnsettled: own.stamp.isUnsettled(at: session.settings.clock())))
    }

    // MARK: What is said

    mutating func send(_ answer: Answer) throws(AnswerTrouble) {
        try sending { (out) throws(PushEnded) in try out.add(.answer(answer)) }
        session.tally.answered()
    }

    mutating func sending(_ body: (inout Outgoing) throws(PushEnded) -> Void) throws(AnswerTrouble) {
        do throws(PushEnded) {
            try body(&outgoing)
        } catch {
            throw .ended
        }
    }

    /// What of the attributes can be sent; what cannot is named.
    func carried(_ found: FoundAttributes, _ status: FileStatus, _ path: [UInt8]) -> Attributes {
        var left = found.unsupported
        let attributes = found.attributes.trimmed(to: Limits.attributes, &left)
        if status.isImmutable { left.append("the immutable or append-only flag") }
        if !left.isEmpty {
            let detail = "not kept: " + left.joined(separator: ", ")
            session.issues.add(Issue(path: path, reason: .unsupported, detail: detail))
        }
        return attributes
    }
}
