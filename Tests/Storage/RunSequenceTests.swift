import Support
import Testing

@testable import Storage

/// The runs of a file, in whatever order they come.
struct RunSequenceTests {
    /// What three runs are, with holes between.
    private let runs: [Range<UInt64>] = [10..<20, 20..<25, 100..<101]

    @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    func `are looked at in the order in which they were read`(order: [Int]) throws {
        let notes = AheadNotes()
        var sequence = RunSequence(notes)
        var seen: [Range<UInt64>] = []
        for number in order {
            let run = runs[number]
            if try sequence.take(UInt64(number), at: run.lowerBound, count: run.count) { seen.append(run) }
            while let next = try sequence.nextInTurn() { seen.append(next) }
        }
        #expect(seen == runs)
        let (isWhole, position) = (sequence.isWhole, sequence.position)
        #expect(isWhole)
        #expect(position == 101)
    }

    @Test func `are refused where one comes twice, in its turn or ahead of it`() throws {
        var sequence = RunSequence(AheadNotes())
        _ = try sequence.take(0, at: 0, count: 1)
        #expect(throws: RunDisorder.self) { _ = try sequence.take(0, at: 5, count: 1) }
        _ = try sequence.take(2, at: 10, count: 1)
        #expect(throws: RunDisorder.self) { _ = try sequence.take(2, at: 20, count: 1) }
    }

    @Test func `are refused where one reaches into the next, whichever comes first`() throws {
        var sequence = RunSequence(AheadNotes())
        _ = try sequence.take(0, at: 0, count: 10)
        #expect(throws: RunDisorder.self) { _ = try sequence.take(1, at: 9, count: 1) }
        var other = RunSequence(AheadNotes())
        _ = try other.take(1, at: 9, count: 1)
        _ = try other.take(0, at: 0, count: 10)
        #expect(throws: RunDisorder.self) { _ = try other.nextInTurn() }
    }

    @Test func `are refused beyond the end of what a file can hold`() throws {
        var sequence = RunSequence(AheadNotes())
        #expect(throws: RunDisorder.self) { _ = try sequence.take(0, at: .max, count: 1) }
        #expect(throws: RunDisorder.self) { _ = try sequence.take(0, at: 1 << 63, count: 0) }
    }

    @Test func `are not whole while one is missing`() throws {
        var sequence = RunSequence(AheadNotes())
        _ = try sequence.take(1, at: 0, count: 1)
        let isWhole = sequence.isWhole
        #expect(!isWhole)
    }

    @Test func `take no more than so much memory ahead of their turn, in all files together`() throws {
        let notes = AheadNotes()
        for _ in 0..<AheadNotes.most { #expect(notes.take()) }
        var sequence = RunSequence(notes)
        #expect(throws: RunDisorder.self) { _ = try sequence.take(1, at: 0, count: 1) }
        notes.giveBack(2)
        #expect(try sequence.take(1, at: 0, count: 1) == false)
        _ = try sequence.take(0, at: 0, count: 0)
        _ = try sequence.nextInTurn()
        #expect(try sequence.take(3, at: 9, count: 1) == false)
    }
}
