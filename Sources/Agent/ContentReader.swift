import Digest
import Model
import Platform
import Wire

/// Reads the content of files run by run, digesting as it reads, skipping holes and blocks of zeros. For one thread.
final class ContentReader {
    private let buffer: UnsafeMutableRawBufferPointer
    private let throttle: Throttle
    private var hasher = ContentHasher()

    init(_ throttle: Throttle) {
        self.throttle = throttle
        buffer = .allocate(byteCount: Limits.run, alignment: 4096)
    }

    deinit { buffer.deallocate() }

    /// What was read of a file.
    struct Content {
        var digest: ContentDigest
        /// The length of the whole.
        var size: UInt64
        /// The last run and where it begins; it lies in the reader's buffer until the next is read.
        var rest: UnsafeRawBufferPointer
        var offset: UInt64
    }

    /// Reads a file from its beginning to its end as `status` has it, or to where it ends by now if that is before.
    ///
    /// - Parameter body: is given what is not zero, in order, in runs of at most `Limits.run` bytes, but for the last.
    func read(
        _ file: borrowing Descriptor, _ status: FileStatus, _ activity: Activity,
        _ body: (_ offset: UInt64, _ run: UnsafeRawBufferPointer) throws(AnswerTrouble) -> Void
    ) throws(AnswerTrouble) -> Content {
        let size = status.stamp.metadata.size
        let isSparse = status.blocks * 512 < size
        var offset: UInt64 = 0
        var held: (offset: UInt64, bounds: Range<Int>)?
        hasher.reset()
        while offset < size {
            activity.goOn()
            if isSparse {
                offset = try endOfHole(file, at: offset, size)
                if offset >= size { break }
            }
            let wanted = Int(min(UInt64(buffer.count), size - offset))
            try admit(wanted, activity)
            let count = try fill(file, at: offset, wanted)
            let run = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            hasher.update(block: run, at: offset)
            let bounds = whatIsNotZero(run)
            if count < wanted || offset + UInt64(count) == size {
                held = (offset, bounds)
            } else if !bounds.isEmpty {
                try body(offset + UInt64(bounds.lowerBound), UnsafeRawBufferPointer(rebasing: run[bounds]))
            }
            offset += UInt64(count)
            if count < wanted { break }
        }
        return Content(
            digest: hasher.finish(length: offset), size: offset,
            rest: UnsafeRawBufferPointer(rebasing: buffer[held?.bounds ?? 0..<0]),
            offset: held.map { $0.offset + UInt64($0.bounds.lowerBound) } ?? offset)
    }

    /// Where to read on: in whole blocks of the digest; `size` where there is a hole up to the end.
    private func endOfHole(
        _ file: borrowing Descriptor, at offset: UInt64, _ size: UInt64
    ) throws(AnswerTrouble) -> UInt64 {
        guard let data = try nextData(file, from: offset), data < size else {
            // A file that shrank has no data either: the second look at its status tells.
            return size
        }
        return max(offset, data / UInt64(ContentHasher.blockSize) * UInt64(ContentHasher.blockSize))
    }

    private func admit(_ count: Int, _ activity: Activity) throws(AnswerTrouble) {
        do throws(PushEnded) {
            try throttle.admit(count, activity)
        } catch {
            throw .ended
        }
    }

    private func fill(
        _ file: borrowing Descriptor, at offset: UInt64, _ count: Int
    ) throws(AnswerTrouble) -> Int {
        do throws(SystemError) {
            return try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]), at: offset)
        } catch {
            throw AnswerTrouble(error)
        }
    }

    private func nextData(_ file: borrowing Descriptor, from offset: UInt64) throws(AnswerTrouble) -> UInt64? {
        do throws(SystemError) {
            return try file.nextData(from: offset)
        } catch {
            throw AnswerTrouble(error)
        }
    }

    func status(of file: borrowing Descriptor) throws(AnswerTrouble) -> FileStatus {
        do throws(SystemError) {
            return try file.status()
        } catch {
            throw AnswerTrouble(error)
        }
    }

    /// Without the blocks of zeros at either end.
    private func whatIsNotZero(_ run: UnsafeRawBufferPointer) -> Range<Int> {
        var start = 0
        var end = run.count
        let block = ContentHasher.blockSize
        while start < end, isZero(UnsafeRawBufferPointer(rebasing: run[start..<min(start + block, end)])) {
            start = min(start + block, end)
        }
        while end > start {
            let last = (end - 1) / block * block
            guard isZero(UnsafeRawBufferPointer(rebasing: run[max(last, start)..<end])) else { break }
            end = max(last, start)
        }
        return start..<end
    }
}
