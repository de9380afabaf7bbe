import Glibc
import Model
import Platform
import Support
import Testing

@Suite(.temporaryDirectory)
struct CopyingTests {
    private let temporary: TemporaryDirectory
    private var top: Directory { temporary.directory }

    init() throws { temporary = try .current }

    private static let mebibyte: UInt64 = 1 << 20

    private func create(_ name: Name, _ parts: [(text: String, offset: UInt64)], length: UInt64) throws {
        let file = try top.createFile(name)
        for part in parts { try file.write(Array(part.text.utf8), at: part.offset) }
        try file.truncate(to: length)
    }

    /// Copies `from` to a new file.
    @discardableResult
    private func copy(to name: Name, length: UInt64) throws -> UInt64 {
        let from = try top.openFile("from")
        let to = try top.createFile(name)
        return try copyContents(from: from, to: to, length: length)
    }

    @Test(arguments: [[], ["ficlone"], ["ficlone", "copy_file_range"]] as [[String]])
    func `a copy has the same bytes and the same holes`(unavailable: [String]) throws {
        let length = 20 * Self.mebibyte + 1
        try create("from", [("front", 0), ("middle", 5 * Self.mebibyte + 77)], length: length)
        let plans = unavailable.map { FaultPlan($0, .failFromThenOn(EOPNOTSUPP)) }
        try FaultPlan.during(plans) { _ = try copy(to: "to", length: length) }
        #expect(try temporary.read("to") == temporary.read("from"))
        #expect(try top.status(of: "to").blocks <= top.status(of: "from").blocks)
    }

    @Test func `no more is copied than was asked for, and a shorter file stays short`() throws {
        try create("from", [("0123456789", 0)], length: 10)
        #expect(try copy(to: "part", length: 4) == 4)
        #expect(try temporary.read("part") == Array("0123".utf8))
        #expect(try copy(to: "whole", length: 100) == 10)
        #expect(try temporary.read("whole").count == 10)
    }

    @Test func `a full disk is an error, not another way to copy`() throws {
        try create("from", [("x", 0)], length: 1)
        let full = FaultPlan("copy_file_range", .fail(ENOSPC))
        let noClone = FaultPlan("ficlone", .fail(EOPNOTSUPP))
        let error = #expect(throws: SystemError.self) {
            try FaultPlan.during([full, noClone]) { _ = try copy(to: "to", length: 1) }
        }
        #expect(error?.isFull == true)
    }
}
