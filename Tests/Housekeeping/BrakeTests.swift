import Housekeeping
import Model
import Testing

@Suite struct `The brake` {
    private static let disk = FileSystemIdentity(kind: 0xEF53, number: 7)

    private struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var before: EntryFigures
        var after: EntryFigures?
        var altered: UInt64 = 0
        var kinds: [BrakeReason.Kind]

        init(
            _ title: String, _ before: (UInt64, UInt64), _ after: (UInt64, UInt64)?, altered: UInt64 = 0,
            on fileSystems: (FileSystemIdentity?, FileSystemIdentity?) = (disk, disk), _ kinds: [BrakeReason.Kind]
        ) {
            testDescription = title
            self.before = EntryFigures(files: before.0, bytes: before.1, fileSystem: fileSystems.0)
            self.after = after.map { EntryFigures(files: $0.0, bytes: $0.1, fileSystem: fileSystems.1) }
            self.altered = altered
            self.kinds = kinds
        }
    }

    private static let cases = [
        Case("nothing happened", (10, 100), (10, 100), []),
        Case("half of the files went", (10, 100), (5, 100), []),
        Case("more than half of the files went", (10, 100), (4, 100), [.fewerFiles]),
        Case("half of the bytes went", (10, 100), (10, 50), []),
        Case("more than half of the bytes went", (10, 100), (10, 49), [.fewerBytes]),
        Case("both", (10, 100), (1, 1), [.fewerFiles, .fewerBytes]),
        Case("it grew", (10, 100), (1_000_000, .max), []),
        Case("all files went", (10, 100), (0, 0), [.empty]),
        Case("its only, empty file went", (1, 0), (0, 0), [.empty]),
        Case("it was empty before", (0, 0), (0, 0), []),
        Case("the path went", (10, 100), nil, [.gone]),
        Case("the path of an empty entry went", (0, 0), nil, []),
        Case("all of a thousand files changed", (1000, 100), (1000, 100), altered: 1000, []),
        Case("all of a few more changed", (1001, 100), (1001, 100), altered: 1001, [.altered]),
        Case("four fifths changed", (10_000, 100), (10_000, 100), altered: 8000, []),
        Case("more than four fifths changed", (10_000, 100), (10_000, 100), altered: 8001, [.altered]),
        Case("what is altered is held against what was", (10_000, 100), (90_000, 900), altered: 8001, [.altered]),
        Case(
            "another disk", (10, 100), (10, 100), on: (disk, FileSystemIdentity(kind: 0xEF53, number: 8)),
            [.fileSystem]),
        Case(
            "another kind of file system", (10, 100), (10, 100),
            on: (disk, FileSystemIdentity(kind: 0x5846, number: 0)),
            [.fileSystem]),
        Case(
            "the disk is not mounted", (10, 100), (0, 0), on: (disk, FileSystemIdentity(kind: 0xEF53, number: 8)),
            [.fileSystem, .empty]),
        Case(
            "a file system without a lasting number", (10, 100), (10, 100),
            on: (disk, FileSystemIdentity(kind: 0xEF53, number: 0)), []),
        Case("a file system that was never told", (10, 100), (10, 100), on: (nil, disk), []),
    ]

    @Test(arguments: cases) private func `stops at the limits`(example: Case) {
        let entry = EntryChange(
            path: Path(["home"]), before: example.before, after: example.after, altered: example.altered)
        let reasons = brake([entry], BrakeLimits(shrink: 50, change: 80))
        #expect(reasons == example.kinds.map { BrakeReason($0, entry) })
    }

    @Test func `names each entry that gives a reason, and no other`() {
        func entry(_ name: Name, after files: UInt64) -> EntryChange {
            EntryChange(
                path: Path([name]), before: EntryFigures(files: 10, bytes: 0),
                after: EntryFigures(files: files, bytes: 0), altered: 0)
        }
        let reasons = brake(
            [entry("a", after: 1), entry("b", after: 9), entry("c", after: 0)], BrakeLimits(shrink: 50, change: 80))
        #expect(reasons.map(\.entry.path.description) == ["/a", "/c"])
    }

    @Test func `lets anything but emptiness pass at 100 percent`() {
        let limits = BrakeLimits(shrink: 100, change: 100)
        func reasons(_ after: UInt64) -> [BrakeReason.Kind] {
            brake(
                [
                    EntryChange(
                        path: Path(), before: EntryFigures(files: 5000, bytes: 5000),
                        after: EntryFigures(files: after, bytes: after), altered: 5000)
                ], limits
            ).map(\.kind)
        }
        #expect(reasons(1) == [])
        #expect(reasons(0) == [.empty])
    }
}
