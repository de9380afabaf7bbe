import Agent
import Configuration
import Digest
import Glibc
import Model
import Platform
import Support
import Synchronization
import Testing
import Wire

@Suite(.temporaryDirectory)
struct PushTests {
    let place: TemporaryDirectory
    let root: Directory
    let peer = Peer()

    init() throws {
        place = try TemporaryDirectory.current
        root = place.directory
    }

    private func listed(_ transcript: Peer.Transcript, by peer: Peer) -> [String] {
        // The directories above change whenever another test begins.
        transcript.listings.map { peer.path($0.directory.rawValue) }.filter { $0.hasPrefix(place.path) }
    }

    @Test func `the first push brings everything, the second sends no listing`() throws {
        try place.write("a", "alpha")
        try place.write("empty", "")
        try root.makeDirectory("d", mode: 0o755)
        try root.openDirectory("d").makeSymlink("link", target: Array("../a".utf8))
        let (report, first) = try push([entry(place.path)], to: peer)
        #expect(first.failure == nil)
        #expect(report.outcome == .committed(Generation(1)))
        #expect(first.contents["\(place.path)/a"] == Array("alpha".utf8))
        #expect(first.contents["\(place.path)/empty"] == [])
        #expect(first.contents["\(place.path)/d/link"] == Array("../a".utf8))
        #expect(first.counts?.answers == UInt64(first.answers.count))
        #expect(first.counts?.listings == UInt64(first.listings.count))

        let (again, second) = try push([entry(place.path)], to: peer)
        #expect(again.outcome == .committed(Generation(2)))
        #expect(listed(second, by: peer) == [])
    }

    @Test func `a change is told of in the listing of its directory alone`() throws {
        try root.makeDirectory("d", mode: 0o755)
        try root.makeDirectory("e", mode: 0o755)
        try root.openDirectory("d").createFile("f").write(Array("one".utf8))
        _ = try push([entry(place.path)], to: peer)
        try root.openDirectory("d").openOrCreateFile("f").write(Array("two".utf8))
        let (_, second) = try push([entry(place.path)], to: peer)
        #expect(listed(second, by: peer) == ["\(place.path)/d"])
        #expect(second.contents == ["\(place.path)/d/f": Array("two".utf8)])
    }

    @Test func `content that the server knows already is not sent`() throws {
        try place.write("f", "same")
        _ = try push([entry(place.path)], to: peer)
        try root.unlink("f")
        try place.write("f", "same")
        let (_, second) = try push([entry(place.path)], to: peer)
        #expect(second.answered["\(place.path)/f"]?.body == .known(ContentDigest.of("same")))
    }

    @Test func `a stamp too young to be trusted is listed again`() throws {
        try place.write("f", "young")
        let (_, first) = try push([entry(place.path)], to: peer, ahead: 0)
        #expect(first.answered["\(place.path)/f"]?.isUnsettled == true)
        #expect(first.listings.last?.tail?.digest == nil)
        let (_, second) = try push([entry(place.path)], to: peer, ahead: 10)
        #expect(listed(second, by: peer).contains(place.path))
        #expect(second.answered["\(place.path)/f"]?.body == .known(ContentDigest.of("young")))
        let (_, third) = try push([entry(place.path)], to: peer, ahead: 10)
        #expect(listed(third, by: peer) == [])
    }

    @Test func `large files come in runs, small ones in their answer`() throws {
        let large = (0..<400_001).map { UInt8(truncatingIfNeeded: ($0 * 7) >> 3) }
        try place.write("large", large)
        try place.write("edge", Array(large.prefix(131_072)))
        let (_, first) = try push([entry(place.path)], to: peer)
        #expect(first.failure == nil)
        #expect(first.contents["\(place.path)/large"] == large)
        #expect(first.contents["\(place.path)/edge"] == Array(large.prefix(131_072)))
        #expect(first.runs == 3)
    }

    @Test func `a sparse file of a tebibyte takes no time`() throws {
        try makeSparse("sparse", size: 1 << 40, "end", at: 1 << 39)
        let (report, first) = try push([entry(place.path)], to: peer)
        #expect(first.failure == nil)
        #expect(first.answered["\(place.path)/sparse"]?.stamp.metadata.size == 1 << 40)
        #expect(report.counts.contentBytes <= 1 << 17)
        #expect(report.duration < .seconds(10))
    }

