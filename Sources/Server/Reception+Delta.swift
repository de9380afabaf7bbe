import Catalog
import Model
import Storage
import Wire

/// Changed files of which only what differs is sent.
extension Reception {
    /// How a name is asked for, by what is known of link and disk so far.
    func want(_ lack: Lack) -> Want {
        var rule = rule
        rule.reading = signers.reading
        return rule.delta(held: lack.held, seen: lack.seen, want: lack.want) ?? lack.want
    }

    /// Has the signatures of what was asked for as deltas told, and the writers know what they are against. To be called
    /// when the requests have been said.
    func sign(_ lacks: [Lack], of directory: DirectoryNumber) throws {
        for lack in lacks {
            guard case .delta = lack.want, let held = lack.held, let place = held.place else { continue }
            let request = Inquiry(directory: directory, ordinal: lack.ordinal)
            let source = held.since == staging.generation ? Staging.Source.staged(place) : .newest(place)
            writers.add(.expect(source), for: request)
            try signers.add(request, source, length: held.stamp.metadata.size)
        }
    }

    /// Content came; if it came on the heels of other content, that says how fast the link is.
    mutating func noteArrival(of count: Int) {
        let now = ContinuousClock.now
        let pause = lastArrival.duration(to: now)
        lastArrival = now
        if pause < .milliseconds(100) { rule.arrival.note(UInt64(count), in: pause / .seconds(1)) }
    }

    /// Expects once more, and whole, what was put together and is not what the agent has read.
    mutating func expectSpoiled() throws {
        for request in writers.spoiled() {
            guard var awaited = listings[request.directory]?.awaited[request.ordinal], var lack = awaited.lack else {
                continue
            }
            lack.want = .content
            awaited = OpenListing.Awaited(lack: lack, key: awaited.key)
            listings[request.directory]?.awaited[request.ordinal] = awaited
            underWay += 1
            try tell(
                lack.name, in: request.directory, .sentWhole,
                "the server's copy did not yield what was read, and may be damaged; the file was sent whole")
        }
    }
}
