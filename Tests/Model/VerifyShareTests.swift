import Model
import Testing

@Suite struct `A share to be verified` {
    @Test(arguments: [1, 2, 7, 30, 1_000] as [UInt32])
    func `has each directory exactly once in as many generations`(_ count: UInt32) {
        let share = VerifyShare(rawValue: count)
        for directory in [1, 2, 29, 30, 31, 1 << 60] as [Int64] {
            for first in [1, 5, 1 << 60] as [Int64] {
                let covered = (0..<Int64(count)).filter {
                    share.covers(DirectoryNumber(directory), in: Generation(first + $0))
                }
                #expect(covered.count == 1, "directory \(directory) from generation \(first) on")
            }
        }
    }

    @Test func `is all in every generation, or none in any`() {
        for number in 1..<50 as Range<Int64> {
            #expect(VerifyShare.all.covers(DirectoryNumber(number), in: Generation(7)))
            #expect(!VerifyShare.none.covers(DirectoryNumber(number), in: Generation(7)))
        }
    }
}
