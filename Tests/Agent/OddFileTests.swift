import Agent
import Configuration
import Glibc
import Model
import Platform
import Support
import Synchronization
import Testing
import Wire

@Suite(.temporaryDirectory)
struct OddFileTests {
    let place: TemporaryDirectory
    let peer = Peer()

    init() throws { place = try TemporaryDirectory.current }

    @Test(.enabled(if: testsRunAsRoot && isInstalled("chattr"), "the immutable flag needs root, and chattr"))
    func `an immutable file is saved, and its flag is named`() throws {
        try place.write("f", "fixed")
        guard (try? Command("chattr", "+i", "\(place.path)/f").check()) != nil else { return }
        defer { _ = try? Command("chattr", "-i", "\(place.path)/f").check() }
        let (report, brought) = try push([entry(place.path)], to: peer)
        #expect(report.outcome == .committed(Generation(1)))
        #expect(brought.contents["\(place.path)/f"] == Array("fixed".utf8))
        #expect(report.issues.map(\.reason) == [.unsupported])
        #expect(report.issues.first?.detail.contains("immutable") == true)
        #expect(report.counts.leftOut == 0)
    }

    @Test func `attributes over the limit are left out and named, and no others`() {
        func attribute(_ name: String, _ size: Int) -> ExtendedAttribute {
            ExtendedAttribute(name: Array(name.utf8), value: [UInt8](repeating: 1, count: size))
        }
        var attributes = Attributes.none
        attributes.extended = [attribute("user.a", 60_000), attribute("user.b", 65_537), attribute("user.c", 50_000)]
        attributes.extended += [attribute("user.d", 20_000), attribute("user.e", 5)]
        var left: [String] = []
        let kept = attributes.trimmed(to: Limits.attributes, &left)
        #expect(kept.extended.map { String(decoding: $0.name, as: UTF8.self) } == ["user.a", "user.c", "user.e"])
        #expect(left == ["user.b", "user.d"])
    }

    @Test func `five thousand directories in one another pass, deeper than any path can say`() throws {
        try DeepTree.manyLevels.build(in: place.path)
        let deepest = Mutex(0)
        let peer = Peer()
        let (report, brought) = try push([entry(place.path)], to: peer) { settings in
            settings.onProgress = { now in
                deepest.withLock { $0 = max($0, now.path?.count ?? 0) }
            }
        }
        #expect(brought.failure == nil)
        #expect(report.outcome == .committed(Generation(1)))
        #expect(report.issues == [])
        #expect(brought.contents.values.contains(Array("level 5000\n".utf8)))
        let (again, second) = try push([entry(place.path)], to: peer)
        #expect(again.outcome == .committed(Generation(2)))
        #expect(second.answers.filter { $0.place.ordinal > 0 } == [])
    }

    @Test func `names of 255 bytes pass a path beyond PATH_MAX`() throws {
        try DeepTree.longNames.build(in: place.path)
        let (report, brought) = try push([entry(place.path)], to: peer)
        #expect(report.outcome == .committed(Generation(1)))
        #expect(brought.contents.values.contains(Array("level 30\n".utf8)))
    }

    @Test(arguments: [true, false])
    func `what waits is compressed where the wire is slow, and only there`(slowWire: Bool) throws {
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000)
        for index in 0..<100 { try place.write(Name(Array("f\(index)".utf8))!, text) }
        // The peer looks away now and then, as one at the end of a slow wire seems to.
        let peer = Peer(beforeAsking: { _ in usleep(1_000) })
        let (report, brought) = try push([entry(place.path)], to: peer, slowWire: slowWire)
        #expect(report.counts.contentBytes == 10_000_000)
        #expect((report.bytesSent < 8_000_000) == slowWire, "\(report.bytesSent) bytes sent")
        #expect(brought.contents.count >= 100)
    }

    @Test(.enabled(if: !testsRunAsRoot, "root may read everything"))
    func `permission to search is enough for what leads to an entry`() throws {
        try place.directory.makeDirectory("way", mode: 0o755)
        let way = try place.directory.openDirectory("way")
        try way.makeDirectory("entry", mode: 0o755)
        try way.openDirectory("entry").createFile("f").write(Array("content".utf8))
        try #require(chmod("\(place.path)/way", 0o311) == 0)
        defer { chmod("\(place.path)/way", 0o755) }
        let (report, brought) = try push([entry("\(place.path)/way/entry")], to: peer)
        #expect(report.outcome == .committed(Generation(1)))
        #expect(brought.contents["\(place.path)/way/entry/f"] == Array("content".utf8))
    }

    @Test func `a directory that is open to be searched has a status, attributes, and what lies below`() throws {
        try place.directory.makeDirectory("way", mode: 0o711)
        try place.directory.openDirectory("way").createFile("f").write(Array("content".utf8))
        try place.directory.makeSymlink("link", target: Array("way".utf8))
        let way = try place.directory.openToSearch("way")
        #expect(try way.status().stamp.metadata.mode == 0o711)
        #expect(try way.attributes().attributes == .none)
        #expect(try way.openFile("f").readAll(atMost: 100) == Array("content".utf8))
        #expect(throws: SystemError.self) { try way.list() }
        #expect(throws: SystemError.self) { try place.directory.openToSearch("link") }
    }
}
