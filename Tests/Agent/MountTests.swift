import Agent
import Configuration
import Glibc
import Model
import Platform
import Support
import Testing
import Wire

/// Whether this process may mount: root in a container often may not.
private let mayMount: Bool = {
    guard testsRunAsRoot, let scratch = try? Scratch("mount") else { return false }
    guard (try? Command("mount", "-t", "tmpfs", "none", scratch.path).check()) != nil else { return false }
    return (try? Command("umount", scratch.path).check()) != nil
}()

@Suite(.temporaryDirectory, .enabled(if: mayMount, "mounting needs root, and the right to"))
struct MountTests {
    let place: TemporaryDirectory
    let peer = Peer()

    init() throws {
        place = try TemporaryDirectory.current
        try place.directory.makeDirectory("mounted", mode: 0o755)
    }

    /// Runs `body` while a file system is mounted on `mounted`.
    private func mounted(_ kind: String, _ body: () throws -> Void) throws {
        let path = "\(place.path)/mounted"
        try Command("mount", "-t", kind, "none", path).check()
        defer { _ = try? Command("umount", path).check() }
        try body()
    }

    @Test func `a file system that is mounted within an entry is walked like any directory`() throws {
        try mounted("tmpfs") {
            try Scratch.write("inner", "\(place.path)/mounted/file")
            let (report, brought) = try push([entry(place.path)], to: peer)
            #expect(report.outcome == .committed(Generation(1)))
            #expect(brought.contents["\(place.path)/mounted/file"] == Array("inner".utf8))
            let heads = Set(brought.listings.compactMap { $0.head?.fileSystem })
            #expect(heads.count == 2)
        }
    }

    @Test func `an entry that stays on its file system lists a mount point as an empty directory`() throws {
        try mounted("tmpfs") {
            try Scratch.write("inner", "\(place.path)/mounted/file")
            let one = Entry(path: Path(absolute: Array(place.path.utf8))!, staysOnFileSystem: true, line: 1)
            let (report, brought) = try push([one], to: peer)
            #expect(report.outcome == .committed(Generation(1)))
            #expect(report.issues == [])
            let listing = brought.listings.first { peer.path($0.directory.rawValue) == "\(place.path)/mounted" }
            #expect(listing?.entries == [])
        }
    }

    @Test func `nothing of a file system of the kernel's own is listed`() throws {
        try mounted("proc") {
            let (report, brought) = try push([entry(place.path)], to: peer)
            #expect(report.outcome == .committed(Generation(1)))
            #expect(report.issues == [])
            let listing = brought.listings.first { peer.path($0.directory.rawValue) == "\(place.path)/mounted" }
            #expect(listing?.entries == [])
        }
    }

    @Test func `a file that another is mounted over is sent as what is seen there`() throws {
        try place.write("a", "beneath")
        try place.write("b", "above")
        try Command("mount", "--bind", "\(place.path)/b", "\(place.path)/a").check()
        defer { _ = try? Command("umount", "\(place.path)/a").check() }
        let (report, brought) = try push([entry(place.path)], to: peer)
        #expect(report.outcome == .committed(Generation(1)))
        #expect(brought.contents["\(place.path)/a"] == Array("above".utf8))
        #expect(brought.contents["\(place.path)/b"] == Array("above".utf8))
    }

    @Test(.enabled(if: HungMount.isPossible, "needs /dev/fuse"), .timeLimit(.minutes(1)))
    func `a file system that hangs in the middle of an entry ends the push, and is named`() throws {
        for name: Name in ["a", "z"] { try place.directory.makeDirectory(name, mode: 0o755) }
        let mount = try HungMount(on: "\(place.path)/mounted")
        let (report, _) = try push([entry(place.path)], to: peer) { $0.fileSystemPatience = 1 }
        #expect(report.outcome == .failed(.stalled(path: Array(mount.path.utf8), seconds: 1)))
    }
}

extension Scratch {
    fileprivate static func write(_ text: String, _ path: String) throws {
        let parts = path.split(separator: "/")
        let directory = try Directory.open(Array(("/" + parts.dropLast().joined(separator: "/")).utf8))
        try directory.createFile(Name(Array(parts[parts.count - 1].utf8))!).write(Array(text.utf8))
    }
}
