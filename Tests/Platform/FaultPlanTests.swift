import Glibc
import Model
import Platform
import Support
import Testing

@Suite(.temporaryDirectory)
struct FaultPlanTests {
    private let temporary: TemporaryDirectory
    private var top: Directory { temporary.directory }

    init() throws { temporary = try .current }

    @Test func `only the call that was named fails, and only once`() throws {
        let plan = FaultPlan("mkdirat", call: 2, .fail(ENOSPC))
        try plan.during {
            try top.makeDirectory("a")
            try top.makeNode("node", kind: .regular)
            #expect(throws: SystemError(operation: "mkdirat", code: ENOSPC, subject: [UInt8(ascii: "b")])) {
                try top.makeDirectory("b")
            }
            try top.makeDirectory("b")
        }
        #expect(plan.calls == 3)
        try top.makeDirectory("c")
        #expect(plan.calls == 3)
    }

    @Test func `a plan is in force in the threads that are started under it, and nowhere else`() throws {
        let directory = top
        let outside = try Thread.spawn("outside") {
            for _ in 0..<1000 { _ = try? directory.status() }
        }
        let plan = FaultPlan("mkdirat", .failFromThenOn(EDQUOT))
        let failures = Monitor(0)
        try plan.during {
            let inside = try Thread.spawn("inside") {
                do throws(SystemError) {
                    try directory.makeDirectory("x")
                } catch {
                    failures.with { $0 += error.isFull ? 1 : 0 }
                }
            }
            inside.join()
        }
        outside.join()
        #expect(failures.with { $0 } == 1)
    }

    @Test func `a failing statx is that entry's error, and the others are there`() throws {
        try temporary.write("a", "")
        try temporary.write("b", "")
        let scan = try FaultPlan("statx", call: 2, .fail(EIO)).during { try top.scan() }
        #expect(scan.entries.map(\.code) == [0, EIO])
        let vanished = try FaultPlan("statx", call: 1, .fail(ENOENT)).during { try top.scan() }
        #expect(vanished.entries.map { vanished.name(of: $0) } == ["b"])
    }

    @Test func `a failing close is told, and closes`() throws {
        let file = try top.createFile("file")
        let raw = file.raw
        do {
            try FaultPlan("close", .fail(EIO)).during { try closeTaking(raw, file) }
            Issue.record("close did not fail")
        } catch let error as SystemError {
            #expect(error.code == EIO)
        }
    }

    private func closeTaking(_ raw: Int32, _ file: borrowing Descriptor) throws {
        try file.duplicate().close()
    }
}
