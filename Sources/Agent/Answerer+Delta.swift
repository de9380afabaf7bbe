import Delta
import Digest
import Model
import Platform
import Wire

/// The content of files of which the server told what it has.
extension Answerer {
    /// Reads a file once, sends what the server's copy lacks, and names the rest by where the copy has it.
    mutating func read(
        _ place: Inquiry, _ file: borrowing Descriptor, _ status: FileStatus, against signature: Signature
    ) throws(AnswerTrouble) -> ContentReader.Content {
        let size = status.stamp.metadata.size
        var search = DeltaSearch(
            signature, length: size, isSparse: status.blocks * 512 < size,
            longest: .init(literal: Limits.run, copy: Limits.copy))
        var hasher = ContentHasher()
        while true {
            activity.goOn()
            switch search.next() {
            case .read(let buffer, let offset):
                let count = try reader.fill(buffer, file, at: offset)
                hasher.update(block: UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: offset)
                search.filled(count)
            case .seek(let offset): search.found(try reader.nextData(file, from: offset))
            case .literal(let bytes, let offset): try sendRun(of: place, at: offset, bytes)
            case .copy(let copy): try send(copy, of: place)
            case .end:
                let length = search.length
                return ContentReader.Content(
                    digest: hasher.finish(length: length), size: length,
                    rest: UnsafeRawBufferPointer(start: nil, count: 0), offset: length)
            }
        }
    }

    private mutating func send(_ copy: DeltaSearch.Copy, of place: Inquiry) throws(AnswerTrouble) {
        let run = CopiedRun(
            place: place, runs: runs, offset: copy.offset, source: copy.source, length: copy.length)
        try sending { (out) throws(PushEnded) in try out.add(.copied(run)) }
        runs.count()
    }
}
