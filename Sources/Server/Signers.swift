import Delta
import Model
import Platform
import Storage
import Wire

/// Threads that read the copies of files that are asked for as deltas, and tell the agent their signatures while it does
/// other work.
///
/// What an agent has been told and has not answered yet takes memory there: at most `Blocks.budget`, or one file alone.
final class Signers: Sendable {
    private struct Job {
        let request: Inquiry
        let source: Staging.Source
        let blocks: Blocks
    }

    private struct State {
        var waiting: [Job] = []
        var taken = 0
        /// Bytes of the entries of what was told and is not answered.
        var underWay: [Inquiry: Int] = [:]
        var weight = 0
        var threads: [Thread] = []
        var reading = DeltaRule.Rate()
        var isOver = false

        /// The job that comes next, if there is room for it.
        mutating func next() -> Job? {
            guard taken < waiting.count else { return nil }
            let job = waiting[taken]
            guard weight == 0 || weight + job.blocks.weight <= Blocks.budget else { return nil }
            taken += 1
            if taken > 1_024 {
                waiting.removeFirst(taken)
                taken = 0
            }
            underWay[job.request] = job.blocks.weight
            weight += job.blocks.weight
            return job
        }
    }

    private static let threads = 2
    /// Bytes that are read at once, or one block.
    private static let stride = 1 << 20

    private let staging: Staging
    private let voice: Voice
    private let seed = UInt64.random(in: 0...UInt64.max)
    private let state = Monitor(State())

    init(_ staging: Staging, _ voice: Voice) {
        self.staging = staging
        self.voice = voice
    }

    /// How fast copies were read so far.
    var reading: DeltaRule.Rate { state.with { $0.reading } }

    /// Has the signature of a copy told, after all that was said by now. Never waits.
    /// - Parameter length: that the copy is known to have.
    func add(_ request: Inquiry, _ source: Staging.Source, length: UInt64) throws(SystemError) {
        guard let blocks = Blocks(of: length) else { return }
        try state.with { state throws(SystemError) in
            if state.threads.count < Signers.threads {
                state.threads.append(try Thread.spawn("signer") { [weak self] in self?.work() })
            }
            state.waiting.append(Job(request: request, source: source, blocks: blocks))
        }
    }

    /// The agent has answered, and needs the signature no more.
    func answered(_ request: Inquiry) {
        state.with { state in
            guard let weight = state.underWay.removeValue(forKey: request) else { return }
            state.weight -= weight
        }
    }

    /// Ends the threads, whatever is still to be told.
    func end() {
        let threads = state.with { state in
            state.isOver = true
            defer { state.threads = [] }
            return state.threads
        }
        for thread in threads { thread.join() }
    }

    private func work() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Signers.stride + Blocks.largest, alignment: 4096)
        defer { buffer.deallocate() }
        while let job = state.wait(until: { $0.isOver ? .some(nil) : $0.next().map(Optional.some) }) {
            do {
                try sign(job, buffer)
                try voice.flush()
            } catch {
                // The agent is gone, which whoever listens to it has heard by now.
                return
            }
        }
    }

    /// Throws only what the voice throws. Of a copy that cannot be read the blocks are told as zeros, which match nothing
    /// that would be copied; of one that is not there, that there is none.
    private func sign(_ job: Job, _ buffer: UnsafeMutableRawBufferPointer) throws {
        var part = SignaturePart(
            place: job.request, seed: seed, length: job.blocks.length, first: 0, entries: [], isLast: false)
        guard let basis = try? staging.basis(job.source), basis.length == job.blocks.length else {
            (part.length, part.isLast) = (0, true)
            return try voice.say(.signatures(part))
        }
        let hasher = BlockHasher(job.blocks, seed: seed)
        var block = 0
        while block < job.blocks.count {
            if state.with({ $0.isOver }) { return }
            let room = (Limits.signatures - part.entries.count) / Blocks.entry
            let count = min(job.blocks.count - block, max(1, Signers.stride / job.blocks.size), room)
            append(block..<block + count, of: basis, job.blocks, hasher, buffer, to: &part.entries)
            block += count
            guard part.entries.count + Blocks.entry > Limits.signatures || block == job.blocks.count else { continue }
            part.isLast = block == job.blocks.count
            try voice.say(.signatures(part))
            part.first = UInt64(block)
            part.entries.removeAll(keepingCapacity: true)
        }
    }

    private func append(
        _ range: Range<Int>, of basis: Basis, _ blocks: Blocks, _ hasher: borrowing BlockHasher,
        _ buffer: UnsafeMutableRawBufferPointer, to entries: inout [UInt8]
    ) {
        let start = blocks.offset(of: range.lowerBound)
        let last = range.upperBound - 1
        let end = blocks.offset(of: last) + UInt64(blocks.length(of: last))
        let began = ContinuousClock.now
        var found = 0
        if let data = try? basis.nextData(from: start), data < end {
            let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(end - start)])
            found = (try? basis.read(into: wanted, at: start)) ?? 0
        }
        for block in range {
            let from = Int(blocks.offset(of: block) - start)
            let to = from + blocks.length(of: block)
            guard to <= found else {
                entries.append(contentsOf: repeatElement(0, count: Blocks.entry))
                continue
            }
            hasher.append(entryOf: UnsafeRawBufferPointer(rebasing: buffer[from..<to]), to: &entries)
        }
        let time = began.duration(to: .now) / .seconds(1)
        if found > 0 { state.with { $0.reading.note(UInt64(found), in: time) } }
    }
}
