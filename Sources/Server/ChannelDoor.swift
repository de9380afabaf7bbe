import Model
import Platform
import Storage
import Streams
import Wire

/// Where further channels come to a push. Each is a process of its own, started by the same key; it shows the push's token
/// and hands its descriptors over, and waits at the door until the push has ended.
///
/// A token is worth nothing elsewhere: the door stands in the jail's own directory, and who comes there was let in by
/// the jail's key.
final class ChannelDoor: Sendable {
    /// Further channels of one push, at most.
    static let most = 15

    /// A process that waits, and the stream that it handed over.
    private final class Guest: Sendable {
        let connection: Descriptor
        let stream: DescriptorStream

        init(_ connection: consuming Descriptor, _ stream: DescriptorStream) {
            self.connection = connection
            self.stream = stream
        }
    }

    let token = ChannelToken.random()
    private let point: MeetingPoint
    private let guests = Monitor<[Guest]>([])
    private let intake: Intake
    private let thread: Monitor<Platform.Thread?>

    init(_ point: MeetingPoint, _ intake: Intake) throws(SystemError) {
        self.point = point
        self.intake = intake
        thread = Monitor(nil)
        let started = try Thread.spawn("door") { [weak self] in
            while let connection = try? point.welcome() { self?.take(connection) }
        }
        thread.with { $0 = started }
    }

    /// Lets the processes go.
    /// - Parameter isCommitted: what they are told of the push.
    func end(isCommitted: Bool) {
        point.close()
        thread.with { $0.take() }?.join()
        for guest in guests.with({ $0 }) {
            if isCommitted { try? guest.connection.write([Admission.committed]) }
            guest.stream.close()
            guest.connection.shutDown()
        }
    }

    /// One who does not know the token, or is one too many, is sent away without a word.
    private func take(_ connection: consuming Descriptor) {
        guard guests.with({ $0.count }) < ChannelDoor.most else { return }
        do {
            var said: [UInt8] = []
            var pair = try DescriptorPair.received(over: connection, saying: token.bytes.count, &said)
            guard let shown = ChannelToken(said), shown.matches(token) else { return }
            // No patience: while the agent walks over what has not changed, there is nothing to bring.
            let stream = DescriptorStream(input: pair.takeFirst(), output: pair.takeSecond())
            try connection.write([Admission.granted])
            let voice = Voice(stream)
            try voice.say(.joined)
            try voice.flush()
            let guest = Guest(connection, stream)
            guests.with { $0.append(guest) }
            try intake.readFurther(stream)
        } catch {
            // The agent finds its channel closed, and goes on without it.
        }
    }
}

/// What the push says to a process that waits.
private enum Admission {
    static let granted: UInt8 = 1
    static let committed: UInt8 = 2
}

extension Session {
    /// Hands the stream over to the push that it belongs to, and waits for its end.
    func join(_ stream: DescriptorStream, _ token: ChannelToken) throws -> Outcome {
        let stranger = Refusal(code: .tryLater, text: "there is no push that this channel belongs to")
        guard let connection = try? backupdir.joinPush(),
            (try? stream.handOver(connection, saying: token.bytes)) != nil,
            try connection.readSome(atMost: 1) == [Admission.granted]
        else { throw stranger }
        guard try connection.readSome(atMost: 1) == [Admission.committed] else {
            return .refused(Refusal(code: .tryLater, text: "the push broke off"))
        }
        return .answered
    }
}
