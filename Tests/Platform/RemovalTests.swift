import Glibc
import Model
import Platform
import Support
import Testing

@Suite(.temporaryDirectory)
struct RemovalTests {
    private let temporary: TemporaryDirectory
    private var top: Directory { temporary.directory }

    init() throws { temporary = try .current }

    @Test func `a tree of 6,000 levels goes, with files on every level`() throws {
        let long = try #require(Name([UInt8](repeating: UInt8(ascii: "d"), count: 30)))
        try top.makeDirectory("deep")
        var directory = try top.openDirectory("deep")
        for _ in 0..<6000 {
            try directory.makeDirectory(long)
            try directory.makeNode("file", kind: .regular)
            directory = try directory.openDirectory(long)
        }
        try top.removeTree("deep")
        #expect(try top.entries().isEmpty)
    }

    @Test func `a name of any kind goes, and a missing one does no harm`() throws {
        try temporary.write("file", "x")
        try top.makeSymlink("link", target: Array("/etc".utf8))
        try top.makeNode("pipe", kind: .fifo)
        try top.makeDirectory("wide")
        let wide = try top.openDirectory("wide")
        for number in 0..<2000 {
            try wide.makeNode(#require(Name(Array("\(number)".utf8))), kind: .regular)
        }
        for name: Name in ["file", "link", "pipe", "wide", "nothing"] { try top.removeTree(name) }
        #expect(try top.entries().isEmpty)
        #expect(access("/etc", F_OK) == 0)
    }

    @Test func `directories that their owner may not write or read go too`() throws {
        try top.makeDirectory("a")
        let outer = try top.openDirectory("a")
        try outer.makeDirectory("b")
        try outer.openDirectory("b").makeNode("file", kind: .regular)
        #expect(chmod("\(temporary.path)/a/b", 0o500) == 0)
        #expect(chmod("\(temporary.path)/a", 0) == 0)
        try top.removeTree("a")
        #expect(try top.entries().isEmpty)
    }

    @Test func `a tree that is cut off midway is removed by the next call`() throws {
        try top.makeDirectory("a")
        for name: Name in ["x", "y", "z"] { try top.openDirectory("a").makeDirectory(name) }
        let plan = FaultPlan("unlinkat", call: 4, .fail(EIO))
        #expect(throws: SystemError(operation: "unlinkat", code: EIO, subject: Array("y".utf8))) {
            try plan.during { try top.removeTree("a") }
        }
        try top.removeTree("a")
        #expect(try top.entries().isEmpty)
    }

    @Test(.enabled(if: isRoot(), "mounting needs root")) func `what is mounted below stays`() throws {
        try top.makeDirectory("a")
        try top.openDirectory("a").makeDirectory("mounted")
        let place = "\(temporary.path)/a/mounted"
        try #require(mount("none", place, "tmpfs", 0, nil) == 0)
        defer { umount2(place, 0) }
        try top.openDirectory("a").openDirectory("mounted").makeNode("keep", kind: .regular)
        #expect(throws: SystemError(operation: "unlinkat", code: EXDEV, subject: Array("mounted".utf8))) {
            try top.removeTree("a")
        }
        #expect(access("\(place)/keep", F_OK) == 0)
    }
}
