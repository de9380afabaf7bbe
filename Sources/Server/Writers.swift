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
        case run(Place, ContentRun)
        /// The file comes as a delta against what is there.
        case expect(Staging.Source)
        case copied(Place, CopiedRun)
        /// What came of the file so far counts no more: it is read from its beginning again.
        case restart
        /// The same, and no more of it comes.
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
        var spoiled: [Inquiry] = []
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
    private let voice: Voice
    private let queues: [BoundedQueue<(Inquiry, Job)>]
    private let heaps = Monitor([Heap](repeating: Heap(), count: Writers.threads))
    private let arrivals = Monitor(Arrivals())
    private let running: Monitor<[Thread]>

    init(_ staging: Staging, _ voice: Voice) throws {
        self.staging = staging
        self.voice = voice
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
            case .run(_, let run): 256 + run.bytes.count
            case .store(let row, let rest): row.weight + (rest?.bytes.count ?? 0)
            case .make(let row), .copy(let row, _), .link(let row, _): row.weight
            case .expect, .copied, .restart, .drop: 256
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

    /// Deltas since the last call that did not become what the agent has read; it has been told to send them whole.
    func spoiled() -> [Inquiry] {
        arrivals.with { arrivals in
            defer { arrivals.spoiled = [] }
            return arrivals.spoiled
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
        var desk = WritingDesk(staging)
        while let (request, job) = queue.pop() {
            do {
                switch try desk.do(job, for: request) {
                case .more: continue
                case .whole(let row, let isDelta):
                    arrivals.with { $0.rows.append((request, row)) }
                    if isDelta { try tell(request, .taken) }
                case .spoiled:
                    // Noted before the agent hears of it: what it sends then is expected.
                    arrivals.with { $0.spoiled.append(request) }
                    try tell(request, .sendWhole)
                case .unfit(let reason, let awaitsVerdict):
                    arrivals.with { $0.unfit.append((request, reason)) }
                    if awaitsVerdict { try tell(request, .taken) }
                case .passedOver: try tell(request, .taken)
                }
            } catch {
                arrivals.with { $0.failure = $0.failure ?? error }
                queue.fail()
            }
        }
        desk.clear()
    }

    /// The agent may be waiting for nothing else.
    private func tell(_ request: Inquiry, _ verdict: DeltaVerdict) throws {
        try voice.say(.verdict(request, verdict))
        try voice.flush()
    }
}
