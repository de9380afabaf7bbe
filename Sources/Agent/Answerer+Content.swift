import Model
import Platform
import Wire

/// The content of regular files: read, read again if it changed meanwhile, and sent as far as the server lacks it.
extension Answerer {
    /// Reads a regular file, once more if it changes meanwhile, and sends what it has read.
    mutating func send(
        _ question: Question, _ file: borrowing Descriptor, _ first: FileStatus
    ) throws(AnswerTrouble) {
        var status = first
        for attempt in 1...2 {
            let time = session.settings.clock()
            let found = try attributes(file)
            let content = try read(question, file, status)
            let after = try reader.status(of: file)
            let hasMoved = after.hasMoved(since: status) || content.size != status.stamp.metadata.size
            if hasMoved, attempt == 1 {
                runs.restart()
                status = after
                continue
            }
            if hasMoved {
                let detail = "it changed while it was read, twice; stored as read"
                session.issues.add(Issue(path: question.path, reason: .changedWhileRead, detail: detail))
            }
            if question.isVerification { session.tally.verified(content.size) }
            var stamp = question.listing.stampAsSent(status)
            stamp.metadata.size = content.size
            let answer = Answer(
                place: question.place, runs: runs, stamp: stamp, attributes: carried(found, status, question.path),
                body: .known(content.digest), isUnsettled: hasMoved || status.stamp.isUnsettled(at: time))
            return try send(answer, content, question)
        }
    }

    /// Reads the content; all but its last run is sent.
    private mutating func read(
        _ question: Question, _ file: borrowing Descriptor, _ status: FileStatus
    ) throws(AnswerTrouble) -> ContentReader.Content {
        outgoing.contentBegins()
        if case .contentUnless(let known) = question.want, status.stamp.metadata.size > UInt64(Limits.run) {
            // What the server may have is not sent on suspicion.
            let content = try reader.read(file, status) { _, _ throws(AnswerTrouble) in }
            if content.digest == known { return content }
        }
        if let signature = question.work.signature {
            return try read(question.place, file, status, against: signature)
        }
        return try reader.read(file, status) { offset, bytes throws(AnswerTrouble) in
            try sendRun(of: question.place, at: offset, bytes)
        }
    }

    mutating func sendRun(
        of place: Inquiry, at offset: UInt64, _ bytes: UnsafeRawBufferPointer
    ) throws(AnswerTrouble) {
        try sending { [runs] (out) throws(PushEnded) in try out.add(runOf: place, runs, at: offset, bytes) }
        runs.count()
        session.tally.sentContent(bytes.count)
    }

    /// Sends the answer with the rest of the content, or only the digest where the server has it all.
    private mutating func send(
        _ answer: Answer, _ content: ContentReader.Content, _ question: Question
    ) throws(AnswerTrouble) {
        switch question.want {
        case .contentUnless(content.digest) where runs.position == 0: return try send(answer)
        // All of it was copied, which nobody needs.
        case .delta(content.digest): return try send(answer)
        case .delta:
            session.ledger.awaitVerdict(
                Requests.Item(ordinal: question.place.ordinal, want: question.want), of: question.work)
        case .attributes, .content, .contentUnless: break
        }
        try sending { (out) throws(PushEnded) in
            try out.add(answer, content.digest, at: content.offset, content.rest)
        }
        session.tally.sentContent(content.rest.count)
        session.tally.answered()
    }

    private func attributes(_ file: borrowing Descriptor) throws(AnswerTrouble) -> FoundAttributes {
        do throws(SystemError) {
            return try file.attributes(kind: .regular)
        } catch {
            throw AnswerTrouble(error)
        }
    }
}