    private func makeSparse(_ name: Name, size: UInt64, _ text: String, at offset: UInt64) throws {
        let file = try root.createFile(name)
        try file.truncate(to: size)
        try file.write(Array(text.utf8), at: offset)
    }

    @Test func `a directory of many names comes in parts`() throws {
        let count = 5_000
        for index in 0..<count {
            let digits = String(index)
            let name = String(repeating: "0", count: 6 - digits.utf8.count) + digits
            try root.makeSymlink(Name(Array(name.utf8))!, target: [0x78])
        }
        let (report, first) = try push([entry(place.path)], to: peer)
        #expect(first.failure == nil)
        #expect(report.outcome == .committed(Generation(1)))
        let parts = first.listings.filter { peer.path($0.directory.rawValue) == place.path }
        #expect(parts.count == 3)
        #expect(parts.map(\.entries.count).reduce(0, +) == count)
        #expect(parts.map { $0.head != nil } == [true, false, false])
        #expect(parts.map { $0.tail != nil } == [false, false, true])
        let (_, second) = try push([entry(place.path)], to: peer)
        #expect(listed(second, by: peer) == [])
    }

    @Test func `more than the window holds passes through it`() throws {
        for index in 0..<1_500 {
            let name = Name(Array("d\(index)".utf8))!
            try root.makeDirectory(name, mode: 0o755)
            try root.openDirectory(name).createFile("f").write([UInt8(truncatingIfNeeded: index)])
        }
        let (report, first) = try push([entry(place.path)], to: peer)
        #expect(first.failure == nil)
        #expect(report.outcome == .committed(Generation(1)))
        #expect(first.contents.count == 1_500)
    }

    @Test func `a file that vanishes is no error`() throws {
        try place.write("f", "here")
        let root = self.root
        let peer = Peer(beforeAsking: { if $0.hasSuffix("/f") { try? root.unlink("f") } })
        let (report, first) = try push([entry(place.path)], to: peer)
        #expect(first.unavailable == ["\(place.path)/f": .vanished])
        #expect(report.issues == [])
    }

    @Test func `a leased file keeps its last copy and is named`() throws {
        try place.write("f", "leased")
        let file = try root.openOrCreateFile("f")
        signal(SIGIO, SIG_IGN)
        // F_SETLEASE, F_WRLCK
        let isLeased = fcntl(file.raw, 1024, 1) == 0
        try #require(isLeased)
        let (report, first) = try push([entry(place.path)], to: peer)
        #expect(first.unavailable == ["\(place.path)/f": .kept])
        #expect(report.issues.map(\.reason) == [.leased])
        #expect(report.outcome == .committed(Generation(1)))
        try file.close()
    }

    @Test func `a symlink put in a file's place is sent as the symlink that it is`() throws {
        try place.write("f", "file")
        let root = self.root
        let peer = Peer(beforeAsking: { path in
            guard path.hasSuffix("/f") else { return }
            try? root.unlink("f")
            try? root.makeSymlink("f", target: Array("/etc/shadow".utf8))
        })
        let (_, first) = try push([entry(place.path)], to: peer)
        #expect(first.answered["\(place.path)/f"]?.body == .target(Array("/etc/shadow".utf8)))
    }

    @Test func `a directory swapped for a symlink during the walk never leaks`() throws {
        try root.makeDirectory("secret", mode: 0o755)
        try root.openDirectory("secret").createFile("key").write(Array("secret".utf8))
        try root.makeDirectory("jail", mode: 0o755)
        let jail = try root.openDirectory("jail")
        let target = Array("\(place.path)/secret".utf8)
        let isOver = Flag()
        let names = (0..<50).map { Name(Array("d\($0)".utf8))! }
        for name in names { try jail.makeDirectory(name, mode: 0o755) }
        let racer = try Thread.spawn("racer") {
            while !isOver.isSet {
                for name in names {
                    try? jail.removeDirectory(name)
                    try? jail.makeSymlink(name, target: target)
                    try? jail.unlink(name)
                    try? jail.makeDirectory(name, mode: 0o755)
                }
            }
        }
        for _ in 0..<20 {
            let (_, brought) = try push([entry("\(place.path)/jail")], to: peer)
            #expect(brought.failure == nil)
            #expect(brought.listings.allSatisfy { !$0.entries.contains { $0.name == "key" } })
            #expect(!brought.contents.values.contains(Array("secret".utf8)))
        }
        isOver.set()
        racer.join()
    }

