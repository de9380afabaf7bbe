import Catalog
package import Housekeeping
import Model
import Storage
import Streams
import Wire

/// One session with an agent, from its first byte to its last: who it is, what the server holds, what the agent says,
/// the commit, the acknowledgement.
///
/// Nothing that the agent sends chooses where anything lands: the backupdir is given by the key that it came in with.
/// Whatever ends a session early leaves the nights as they were, and what arrived whole for the next push.
package struct Session {
    /// What does not depend on the agent.
    package struct Settings: Sendable {
        /// Of Nightjar, for the welcome.
        package var release: String
        /// Bytes that a push leaves free on the file system.
        package var reserve: UInt64
        /// The server's clock.
        package var now: @Sendable () -> Timestamp
        /// Seconds from one rotation to the next, at least.
        package var rotateInterval: Int64
        /// Beyond which rotation stops.
        package var brake: BrakeLimits
        /// How the server calls the day of a time, for the names of holds: `2026-11-21`.
        package var day: @Sendable (Timestamp) -> String
        /// Milliseconds from one sign of life to the next; the protocol promises one a minute.
        package var signsEvery = 20_000
        /// Seconds after which an agent looks at everything, whatever it knows of what changed.
        package var fullWalkEvery: Int64 = 7 * 86_400
        /// Milliseconds for which content may be missing when an agent has said all.
        package var patience = 300_000

        package init(
            release: String, reserve: UInt64, rotateInterval: Int64, brake: BrakeLimits,
            now: @escaping @Sendable () -> Timestamp, day: @escaping @Sendable (Timestamp) -> String
        ) {
            self.release = release
            self.reserve = reserve
            self.rotateInterval = rotateInterval
            self.brake = brake
            self.now = now
            self.day = day
        }
    }

    /// How a session ended; what it says of an agent has been said to the agent too, if it was still there.
    package enum Outcome: Sendable {
        case committed(Generation)
        /// It was asked something and changed nothing.
        case answered
        case refused(Refusal)
    }

    let backupdir: Backupdir
    let settings: Settings
    let voice: Voice

    /// Serves one agent. Blocks until the session has ended.
    package static func serve(_ stream: DescriptorStream, of backupdir: Backupdir, _ settings: Settings) -> Outcome {
        let session = Session(backupdir: backupdir, settings: settings, voice: Voice(stream))
        defer { stream.close() }
        let started = settings.now()
        var trace = Trace.undecided
        do {
            return try session.run(stream, &trace)
        } catch {
            let refusal = Refusal(error)
            // Whatever came of the record, the agent is told.
            if trace == .due || trace == .undecided && (error as? WireError)?.isDeparture != true {
                try? backupdir.noteRefused(refusal, started: started, ended: settings.now())
            }
            session.voice.sayLast(refusal)
            return .refused(refusal)
        }
    }

    /// For a server that cannot even begin: tells the agent why.
    package static func refuse(_ stream: any ByteStream, _ error: any Error) -> Outcome {
        let refusal = Refusal(error)
        let voice = Voice(stream)
        try? voice.introduce()
        voice.sayLast(refusal)
        return .refused(refusal)
    }

    /// What a session leaves in the record of pushes.
    private enum Trace {
        /// What the agent wants is not known yet. If it only leaves there was no push: a further channel may come when its
        /// push has just ended.
        case undecided
        /// It wants a push, of which nothing is written down so far.
        case due
        /// It has left its record, or leaves none.
        case settled
    }

    private func run(_ stream: DescriptorStream, _ trace: inout Trace) throws -> Outcome {
        try voice.introduce()
        var reader = try MessageReader(stream)
        let hello = try hello(&reader)
        trace = hello.purpose == .push ? .due : .settled
        try check(hello)
        switch hello.purpose {
        case .check: try check()
        case .dryRun: try rehearse(hello, &reader)
        case .questions: try answer(&reader)
        case .push: return .committed(try push(hello, reader, &trace))
        case .channel:
            guard let token = hello.token else { throw WireError.malformed("a channel without a token") }
            return try join(stream, token)
        }
        return .answered
    }

    /// Reads who the agent is.
    private func hello(_ reader: inout MessageReader) throws -> Hello {
        guard let first = try reader.nextFromAgent() else { throw WireError.cut }
        guard case .hello(let hello) = first else { throw WireError.malformed("no hello") }
        return hello
    }

    /// The backupdir that the agent's config names must be the one of its key.
    private func check(_ hello: Hello) throws {
        guard hello.backupdir == backupdir.path.bytes else {
            throw Refusal(
                code: .configuration,
                text: "this key is for \(backupdir.path), but the config says backupdir=\(escaped(hello.backupdir))"
                    + ": correct the config, or the key's line in authorized_keys")
        }
    }

    private func push(_ hello: Hello, _ reader: consuming MessageReader, _ trace: inout Trace) throws -> Generation {
        let life = try SignsOfLife(voice, every: settings.signsEvery)
        defer { life.end() }
        let jail = try backupdir.lockPush(holder: "a push", progress: life.show)
        let isFullWalkDue = try isFullWalkDue(hello, jail.catalog)
        var run = try PushRun(
            jail.pushes, filling: try jail.catalog.committed().next, isPartial: !isFullWalkDue, at: settings.now())
        trace = .settled
        let intake = Intake()
        defer { intake.end() }
        // Where none can be had, there is one channel, as ever.
        let door = (try? jail.meetingPoint()).flatMap { try? ChannelDoor($0, intake) }
        var isCommitted = false
        defer { withExtendedLifetime(jail) { door?.end(isCommitted: isCommitted) } }
        let record: GenerationRecord
        do {
            let staging = try stage(jail, &run, life, isFullWalkDue: isFullWalkDue, door?.token)
            try intake.readFirst(reader)
            var reception = try Reception(
                catalog: jail.catalog, staging: staging, voice: voice, share: hello.share, isPartial: !isFullWalkDue,
                wholeFiles: hello.wholeFiles)
            let claimed = try receive(intake, &reception, &run)
            try reception.check(claimed)
            try jail.catalog.setEntries(reception.sightings)
            let start = ContinuousClock.now
            record = try jail.commit(staging, at: settings.now(), progress: life.show)
            // What was cut off here is only looked at once more than it had to be.
            if isFullWalkDue { try? jail.catalog.noteFullWalk(settings.now()) }
            // Directories get what they carry only now. It is committed, whoever is still there to be told.
            try? reception.tellShortfalls()
            run.note(reception.counts, reception.issues)
            run.count(claimed, record, took: start.duration(to: .now))
        } catch {
            run.end(.failed, Refusal(error).text, at: settings.now(), intake, voice.sent)
            throw error
        }
        isCommitted = true
        // From here it is committed, whoever is still there to be told.
        run.end(.complete, "", at: settings.now(), intake, voice.sent)
        life.end()
        try? voice.say(.committed(record.number, run.counts))
        try? voice.flush()
        // What is left of the staging is in nobody's way; the next push removes what this one cannot.
        try? jail.tidy()
        return record.number
    }

    /// Opens the generation that the push fills, and says what the server holds.
    private func stage(
        _ jail: PushingBackupdir, _ run: inout PushRun, _ life: SignsOfLife, isFullWalkDue: Bool,
        _ token: ChannelToken?
    ) throws -> Staging {
        let continues = try jail.catalog.openGeneration() != nil
        let staging = try jail.stage(at: run.started, reserve: settings.reserve, progress: life.show)
        try welcome(
            jail.catalog, staging.generation, continues: continues, isFullWalkDue: isFullWalkDue, token: token)
        return staging
    }

    /// Takes in all that the agent says. However that ends, what is whole is kept.
    private func receive(
        _ intake: Intake, _ reception: inout Reception, _ run: inout PushRun
    ) throws -> PushCounts {
        defer { run.note(reception.counts, reception.issues) }
        let keeping = try Keeping(reception.catalog)
        defer { keeping.end() }
        do {
            var claimed: PushCounts?
            // What was said to be complete may still be under way on another channel.
            while claimed == nil || intake.hasFurther && reception.awaitsContent {
                for message in try intake.next(within: claimed.map { _ in settings.patience }) {
                    claimed = try reception.take(message) ?? claimed
                }
                if intake.isEmpty {
                    reception.writers.flush()
                    try voice.flush()
                }
            }
            try reception.finish()
            guard let claimed else { throw WireError.cut }
            return claimed
        } catch {
            // What matters is why it broke off; what else goes wrong now only makes the next push send more.
            try? reception.finish()
            throw error
        }
    }
}

extension WireError {
    /// Whether the other side is gone, and had said nothing wrong.
    fileprivate var isDeparture: Bool {
        switch self {
        case .stream, .cut: true
        case .stranger(let quote): quote.isEmpty
        case .version, .malformed: false
        }
    }
}
