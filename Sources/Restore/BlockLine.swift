internal import Platform

/// Blocks of an archive on their way from the one who reads to the one who writes them out, in their order. Others may
/// compress them meanwhile. At most so many are under way; whoever is ahead waits.
final class BlockLine: Sendable {
    private let ordered: BoundedQueue<Block>
    /// For those who compress; nil where nobody does.
    private let open: BoundedQueue<Block>?
    private let failure = Monitor<(any Error)?>(nil)

    /// - Parameter isCompressed: whether each block is to be made a smaller one by somebody who takes it with `next`.
    init(capacity: Int, isCompressed: Bool) {
        ordered = BoundedQueue(capacity: capacity)
        open = isCompressed ? BoundedQueue(capacity: capacity) : nil
    }

    /// Adds a block. Throws `Cancelled` where nobody wants it any more.
    func add(_ bytes: [UInt8], _ progress: RestoreProgress) throws {
        let block = Block(bytes, progress, isReady: open == nil)
        guard ordered.push(block), open?.push(block) ?? true else { throw Cancelled() }
    }

    /// There are no more; or there is an error, which `drain` throws after what is there.
    func close(_ error: (any Error)? = nil) {
        failure.with { if $0 == nil { $0 = error } }
        ordered.close()
        open?.close()
    }

    /// Nobody wants what is under way.
    func cancel() {
        ordered.fail()
        open?.fail()
    }

    /// A block to compress; nil once there are no more.
    func next() -> Block? { open?.pop() }

    /// Gives every block on, in its order, until there are no more.
    func drain(_ body: (Block) throws -> Void) throws {
        while let block = ordered.pop() { try body(block) }
        if let error = failure.with({ $0 }) { throw error }
    }

    struct Cancelled: Error {}

    /// One block.
    final class Block: Sendable {
        let progress: RestoreProgress
        private let state: Monitor<(bytes: [UInt8], isReady: Bool)>

        init(_ bytes: [UInt8], _ progress: RestoreProgress, isReady: Bool) {
            self.progress = progress
            state = Monitor((bytes, isReady))
        }

        /// What it is as long as nobody replaced it.
        var raw: [UInt8] { state.with { $0.bytes } }

        /// Puts what is to be written in its place.
        func replace(with bytes: [UInt8]) { state.with { $0 = (bytes, true) } }

        /// Waits for what is to be written.
        func finished() -> [UInt8] { state.wait { $0.isReady ? $0.bytes : nil } }
    }
}