    @Test func `a file that changes while it is read is read once more, stored as read, and named`() throws {
        try place.write("log", [UInt8](repeating: 1, count: 48 << 20))
        let isOver = Flag()
        let root = self.root
        let writer = try Thread.spawn("writer") {
            while !isOver.isSet {
                append(to: "log", below: root)
                usleep(100)
            }
        }
        let (report, brought) = try push([entry(place.path)], to: peer)
        isOver.set()
        writer.join()
        #expect(brought.failure == nil)
        #expect(brought.restarts == 1)
        #expect(brought.answered["\(place.path)/log"]?.isUnsettled == true)
        #expect(report.issues.map(\.reason) == [.changedWhileRead])
        #expect(report.outcome == .committed(Generation(1)))
    }

    @Test func `hard links have one inode`() throws {
        try place.write("a", "one")
        try root.link("a", to: root, as: "b")
        let (_, brought) = try push([entry(place.path)], to: peer)
        let entries = try #require(brought.listings.last { peer.path($0.directory.rawValue) == place.path })
        let stamps = entries.entries.compactMap { if case .file(let stamp) = $0.what { stamp } else { nil } }
        let last = entries.head?.inodesLast == true
        #expect(stamps.map(\.links) == (last ? [2, 2] : [1, 1]))
        #expect(stamps.first?.inode == stamps.last?.inode)
        #expect((stamps.first?.inode == 0) == !last)
    }

    @Test func `what an entry excludes is not listed`() throws {
        try place.write("keep", "k")
        try place.write("drop.core", "d")
        try root.makeDirectory("cache", mode: 0o755)
        let patterns = try ["*.core", "\(place.path)/cache"].map { try ExcludePattern(Array($0.utf8)) }
        var one = entry(place.path)
        one.exclusion = Exclusion(patterns: patterns, depth: one.path.names.count)
        let (_, brought) = try push([one], to: peer)
        let listing = try #require(brought.listings.last { peer.path($0.directory.rawValue) == place.path })
        #expect(listing.entries.map(\.name) == ["keep"])
    }

    @Test func `a directory that cannot be read is kept and named`() throws {
        try root.makeDirectory("d", mode: 0o755)
        try root.openDirectory("d").createFile("f").write(Array("x".utf8))
        _ = try push([entry(place.path)], to: peer)
        // How many calls it takes to open them is the machine's affair.
        let opening = try EntryOpening([entry(place.path)])
        let plan = FaultPlan("getdents64", call: 3, .failFromThenOn(EIO))
        let (report, brought) = try plan.during { try push(opening, to: peer) }
        #expect(brought.kept == ["\(place.path)/d"])
        #expect(report.issues.map(\.reason) == [.inputOutput])
        #expect(report.outcome == .committed(Generation(2)))
    }

    @Test func `a file that cannot be read keeps its last copy and is named`() throws {
        try place.write("f", "content")
        let plan = FaultPlan("pread", .failFromThenOn(EIO))
        let (report, brought) = try plan.during { try push([entry(place.path)], to: peer) }
        #expect(brought.unavailable == ["\(place.path)/f": .kept])
        #expect(report.issues.map(\.reason) == [.inputOutput])
    }

    @Test func `a dry run says what it would send, and sends none of it`() throws {
        try place.write("f", "content")
        let lines = Mutex<[String]>([])
        let (report, brought) = try push([entry(place.path)], to: peer, purpose: .dryRun) { settings in
            settings.onRehearsed = { line in lines.withLock { $0.append(escaped(line.path)) } }
        }
        #expect(report.outcome == .rehearsed)
        #expect(brought.answers == [])
        #expect(lines.withLock { $0 }.contains("\(place.path)/f"))
    }
}

/// Raised once, seen by another thread.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

extension ContentDigest {
    static func of(_ text: String) -> ContentDigest { ContentHasher.digest(of: Array(text.utf8)) }
}

/// Adds a byte at a file's end.
private func append(to name: Name, below directory: Directory) {
    do {
        let file = try directory.openOrCreateFile(name)
        try file.write([1], at: try file.status().stamp.metadata.size)
    } catch {
        // The test sees it: nothing changes.
    }
}
