import Agent
import Model
import Platform
import Support
import Testing
import Wire

@Suite(.temporaryDirectory)
struct EntryOpeningTests {
    let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory.current }

    @Test func `a symlink on the way is refused with the path to enter instead`() throws {
        try place.directory.makeDirectory("usr", mode: 0o755)
        try place.directory.openDirectory("usr").makeDirectory("home", mode: 0o755)
        try place.directory.openDirectory("usr").openDirectory("home").makeDirectory("bob", mode: 0o755)
        try place.directory.makeSymlink("home", target: Array("usr/home".utf8))
        let opening = try EntryOpening([entry("\(place.path)/home/bob", line: 7)])
        #expect(opening.opened == 0)
        #expect(
            opening.issues == [
                Issue(
                    path: Array("\(place.path)/home/bob".utf8), reason: .symlink,
                    detail: "\(place.path)/home is a symlink: enter \(place.path)/usr/home/bob instead", line: 7)
            ])
    }

    @Test func `a circle of symlinks leads nowhere`() throws {
        try place.directory.makeSymlink("a", target: Array("b".utf8))
        try place.directory.makeSymlink("b", target: Array("a".utf8))
        let opening = try EntryOpening([entry("\(place.path)/a")])
        #expect(opening.issues.map(\.detail) == ["\(place.path)/a is a symlink that leads nowhere"])
    }

    @Test func `a file system of the kernel's own is refused even if named`() throws {
        let opening = try EntryOpening([entry("/proc", line: 1), entry("/proc/sys/kernel", line: 2)])
        #expect(opening.issues.map(\.reason) == [.refused, .refused])
        #expect(opening.issues.map(\.line) == [1, 2])
    }

    @Test func `a missing entry stops none of the others, and what the server has of it is kept`() throws {
        try place.directory.makeDirectory("d", mode: 0o755)
        let peer = Peer()
        let entries = [entry("\(place.path)/gone/deep", line: 1), entry("\(place.path)/d", line: 2)]
        let (report, brought) = try push(entries, to: peer)
        #expect(report.outcome == .committed(Generation(1)))
        #expect(report.issues.map(\.reason) == [.missing])
        let listing = try #require(brought.listings.first { peer.path($0.directory.rawValue) == place.path })
        #expect(listing.entries.map(\.name) == ["d", "gone"])
        #expect(listing.entries.last?.what == .kept)
        #expect(listing.tail == Wire.Listing.Tail(digest: nil))
    }

    @Test func `an entry may be a file`() throws {
        try place.write("f", "content")
        try place.write("other", "not an entry")
        let (_, brought) = try push([entry("\(place.path)/f")], to: Peer())
        #expect(brought.contents == ["\(place.path)/f": Array("content".utf8)])
    }

    @Test func `where no entry can be opened nothing is pushed`() throws {
        let (report, brought) = try push([entry("\(place.path)/gone")], to: Peer())
        #expect(report.outcome == .failed(.noEntry))
        #expect(brought.listings == [])
    }

    @Test(.enabled(if: HungMount.isPossible, "needs root and /dev/fuse"), .timeLimit(.minutes(1)))
    func `an entry whose file system hangs is named, and stops none of the others`() throws {
        for name: Name in ["a", "hung", "z"] { try place.directory.makeDirectory(name, mode: 0o755) }
        try place.directory.makeSymlink("link", target: Array("hung/inner".utf8))
        let mount = try HungMount(on: "\(place.path)/hung")
        let paths = ["z", "hung/deep", "hung/other", "link", "a"].map { "\(place.path)/\($0)" }
        let opening = try EntryOpening(zip(paths, 1...).map { entry($0, line: $1) }, patience: 1)
        #expect(opening.issues.map(\.line) == [2, 3, 4])
        #expect(opening.issues.map(\.reason) == [.unreadable, .unreadable, .unreadable])
        #expect(
            opening.issues.map(\.detail) == [
                "\(mount.path) does not answer: a file system hangs",
                "\(mount.path) does not answer: a file system hangs",
                "\(place.path)/link does not answer: a file system hangs",
            ])
        #expect(opening.opened == 2)
    }

    @Test(.enabled(if: HungMount.isPossible, "needs root and /dev/fuse"), .timeLimit(.minutes(1)))
    func `a program that shall end does not wait for a file system that hangs`() throws {
        try place.directory.makeDirectory("hung", mode: 0o755)
        let mount = try HungMount(on: "\(place.path)/hung")
        #expect(throws: PushError.interrupted) { _ = try EntryOpening([entry(mount.path)], isInterrupted: { true }) }
    }
}
