import Synchronization

/// In which order the runs of a file are to be looked at, whatever order they come in: they are numbered as they were
/// read, and rise through the file.
///
/// Only when all before a run have come is it known that what lies between them is a hole.
struct RunSequence: ~Copyable {
    /// Where the last run ends that came in its turn.
    private(set) var position: UInt64 = 0
    private var next: UInt64 = 0
    private var ahead: [UInt64: Range<UInt64>] = [:]
    private let notes: AheadNotes

    init(_ notes: AheadNotes) { self.notes = notes }

    deinit { notes.giveBack(ahead.count) }

    /// Whether nothing waits for its turn.
    var isWhole: Bool { ahead.isEmpty }

    /// Takes the run of this number.
    /// - Returns: whether it came in its turn; if not it is noted, and `nextInTurn` will give it.
    mutating func take(_ number: UInt64, at offset: UInt64, count: Int) throws(RunDisorder) -> Bool {
        let (end, isTooLong) = offset.addingReportingOverflow(UInt64(count))
        guard !isTooLong, end <= UInt64(Int64.max) else { throw RunDisorder("content beyond what a file can hold") }
        guard number >= next, ahead[number] == nil else { throw RunDisorder("content comes twice") }
        guard number > next else {
            try advance(to: offset..<end)
            return true
        }
        guard offset >= position else { throw RunDisorder("content out of order") }
        guard notes.take() else { throw RunDisorder("too much content came ahead of its turn") }
        ahead[number] = offset..<end
        return false
    }

    /// A run that was noted, and whose turn has come.
    mutating func nextInTurn() throws(RunDisorder) -> Range<UInt64>? {
        guard !ahead.isEmpty, let run = ahead.removeValue(forKey: next) else { return nil }
        notes.giveBack(1)
        try advance(to: run)
        return run
    }

    private mutating func advance(to run: Range<UInt64>) throws(RunDisorder) {
        guard run.lowerBound >= position else { throw RunDisorder("content out of order") }
        position = run.upperBound
        next += 1
    }
}

/// Runs that no honest agent sends.
struct RunDisorder: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// How many runs came ahead of their turn, of all files of a push: each takes memory until the gap before it is closed.
final class AheadNotes: Sendable {
    /// An honest agent has as many under way as its channels hold: some hundreds.
    static let most = 1 << 18

    private let count = Atomic<Int>(0)

    /// False where there are too many.
    func take() -> Bool {
        if count.add(1, ordering: .relaxed).newValue <= AheadNotes.most { return true }
        giveBack(1)
        return false
    }

    func giveBack(_ number: Int) { count.subtract(number, ordering: .relaxed) }
}
