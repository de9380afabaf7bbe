import Catalog
import Model
import Support
import Testing

/// The records of pushes, which outlive whoever writes them.
@Suite(.temporaryDirectory) struct `The push log` {
    private func log(_ access: Catalog.Access = .writing) throws -> PushLog {
        try PushLog(path: "\(TemporaryDirectory.current.path)/pushes.sqlite", access: access)
    }

    @Test func `keeps what a run was, with at most a thousand issues`() throws {
        let issue = Issue(path: [0x2F, 0xFF], reason: .leased, detail: "held", line: 3)
        var push = PushRecord(
            generation: Generation(1), started: someTime, ended: someTime, outcome: .failed, reason: "cut",
            received: .max, issues: Array(repeating: issue, count: 1003))
        push.counts.entries = 12
        try log().note(&push)
        #expect(push.number == 1)
        #expect(push.furtherIssues == 3)
        #expect(try log(.reading).pushes() == [push])
    }

    @Test func `keeps little of a run whose words are long`() throws {
        let issue = Issue(path: Array(repeating: 0x2F, count: 8192), reason: .refused, detail: longText)
        var push = PushRecord(
            generation: nil, started: someTime, ended: someTime, outcome: .failed, reason: longText,
            issues: Array(repeating: issue, count: 900))
        try log().note(&push)
        #expect(push.issues.count == 16 && push.furtherIssues == 884)
        #expect(push.reason.count == 1000)
        #expect(try log(.reading).pushes() == [push])
    }

    @Test(arguments: [(nil, nil), (true, nil), (false, 8)] as [(Bool?, Int?)])
    func `keeps how a push went about it`(isPartial: Bool?, channels: Int?) throws {
        var push = PushRecord(generation: Generation(1), started: someTime, outcome: .running)
        try log().note(&push)
        (push.isPartial, push.channels) = (isPartial, channels)
        try log().note(&push)
        #expect(try log(.reading).pushes() == [push])
    }

    @Test(.enabled(if: isInstalled("sqlite3"), "needs sqlite3"))
    func `is read as an earlier version left it, which knew nothing of that`() throws {
        var push = PushRecord(generation: Generation(1), started: someTime, outcome: .complete)
        push.isPartial = true
        try log().note(&push)
        let file = "\(try TemporaryDirectory.current.path)/pushes.sqlite"
        try Command("sqlite3", file, "DROP TABLE manner").check()
        push.isPartial = nil
        #expect(try log(.reading).pushes() == [push])
        push.channels = 2
        try log().note(&push)
        #expect(try log(.reading).pushes() == [push])
    }

    private let longText = String(repeating: "y", count: 8192)

    @Test func `keeps a run once, however often it is noted`() throws {
        let log = try log()
        var push = PushRecord(generation: Generation(1), started: someTime, outcome: .running)
        try log.note(&push)
        #expect(try log.pushes().map(\.outcome) == [.running])
        push.outcome = .complete
        push.ended = someTime
        push.issues = [Issue(path: [0x2F], reason: .unreadable, detail: "")]
        try log.note(&push)
        #expect(try log.pushes() == [push])
    }

    @Test func `says of runs without an end whether their generation was committed`() throws {
        let log = try log()
        for number: Int64 in [1, 2] {
            var push = PushRecord(generation: Generation(number), started: someTime, outcome: .running)
            try log.note(&push)
        }
        var failed = PushRecord(generation: nil, started: someTime, ended: someTime, outcome: .failed, reason: "busy")
        try log.note(&failed)
        try log.endCutOff(committed: Generation(1))
        let pushes = try log.pushes()
        #expect(pushes.map(\.outcome) == [.failed, .failed, .complete])
        #expect(pushes.map(\.ended) == [someTime, nil, nil])
        #expect(pushes[0].reason == "busy")
        #expect(pushes[1].reason.contains("killed"))
    }

    @Test func `takes records from several programs at once`() throws {
        let (first, second) = (try log(), try log())
        for _ in 0..<10 {
            for log in [first, second] {
                var push = PushRecord(generation: nil, started: someTime, outcome: .failed)
                try log.note(&push)
            }
        }
        #expect(try first.pushes().map(\.number) == (1...20).reversed())
    }

    @Test func `is missing before the first push`() throws {
        #expect(throws: CatalogError.self) { try log(.reading) }
    }
}
