import Catalog
import Glibc
import Model
import Platform
import Storage
import Support
import Testing

/// What the nights are for: each is what the jail was then, whatever became of the jail since.
@Suite struct `Each of thirty nights of random changes is what was pushed then for as long as it is kept` {
    private static let loops = LoopFileSystem.isPossible(.ext4, .xfs, .btrfs)

    @Test(
        .enabled(if: loops, "needs root, mkfs of each kind and loop devices"),
        arguments: LoopFileSystem.Kind.allCases)
    func `on every file system`(kind: LoopFileSystem.Kind) throws {
        let mounted = try LoopFileSystem(kind, size: "400M")
        try live(in: mounted.path)
    }

    @Test(.enabled(if: !loops, "each file system has them in the other test"))
    func `where the tests run`() throws { try live(in: nil) }

    private func live(in place: String?) throws {
        let week = try Week(in: place)
        var changes = RandomChanges(seed: UInt64.random(in: 0..<1_000_000), in: week.jail.source)
        try changes.makeRound(of: 100)
        for night in 1...30 {
            try changes.makeRound(of: 30)
            try week.push()
            // By itself it compares whole trees once a week; that must neither find nor change anything.
            let report = try week.rotate(comparing: night % 7 == 0)
            let moment: Comment = "night \(night) of seed \(changes.seed): \(report)"
            try #require(report.mended == 0, moment)
            switch report.source {
            case .recycled(let old): try #require(old == Generation(Int64(night - 6)), moment)
            case .freshCopy: try #require(night <= 6, moment)
            case .freshCopyInstead: try #require(Bool(false), moment)
            }
            // What is altered in a night stays altered: it is seen when the night is the last, or when all are looked into.
            try #require(try week.wrong(in: night % 10 == 0 ? nil : [0, 1, 6]) == "", moment)
        }
        #expect(try week.generations() == [30, 30, 29, 28, 27, 26, 25])
    }
}
