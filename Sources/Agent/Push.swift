import Model
import Platform
import Synchronization
import Wire

/// One run of the agent against the server.
package enum Push {
    /// Sends what differs, and waits until the server has it safe.
    ///
    /// Never throws: what ended it is in the report, with what had been done by then. After `.stalled` a thread is still
    /// in a call that does not return; the program has to end. The stream is closed, however the push ended.
    package static func run(
        _ entries: EntryOpening, over stream: any ByteStream, _ settings: PushSettings
    ) -> PushReport {
        let line = Line(stream, settings, entries.issues)
        let start = ContinuousClock.now
        var report = PushReport(
            outcome: .failed(.cut), generation: nil, continues: false, counts: PushCounts(), issues: [], bytesSent: 0,
            bytesReceived: 0, walkers: 0, channels: 1, duration: .zero)
        do throws(PushError) {
            report.outcome = try push(entries, line, &report)
        } catch {
            line.fail(error)
            report.outcome = .failed(line.failure ?? error)
        }
        stream.close()
        report.counts = line.counts(server: report.counts)
        report.verified = line.tally.verified
        report.issues = line.issues.all
        report.bytesSent = line.queue.sent.load(ordering: .relaxed)
        report.bytesReceived = line.bytesReceived
        report.duration = start.duration(to: .now)
        return report
    }

    private static func push(
        _ entries: EntryOpening, _ line: Line, _ report: inout PushReport
    ) throws(PushError) -> PushReport.Outcome {
        let threads = try line.open()
        let welcome = try line.welcome()
        (report.generation, report.continues) = (welcome.generation, welcome.continues)
        let index = try line.index()

        let hints = Hints(line.settings.hints, welcome, index, line.settings.hello.share)
        report.isPartial = hints != nil
        guard let root = Visit(jail: entries, index, hints) else { throw .noEntry }
        let session = PushSession(line, welcome, index, hints, root)
        let further = try line.openFurtherChannels(welcome.token)
        defer { report.channels = 1 + (further?.end() ?? 0) }
        report.walkers = WalkerRule.walkers(on: entries.media, processors: processors())
        try walkAndAnswer(session, walkers: report.walkers, line)
        try complete(entries.sightings, session, line)

        let (generation, counts) = try line.committed()
        report.counts = counts
        line.queue.close()
        for thread in threads { thread.join() }
        return line.settings.hello.purpose == .dryRun ? .rehearsed : .committed(generation)
    }

    /// Whether the server would let a push in, and what it says to it.
    package static func check(
        over stream: any ByteStream, _ settings: PushSettings
    ) throws(PushError) -> Welcome {
        var settings = settings
        settings.hello.purpose = .check
        let line = Line(stream, settings, [])
        defer { line.fail(.cut) }
        _ = try line.open()
        return try line.welcome()
    }

    /// Until every directory has been walked, and every request answered.
    private static func walkAndAnswer(_ session: PushSession, walkers: Int, _ line: Line) throws(PushError) {
        line.attach(session.stack)
        let walking = Crew()
        let answering = Crew()
        for _ in 0..<walkers {
            try walking.add(line, "walk") { () throws(PushEnded) in
                var walker = Walker(session)
                try walker.run()
            }
        }
        for _ in 0..<session.settings.answerers {
            try answering.add(line, "answer") { () throws(PushEnded) in
                var answerer = Answerer(session)
                try answerer.run()
            }
        }
        try supervise(session, line, until: walking)
        try ending { () throws(PushEnded) in try session.outbox.flush() }
        session.ledger.walkEnded()
        try supervise(session, line, until: answering)
    }

    /// Sees to it that things move, while others work.
    private static func supervise(_ session: PushSession, _ line: Line, until crew: Crew) throws(PushError) {
        var lastWord = steadySeconds()
        while !crew.isDone(within: 200) {
            if let failure = line.failure { throw failure }
            let now = steadySeconds()
            if let path = session.watchdog.stalled(at: now) {
                throw .stalled(path: path, seconds: session.watchdog.patience)
            }
            if session.ledger.isServerDue || !session.queue.isEmpty { try line.checkTheServer() }
            if session.settings.isInterrupted() { throw .interrupted }
            session.settings.onProgress(line.progress)
            if now - lastWord >= 15, !session.queue.hasControl {
                lastWord = now
                let counts = session.tally.counts
                try ending { () throws(PushEnded) in
                    var outgoing = Outgoing(session.queue)
                    try outgoing.add(.progress(entries: counts.entries, bytes: counts.bytesSeen))
                    try outgoing.flush()
                }
            }
        }
        if let failure = line.failure { throw failure }
    }

    /// Hands over the record, and the word that all has been said.
    private static func complete(
        _ sightings: [EntrySighting], _ session: PushSession, _ line: Line
    ) throws(PushError) {
        try ending { () throws(PushEnded) in
            for issue in session.issues.own { try session.outbox.send(.issue(issue)) }
            for sighting in sayable(sightings) { try session.outbox.send(.entry(sighting)) }
            session.queue.waitUntilContentIsTaken()
            line.willComplete()
            try session.outbox.send(.complete(line.counts(server: PushCounts())))
            try session.outbox.flush()
        }
    }

    /// As many as the server takes, in their order.
    private static func sayable(_ sightings: [EntrySighting]) -> [EntrySighting] {
        var room = Limits.sightingBytes
        var sayable: [EntrySighting] = []
        for sighting in sightings {
            let size = sighting.path.bytes.count
            guard size <= Limits.text else { continue }
            room -= size
            if room < 0 || sayable.count == Limits.sightings { break }
            sayable.append(sighting)
        }
        return sayable
    }

    private static func ending(_ body: () throws(PushEnded) -> Void) throws(PushError) {
        do throws(PushEnded) {
            try body()
        } catch {
            // The failure stands with the line; this is only who heard of it.
            throw .cut
        }
    }
}

extension Line {
    /// What the agent counted, and of the server's counts what only the server knows.
    func counts(server: PushCounts) -> PushCounts {
        var counts = tally.counts
        (counts.changed, counts.removed) = (server.changed, server.removed)
        (counts.leftOut, counts.notes) = issues.numbers
        return counts
    }

    var progress: PushProgress {
        let counts = tally.counts
        return PushProgress(
            directories: counts.directories, files: counts.entries, bytesSeen: counts.bytesSeen,
            bytesSent: queue.sent.load(ordering: .relaxed), path: tally.trail?.bytes)
    }
}

extension Visit {
    /// The jail's `/`; nil where no entry could be opened.
    init?(jail entries: EntryOpening, _ index: ServerIndex, _ hints: Hints?) {
        self.init(entries.tree, number: .root, trail: .root, rule: nil, indexed: index.root?.digest)
        guard hints != nil, let status = entries.tree.status, index.root?.isSame(as: status) == true else { return }
        scope = .hinted(.root, reads: false)
    }
}
