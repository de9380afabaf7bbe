import Catalog
import Model
import Storage
import Wire

/// Runs of content, and the answers that they belong to: several channels bring them in any order. What is written lands
/// at its place at once; an answer counts when all runs that it speaks of have come.
extension Reception {
    mutating func take(_ run: ContentRun) throws {
        noteArrival(of: run.bytes.count)
        try take(run.runs, of: run.place) { _, place in .run(place, run) }
    }

    mutating func take(_ run: CopiedRun) throws {
        try take(run.runs, of: run.place) { lack, place throws(WireError) in
            guard case .delta = lack.want else { throw .malformed("a copy of what was not asked for as a delta") }
            return .copied(place, run)
        }
    }

    /// - Parameter job: what is to be done with the run.
    private mutating func take(
        _ runs: RunCount, of request: Inquiry, _ job: (Lack, Place) throws(WireError) -> Writers.Job
    ) throws {
        var awaited = try awaited(request)
        guard let lack = awaited.lack else { throw WireError.malformed("content of a directory") }
        awaited.arrived += 1
        if awaited.arrived == 1 {
            begun += 1
            guard begun <= Reception.mostBegun else { throw WireError.malformed("\(begun) files are begun") }
        }
        if let ending = awaited.ending {
            guard runs.next < ending.runs.next, runs.first <= ending.runs.first else {
                throw WireError.malformed("content that its answer does not count")
            }
        }
        let job = try job(lack, Place(request.directory, lack.name))
        if !awaited.isLost, !awaited.isUnavailable, runs.first >= awaited.first {
            begin(runs, of: request, &awaited)
            writers.add(job, for: request)
        }
        if let ending = awaited.ending, awaited.arrived == ending.runs.next {
            heldBack -= ending.weight
            return try conclude(ending, of: request, awaited)
        }
        listings[request.directory]?.awaited[request.ordinal] = awaited
    }

    mutating func take(_ answer: Answer) throws {
        counts.answers += 1
        try end(answer.place, with: .answer(answer))
    }

    mutating func take(_ absence: Absence, of request: Inquiry, _ runs: RunCount) throws {
        try end(request, with: .absence(absence, runs))
    }

    /// Takes the last word about a file, or keeps it until the runs have come that were sent before it.
    private mutating func end(_ request: Inquiry, with ending: OpenListing.Ending) throws {
        var awaited = try awaited(request)
        guard awaited.ending == nil else { throw WireError.malformed("an answer that came before") }
        guard awaited.arrived <= ending.runs.next, awaited.first <= ending.runs.first,
            awaited.lack != nil || ending.runs == RunCount()
        else {
            throw WireError.malformed("an answer that does not count its content")
        }
        underWay -= 1
        if case .delta = awaited.lack?.want { signers.answered(request) }
        begin(ending.runs, of: request, &awaited)
        guard awaited.arrived < ending.runs.next else { return try conclude(ending, of: request, awaited) }
        awaited.ending = handingOn(ending, awaited)
        heldBack += awaited.ending?.weight ?? 0
        guard heldBack <= Reception.mostHeldBack else {
            throw WireError.malformed("answers come without their content")
        }
        listings[request.directory]?.awaited[request.ordinal] = awaited
    }

    /// The file is read from its beginning again: what came of it before counts no more.
    private func begin(_ runs: RunCount, of request: Inquiry, _ awaited: inout OpenListing.Awaited) {
        guard runs.first > awaited.first else { return }
        awaited.first = runs.first
        writers.add(.restart, for: request)
    }

    /// What is kept of an answer: the rest of the content need not wait in memory.
    private func handingOn(_ ending: OpenListing.Ending, _ awaited: OpenListing.Awaited) -> OpenListing.Ending {
        guard case .answer(var answer) = ending, case .content(let digest, let offset, _) = answer.body,
            let rest = answer.rest, let lack = awaited.lack
        else { return ending }
        if !awaited.isLost {
            writers.add(.run(Place(answer.place.directory, lack.name), rest), for: answer.place)
        }
        answer.body = .content(digest, offset: offset, rest: [])
        return .answer(answer)
    }

    private mutating func conclude(
        _ ending: OpenListing.Ending, of request: Inquiry, _ awaited: OpenListing.Awaited
    ) throws {
        listings[request.directory]?.awaited[request.ordinal] = awaited
        if awaited.arrived > 0 { begun -= 1 }
        switch ending {
        case .answer(let answer): try settle(answer, awaited)
        case .absence(let absence, _): try settle(absence, of: request, awaited)
        }
    }
}

extension OpenListing {
    /// The last word about a file.
    enum Ending {
        case answer(Answer)
        case absence(Absence, RunCount)

        var runs: RunCount {
            switch self {
            case .answer(let answer): answer.runs
            case .absence(_, let runs): runs
            }
        }

        /// Bytes of memory, roughly.
        var weight: Int {
            if case .answer(let answer) = self { answer.weight } else { 256 }
        }
    }
}

extension Answer {
    /// Bytes of memory, roughly.
    var weight: Int {
        let content =
            switch body {
            case .content(_, _, let rest): rest.count
            case .target(let target): target.count
            case .known, .none: 0
            }
        return 1024 + attributes.weight(ofEntry: 16, besideExtended: 64) + content
    }

    /// The rest of the content as the run that it is; nil where there is none.
    var rest: ContentRun? {
        guard case .content(_, let offset, let bytes) = body, !bytes.isEmpty else { return nil }
        return ContentRun(place: place, runs: runs, offset: offset, bytes: bytes)
    }
}
