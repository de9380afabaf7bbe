import Catalog
import Model
import Platform
import Storage
import Wire

/// Threads that put what arrives into the staging. All work on one file is done by one thread, in its order; what is
/// whole is handed back as the row that may now be written.
final class Writers: Sendable {
    /// A piece of work, for the file that `Inquiry` names.
    enum Job: Sendable {
        case run(Place, ContentRun, sparse: Bool)
        /// What came of the file so far counts no more.
        case drop
        /// The end of a regular file, and its row. The rest is its last run, if there is any.
        case store(Row, rest: ContentRun?)
        case make(Row)
        case copy(Row, from: Staging.Source)
        /// Another name for an inode that is there.
        case link(Row, to: Staging.Source)
    }

    private struct Arrivals {
        var rows: [(request: Inquiry, row: Row)] = []
        var unfit: [(request: Inquiry, reason: String)] = []
        var failure: (any Error)?
    }

    /// Work for one thread that was not handed to it yet.
    private struct Heap {
        static let most = 32
        static let heaviest = 128 << 10

        var jobs: [(Inquiry, Job)] = []
        var weight = 0

        mutating func take() -> Heap {
            defer { self = Heap() }
            return self
        }
    }

    private static let threads = 4
    private static let queued = 4 << 20

    private let staging: Staging
    private let queues: [BoundedQueue<(Inquiry, Job)>]
    private let heaps = Monitor([Heap](repeating: Heap(), count: Writers.threads))
    private let arrivals = Monitor(Arrivals())
    private let running: Monitor<[Thread]>

    init(_ staging: Staging) throws {
        self.staging = staging
        queues = (0..<Self.threads).map { _ in BoundedQueue(capacity: Self.queued) }
        running = Monitor([])
        for queue in queues {
            let thread = try Thread.spawn("writer") { [weak self] in self?.work(off: queue) }
            running.with { $0.append(thread) }
        }
    }

    /// Waits for room. Work that comes after a failure is dropped; `arrived` tells of that. It is handed on in heaps, at
    /// the latest with `flush`: to wake a thread for each small file costs more than to write it.
    func add(_ job: Job, for request: Inquiry) {
        let weight =
            switch job {
            case .run(_, let run, _): 256 + run.bytes.count
            case .store(_, let rest): 256 + (rest?.bytes.count ?? 0)
            case .drop, .make, .copy, .link: 256
            }
        // A directory's files by one thread: two would wait for each other to make a name in it.
        let index = Int(UInt(bitPattern: request.directory.hashValue) % UInt(queues.count))
        let full = heaps.with { heaps -> Heap? in
            heaps[index].jobs.append((request, job))
            heaps[index].weight += weight
            let isFull = heaps[index].jobs.count >= Heap.most || heaps[index].weight >= Heap.heaviest
            return isFull ? heaps[index].take() : nil
        }
        if let full { _ = queues[index].push(full.jobs, weight: full.weight) }
    }

    /// Hands on what was added; to be called before waiting for anything.
    func flush() {
        for (index, queue) in queues.enumerated() {
            let heap = heaps.with { $0[index].take() }
            _ = queue.push(heap.jobs, weight: heap.weight)
        }
    }

    /// What has become whole since the last call. Throws the first failure, once all that came before it was taken.
    func arrived() throws -> [(request: Inquiry, row: Row)] {
        try arrivals.with { arrivals in
            defer { arrivals.rows = [] }
            if arrivals.rows.isEmpty, let failure = arrivals.failure { throw failure }
            return arrivals.rows
        }
    }

    /// Files that the server's file system has no place for, since the last call, and what it said of them.
    func unfit() -> [(request: Inquiry, reason: String)] {
        arrivals.with { arrivals in
            defer { arrivals.unfit = [] }
            return arrivals.unfit
        }
    }

    /// Waits until all work is done, and ends the threads.
    func finish() {
        flush()
        for queue in queues { queue.close() }
        let threads = running.with { threads in
            defer { threads = [] }
            return threads
        }
        for thread in threads { thread.join() }
    }

    private func work(off queue: BoundedQueue<(Inquiry, Job)>) {
        var open: [Inquiry: StagedFile] = [:]
        // What still comes of a file that was given up is dropped.
        var isGivenUp: Set<Inquiry> = []
        while let (request, job) = queue.pop() {
            do {
                if isGivenUp.contains(request) {
                    if case .drop = job { isGivenUp.remove(request) }
                    continue
                }
                guard let row = try done(job, for: request, &open) else { continue }
                arrivals.with { $0.rows.append((request, row)) }
            } catch let error as StorageError where error.problem == .unfit {
                open.removeValue(forKey: request)?.abandon()
                isGivenUp.insert(request)
                arrivals.with { $0.unfit.append((request, error.description)) }
            } catch {
                arrivals.with { $0.failure = $0.failure ?? error }
                queue.fail()
            }
        }
        for file in open.values { file.abandon() }
    }

    /// The row that may be written once the job is done; nil if there is more to come.
    private func done(_ job: Job, for request: Inquiry, _ open: inout [Inquiry: StagedFile]) throws -> Row? {
        switch job {
        case .run(let place, let run, let sparse):
            let file = try open[request] ?? staging.createFile(place, sparse: sparse)
            open[request] = file
            try run.bytes.withUnsafeBytes { try file.write($0, at: run.offset, as: run.runs.position) }
            return nil
        case .drop:
            open.removeValue(forKey: request)?.abandon()
            return nil
        case .store(let row, let rest):
            guard let place = row.place, let digest = row.digest else { return nil }
            let file =
                try open.removeValue(forKey: request)
                ?? staging.createFile(place, sparse: false, mode: row.stamp.metadata.mode)
            if let rest {
                try rest.bytes.withUnsafeBytes { try file.write($0, at: rest.offset, as: rest.runs.position) }
            }
            try file.finish(metadata: row.stamp.metadata, attributes: row.attributes, digest: digest)
            return row
        case .make(let row):
            guard let place = row.place else { return nil }
            try staging.create(
                place, metadata: row.stamp.metadata, attributes: row.attributes, target: row.target)
            return row
        case .copy(let row, let source):
            guard let place = row.place else { return nil }
            try staging.copy(place, from: source, metadata: row.stamp.metadata, attributes: row.attributes)
            return row
        case .link(let row, let source):
            guard let place = row.place else { return nil }
            try staging.link(place, to: source, of: row.object)
            return row
        }
    }
}
