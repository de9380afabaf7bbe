import Catalog
import Model
import Storage
import Wire

/// The files that one thread is writing.
struct WritingDesk: ~Copyable {
    /// What came of a piece of work.
    enum Outcome {
        /// There is more to come.
        case more
        /// The row may be written.
        case whole(Row, isDelta: Bool)
        /// What was put together from a copy is not what the agent has read.
        case spoiled
        /// The file system has no place for the file.
        /// - awaitsVerdict: it was a delta, and this was the end of it.
        case unfit(String, awaitsVerdict: Bool)
        /// The end of a delta that was given up before.
        case passedOver
    }

    /// What a delta is against: opened with the first run, since it may be what the new file takes the place of.
    private enum Copied {
        case closed(Staging.Source)
        case open(Basis)
        /// It cannot be read: all of the file has to come.
        case lost
    }

    private let staging: Staging
    private var open: [Inquiry: StagedFile] = [:]
    private var bases: [Inquiry: Copied] = [:]
    /// What still comes of a file that was given up is dropped.
    private var isDeltaOfGivenUp: [Inquiry: Bool] = [:]

    init(_ staging: Staging) { self.staging = staging }

    mutating func `do`(_ job: Writers.Job, for request: Inquiry) throws -> Outcome {
        if let isDelta = isDeltaOfGivenUp[request] {
            switch job {
            case .drop: isDeltaOfGivenUp[request] = nil
            case .store: return isDelta ? .passedOver : .more
            default: break
            }
            return .more
        }
        let isDelta = bases[request] != nil
        do {
            return try done(job, for: request)
        } catch let error as StorageError where error.problem == .unfit {
            abandon(request)
            bases[request] = nil
            isDeltaOfGivenUp[request] = isDelta
            var isEnd = false
            if case .store = job { isEnd = true }
            return .unfit(error.description, awaitsVerdict: isDelta && isEnd)
        }
    }

    /// Removes what did not become whole.
    mutating func clear() {
        for file in open.values { file.abandon() }
        open = [:]
    }

    private mutating func done(_ job: Writers.Job, for request: Inquiry) throws -> Outcome {
        switch job {
        case .run(let place, let run):
            guard let file = try file(request, place) else { return .more }
            try run.bytes.withUnsafeBytes { try file.write($0, at: run.offset, as: run.runs.position) }
        case .expect(let source): bases[request] = .closed(source)
        case .copied(let place, let run):
            guard let file = try file(request, place) else { return .more }
            try copy(run, to: file)
        case .restart: abandon(request)
        case .drop:
            abandon(request)
            bases[request] = nil
        case .store(let row, let rest): return try store(row, rest, request)
        case .make(let row):
            guard let place = row.place else { return .more }
            try staging.create(
                place, metadata: row.stamp.metadata, attributes: row.attributes, target: row.target)
            return .whole(row, isDelta: false)
        case .copy(let row, let source):
            guard let place = row.place else { return .more }
            try staging.copy(place, from: source, metadata: row.stamp.metadata, attributes: row.attributes)
            return .whole(row, isDelta: false)
        case .link(let row, let source):
            guard let place = row.place else { return .more }
            try staging.link(place, to: source, of: row.object)
            return .whole(row, isDelta: false)
        }
        return .more
    }

    /// The file that is being filled; nil if it has to come once more anyway.
    private mutating func file(_ request: Inquiry, _ place: Place) throws -> StagedFile? {
        switch bases[request] {
        case .lost: return nil
        case .closed(let source): bases[request] = (try? staging.basis(source)).map { .open($0) } ?? .lost
        case .open, nil: break
        }
        if let file = open[request] { return file }
        let file = try staging.createFile(place, sparse: true)
        open[request] = file
        return file
    }

    private mutating func copy(_ run: CopiedRun, to file: StagedFile) throws {
        guard case .open(let basis) = bases[run.place] else {
            // It was not opened; that the file was expected as a delta is known by now.
            return bases[run.place] = .lost
        }
        do {
            try file.copy(run.length, from: basis, at: run.source, to: run.offset, as: run.runs.position)
        } catch let error as StorageError where error.problem == .inputOutput || error.problem == .damaged {
            abandon(run.place)
            bases[run.place] = .lost
        }
    }

    private mutating func store(_ row: Row, _ rest: ContentRun?, _ request: Inquiry) throws -> Outcome {
        guard let place = row.place, let digest = row.digest else { return .more }
        let basis = bases.removeValue(forKey: request)
        if case .lost = basis {
            abandon(request)
            return .spoiled
        }
        let file =
            try open.removeValue(forKey: request)
            ?? staging.createFile(place, sparse: false, mode: row.stamp.metadata.mode)
        do {
            if let rest {
                try rest.bytes.withUnsafeBytes { try file.write($0, at: rest.offset, as: rest.runs.position) }
            }
            try file.finish(metadata: row.stamp.metadata, attributes: row.attributes, digest: digest)
        } catch let error as StorageError where error.problem == .damaged && basis != nil {
            file.abandon()
            return .spoiled
        }
        return .whole(row, isDelta: basis != nil)
    }

    private mutating func abandon(_ request: Inquiry) { open.removeValue(forKey: request)?.abandon() }
}
