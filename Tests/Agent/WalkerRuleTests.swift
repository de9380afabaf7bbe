import Platform
import Testing

@testable import Agent

/// How many threads walk.
struct WalkerRuleTests {
    @Test(
        arguments: [
            ([Medium.rotating], 1, 2), ([.rotating], 64, 2),
            ([.solid], 1, 4), ([.solid], 2, 8), ([.solid], 64, 8),
            ([.unknown], 1, 4), ([.unknown], 64, 8),
            ([.memory], 1, 1), ([.memory], 2, 2), ([.memory], 64, 8),
            ([], 2, 8),
        ] as [(Set<Medium>, Int, Int)])
    func `the disk decides, and where nothing is waited for the processors`(
        media: Set<Medium>, processors: Int, walkers: Int
    ) {
        #expect(WalkerRule.walkers(on: media, processors: processors) == walkers)
    }

    @Test(
        arguments: [
            ([Medium.solid, .rotating], 2), ([.memory, .rotating], 2), ([.unknown, .rotating], 2),
            ([.memory, .solid], 8),
            ([.memory, .unknown], 8), ([.memory, .solid, .unknown, .rotating], 2),
        ] as [(Set<Medium>, Int)])
    func `of several disks the one that minds most decides`(media: Set<Medium>, walkers: Int) {
        #expect(WalkerRule.walkers(on: media, processors: 2) == walkers)
    }
}
