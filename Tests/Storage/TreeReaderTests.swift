import Catalog
import Model
import Platform
import Storage
import Support
import Testing

/// Reading a night while others would change it.
@Suite struct `A tree that is being read` {
    private let week: Week

    /// Two nights of two states: `0` and `1` have the second, `2` the first.
    init() throws {
        week = try Week()
        try week.push(after: "echo one > f; mkdir d; echo two > d/g")
        try week.rotate()
        try week.push(after: "echo three > f")
        try week.rotate()
    }

    private func catalog() throws -> Catalog { try #require(try week.jail.backupdir.catalogForReading()) }

    private func reader(of generation: Int64, _ path: String = "/") throws -> TreeReader? {
        let path = try #require(Path(absolute: Array(path.utf8)))
        return try week.jail.backupdir.reader(of: Generation(generation), holding: [path], try catalog())
    }

    private func content(of path: String, in reader: TreeReader) throws -> String {
        let path = try #require(Path(absolute: Array(path.utf8)))
        let row = try #require(try catalog().resolve(path, at: reader.generation))
        return String(decoding: try reader.open(try #require(row.place)).readAll(atMost: 100), as: UTF8.self)
    }

    @Test func `is the newest of those that hold the generation, or none`() throws {
        #expect(try reader(of: 2)?.night == 0 && reader(of: 1)?.night == 2 && reader(of: 3) == nil)
        #expect(try week.jail.backupdir.reader(ofNight: 1, try catalog())?.generation == Generation(2))
        #expect(try week.jail.backupdir.reader(ofNight: 3, try catalog()) == nil)
        let old = try #require(try reader(of: 1))
        #expect(try content(of: "/f", in: old) == "one\n" && content(of: "/d/g", in: old) == "two\n")
    }

    @Test func `is a hold where no night has the generation any more, and only for what that holds`() throws {
        let part = try #require(Path(absolute: Array("/d".utf8)))
        let now = Timestamp(seconds: 1)
        _ = try Push.lock(week.jail.backupdir).hold(night: 2, path: part, as: "part", until: nil, at: now)
        for day in 0..<7 {
            try week.push(after: "echo \(day) > f; echo \(day) > d/g")
            try week.rotate()
        }
        #expect(try reader(of: 1, "/f") == nil)
        let held = try #require(try reader(of: 1, "/d/g"))
        #expect(try held.night == nil && content(of: "/d/g", in: held) == "two\n")
    }

    @Test func `stays what it is as long as somebody reads it, and is recycled then`() throws {
        var reader = try reader(of: 1)
        for day in 0..<9 {
            try week.push(after: "echo \(day) > f; rm -rf d; mkdir d; echo \(day) > d/new")
            try week.rotate()
            try #require(try content(of: "/f", in: try #require(reader)) == "one\n", "day \(day)")
        }
        reader = nil
        try Push.lock(week.jail.backupdir).sweep()
        #expect(try shell(#"ls -A "$1/.nightjar/aside""#, week.jail.path) == "")
    }

    @Test func `is kept for who had a part restored, once, and longer the next time`() throws {
        let part = try #require(Path(absolute: Array("/d".utf8)))
        let below = try #require(Path(absolute: Array("/d/g".utf8)))
        let now = Timestamp(seconds: 1)
        func keep(_ paths: [Path], of generation: Int64 = 2, until: Int64) throws -> [Hold] {
            try Push.lock(week.jail.backupdir).keep(
                paths, of: Generation(generation), named: "restore-x", until: Timestamp(seconds: until), at: now)
        }
        let first = try keep([part], until: 100)
        #expect(first.map(\.name) == ["restore-x"] && first[0].until == Timestamp(seconds: 100))
        // What lies in what is held is held.
        #expect(try keep([below, part], until: 200).map(\.name) == ["restore-x", "restore-x"])
        #expect(try keep([part], until: 50)[0].until == Timestamp(seconds: 200))
        #expect(try keep([Path()], until: 50).map(\.name) == ["restore-x.2"])
        #expect(try catalog().holds().map(\.until) == [Timestamp(seconds: 200), Timestamp(seconds: 50)])
        #expect(throws: StorageError.self) { try keep([Path()], of: 7, until: 50) }
    }

    @Test func `is not kept where its directories would not leave the reserve free, and takes up nothing then`() throws
    {
        let keep = { (reserve: UInt64) in
            try week.jail.backupdir.lock(holder: "test", reserve: reserve).keep(
                [Path()], of: Generation(2), named: "restore-x", until: Timestamp(seconds: 9),
                at: Timestamp(seconds: 1))
        }
        let refusal = #expect(throws: StorageError.self) { try keep(.max) }
        #expect(refusal?.problem == .noSpace)
        #expect(try catalog().holds().isEmpty)
        #expect(try shell(#"ls -d "$1"/.nightjar/holding "$1"/holds/* 2>/dev/null || true"#, week.jail.path) == "")
        #expect(try keep(1).count == 1)
    }
}
