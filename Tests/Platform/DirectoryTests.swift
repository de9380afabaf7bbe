import Glibc
import Model
import Platform
import Support
import Testing

@Suite(.temporaryDirectory)
struct DirectoryTests {
    private let temporary: TemporaryDirectory
    private var top: Directory { temporary.directory }

    init() throws { temporary = try .current }

    private func code(_ body: () throws(SystemError) -> Void) -> Int32? {
        do throws(SystemError) {
            try body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `a scan gives every name once, in the order of bytes, with its status`() throws {
        let names: [Name] = ["b", "a", "ab", "a b", "long name that shares its first bytes 2", ".hidden"]
        for name in names { try temporary.write(name, "12345") }
        let raw = try #require(Name([0xFF, 0xFE, 0x0A]))
        try top.makeSymlink(raw, target: [0xE9, 0x2F])
        try top.makeDirectory("long name that shares its first bytes 1")
        try top.makeNode("pipe", kind: .fifo)
        try top.makeNode("socket", kind: .socket)

        let scan = try top.scan()
        let found = scan.entries.map { scan.name(of: $0) }
        #expect(found == found.compactMap { $0 }.sorted())
        #expect(Set(found) == Set(names + [raw, "long name that shares its first bytes 1", "pipe", "socket"]))
        let kinds = Dictionary(uniqueKeysWithValues: zip(found, scan.entries.map { $0.status?.kind }))
        #expect(kinds["a"] == .regular)
        #expect(kinds[raw] == .symlink)
        #expect(kinds["pipe"] == .fifo)
        #expect(kinds["socket"] == .socket)
        #expect(kinds["long name that shares its first bytes 1"] == .directory)
        #expect(try top.status(of: "a").stamp.metadata.size == 5)
        #expect(try top.status(of: raw).stamp.metadata.size == 2)
        #expect(try top.status(of: "long name that shares its first bytes 1").stamp.metadata.size == 0)
        #expect(try top.readLink(raw) == [0xE9, 0x2F])
        #expect(try top.scan().entries.count == scan.entries.count, "a second reading begins anew")
    }

    @Test func `a listing of more names than one buffer holds is whole`() throws {
        for number in 0..<3000 {
            let name = try #require(Name(Array("a file with quite a long name, \(number)".utf8)))
            try top.makeNode(name, kind: .regular)
        }
        let names = try top.entries()
        #expect(names.count == 3000)
        #expect(names == names.sorted())
    }

    @Test(.enabled(if: LoopFileSystem.isPossible(.xfs), "needs root and xfs"))
    func `a name that was made anew while its directory was read is listed once`() throws {
        let disk = try LoopFileSystem(.xfs, size: "300M")
        let directory = try Directory.open(#require(Path(absolute: Array(disk.path.utf8))))
        let names = try (0..<6000).map { try #require(Name(Array("a file with quite a long name, \($0)".utf8))) }
        for name in names { try directory.makeNode(name, kind: .regular) }
        var isFirst = true
        // An xfs puts them where there is room by then: behind what was read.
        let listing = try directory.list {
            guard isFirst else { return }
            isFirst = false
            for name in names.prefix(1000) { try? directory.unlink(name) }
            for name in names.prefix(1000).reversed() { try? directory.makeNode(name, kind: .regular) }
        }
        let found = listing.names.compactMap { listing.name(of: $0) }
        let repeated = zip(found, found.dropFirst()).filter { $0 >= $1 }.map(\.0)
        #expect(repeated.isEmpty)
        #expect(Set(names.suffix(5000)).subtracting(found).isEmpty)
    }

    @Test func `nothing is followed: a symlink opens neither as directory nor as file`() throws {
        try top.makeSymlink("etc", target: Array("/etc".utf8))
        try top.makeSymlink("passwd", target: Array("/etc/passwd".utf8))
        #expect(code { () throws(SystemError) in _ = try top.openDirectory("etc") } == ENOTDIR)
        #expect(code { () throws(SystemError) in _ = try top.openFile("passwd") } == ELOOP)
        #expect(code { () throws(SystemError) in _ = try top.createFile("passwd") } == EEXIST)
        #expect(try top.openAnything("passwd").status().kind == .symlink)
    }

    @Test(.timeLimit(.minutes(1))) func `opening a fifo that no one writes does not wait`() throws {
        try top.makeNode("pipe", kind: .fifo)
        #expect(try top.openFile("pipe").status().kind == .fifo)
    }

    @Test func `a rename replaces only if told, and can exchange`() throws {
        try temporary.write("a", "A")
        try temporary.write("b", "B")
        #expect(code { () throws(SystemError) in try top.rename("a", to: top, as: "b") } == EEXIST)
        try top.rename("a", to: top, as: "b", .exchange)
        #expect(try temporary.read("b") == Array("A".utf8))
        try top.rename("a", to: top, as: "b", .replace)
        #expect(try temporary.read("b") == Array("B".utf8))
        #expect(try top.statusIfPresent(of: "a") == nil)
    }

    @Test func `a link is the same inode, and a symlink is linked itself`() throws {
        try temporary.write("a", "A")
        try top.makeSymlink("s", target: Array("a".utf8))
        try top.link("a", to: top, as: "b")
        try top.link("s", to: top, as: "t")
        #expect(try top.status(of: "a").stamp.inode == top.status(of: "b").stamp.inode)
        #expect(try top.status(of: "a").stamp.links == 2)
        #expect(try top.status(of: "t").kind == .symlink)
    }

    @Test func `the kernel's own file systems are told from real ones`() throws {
        #expect(try Directory.open(Array("/proc".utf8)).fileSystem().isPseudo)
        #expect(try !top.fileSystem().isPseudo)
        #expect(try Directory.open(Array("/proc".utf8)).status().isMountRoot)
        #expect(try top.freeSpace() > 0)
        #expect(try top.status().birth.seconds >= 0)
    }

    @Test func `an error says what was done to what, and why`() throws {
        let error = #expect(throws: SystemError.self) { _ = try top.openFile("no\nfile") }
        #expect(error?.description == "openat no\\nfile: No such file or directory")
        #expect(error?.isMissing == true)
    }
}
