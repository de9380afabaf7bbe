import Catalog
import Glibc
import Model
import Platform
import Storage
import Support
import Testing

@Suite struct `What staff hold` {
    private static let tree = """
        mkdir -p home/a/b home/c etc; for f in {1..20}; do echo $f > home/c/$f; done; echo x > home/a/x; ln home/a/x home/a/b/y
        echo z > etc/z; ln etc/z home/a/z; chmod 750 home; touch -d 2001-02-03 home/a home
        """
    private let now = Timestamp(seconds: 5_000_000)

    private func path(_ text: String) throws -> Path { try #require(Path(absolute: Array(text.utf8))) }

    @Test func `survives a fortnight, at the cost of its own links`() throws {
        let week = try Week()
        try week.push(after: Self.tree)
        try week.rotate()
        let links = FaultPlan("linkat", call: .max, .fail(EIO))
        let all = try links.during {
            try Push.lock(week.jail.backupdir).hold(
                night: 1, path: try path("/home/a"), as: "part", until: nil, at: now)
        }
        #expect(links.calls == 3)
        #expect(all.generation == Generation(1))
        _ = try Push.lock(week.jail.backupdir).hold(night: 1, path: Path(), as: "all", until: nil, at: now)
        let then = week.then[1]
        for day in 0..<14 {
            try week.push(after: "echo \(day) > home/a/x; rm -rf home/c/\(day); echo \(day) > home/c/new\(day)")
            try week.rotate()
            let locked = try Push.lock(week.jail.backupdir)
            try locked.catalog.prune(keeping: locked.keptGenerations())
            try locked.sweep()
        }
        let holds = "\(week.jail.backupdir.path)/holds"
        #expect(try judge(then, "\(holds)/all") == [])
        #expect(try judge("\(then)/home/a", "\(holds)/part/home/a") == [])
        #expect(try shell("find part -mindepth 1 | sort", in: holds).split(separator: "\n").count == 6)
        #expect(try shell("stat -c '%a %Y' part/home", in: holds) == shell("stat -c '%a %Y' home", in: then))
        // The catalog still knows what the held generation was.
        let catalog = try #require(try week.jail.backupdir.catalogForReading())
        #expect(try catalog.resolve(try path("/home/a/x"), at: Generation(1))?.stamp.metadata.size == 2)
        #expect(try catalog.resolve(try path("/home/a/x"), at: Generation(4)) == nil)
    }

    @Test func `is let go by name, and its tree with it`() throws {
        let week = try Week()
        try week.push(after: Self.tree)
        let locked = try Push.lock(week.jail.backupdir)
        let until = Timestamp(seconds: 6_000_000)
        let hold = try locked.hold(night: 0, path: try path("/etc/z"), as: "one", until: until, at: now)
        #expect(try locked.catalog.holds() == [hold])
        #expect(try shell("cat holds/one/etc/z", in: "\(week.jail.backupdir.path)") == "z\n")
        #expect(throws: StorageError.self) {
            try locked.hold(night: 0, path: Path(), as: "one", until: nil, at: now)
        }
        #expect(throws: StorageError.self) {
            try locked.hold(night: 0, path: try path("/nowhere"), as: "two", until: nil, at: now)
        }
        #expect(throws: StorageError.self) { try locked.hold(night: 3, path: Path(), as: "two", until: nil, at: now) }
        #expect(try locked.release("one"))
        #expect(try !locked.release("one"))
        try locked.sweep()
        #expect(try locked.catalog.holds() == [])
        #expect(
            try shell("ls holds .nightjar/aside", in: "\(week.jail.backupdir.path)") == ".nightjar/aside:\n\nholds:\n")
    }

    @Test func `is there whole or not at all, wherever its making was cut`() throws {
        let calls = FaultPlan("*", call: .max, .fail(EIO))
        func attempt(_ plan: FaultPlan) throws -> Week {
            let week = try Week()
            try week.push(after: Self.tree)
            let locked = try Push.lock(week.jail.backupdir)
            _ = plan.during {
                try? locked.hold(night: 0, path: Path(["home"]), as: "held", until: nil, at: now)
            }
            return week
        }
        _ = try attempt(calls)
        try #require(calls.calls > 40)
        for call in stride(from: 1, through: calls.calls, by: max(1, calls.calls / 12)) {
            let week = try attempt(FaultPlan("*", call: call, .failFromThenOn(EIO)))
            try week.push(after: "echo more > more")
            let catalog = try #require(try week.jail.backupdir.catalogForReading())
            let holds = try catalog.holds()
            let there = try shell("ls holds 2> /dev/null || true", in: "\(week.jail.backupdir.path)")
            #expect(there == holds.map { "\($0.name)\n" }.joined(), "cut at call \(call)")
            if !holds.isEmpty {
                let held = "\(week.jail.backupdir.path)/holds/held/home"
                #expect(try judge("\(week.jail.source)/home", held) == [], "cut at call \(call)")
            }
        }
    }
}

@Suite struct `Forgetting rows that no night sees` {
    @Test func `keeps what the spare tree needs to become the next 0`() throws {
        let week = try Week()
        try week.push(after: "echo 1 > one")
        try week.rotate()
        // A generation that only the spare tree holds, when the next one is committed.
        try week.push(after: "echo 2 > passing; mkdir gone; echo 3 > gone/x")
        try week.push(after: "rm -r passing gone; echo 4 > four")
        do {
            let locked = try Push.lock(week.jail.backupdir)
            #expect(try locked.keptGenerations() == [Generation(1), Generation(2), Generation(3)])
            try locked.catalog.prune(keeping: locked.keptGenerations())
        }
        try week.push(after: "echo 5 > five")
        #expect(try week.wrong() == "")
    }
}

@Suite struct `Reverting` {
    @Test func `makes 0 what night 1 is, as a generation of its own, and the next push brings what differs`() throws {
        let week = try Week()
        try week.push(after: CutTests.before)
        try week.rotate()
        let good = week.then[1]
        try week.push(after: CutTests.between)
        try week.push(after: CutTests.after + "; rm -r a; mkdir -p a/new; echo n > a/new/n")
        let locked = try Push.lockPush(week.jail.backupdir)
        let record = try locked.revert(to: 1, at: Timestamp(seconds: 9))
        #expect(record.number == Generation(4))
        #expect(try judge(good, week.night(0)) == [])
        #expect(try TreeComparison(good, week.night(0)).differences == [])
        #expect(try shell("[[ 0/a/1 -ef 1/a/1 ]] && echo same", in: "\(week.jail.backupdir.path)") == "same\n")
    }

    @Test func `and being cut leaves the old state or the new, and the next push arrives`() throws {
        let calls = FaultPlan("*", call: .max, .fail(EIO))
        func attempt(_ plan: FaultPlan) throws -> (Week, bad: String) {
            let week = try Week()
            try week.push(after: CutTests.before)
            try week.rotate()
            try week.push(after: CutTests.between)
            let bad = week.then[0]
            let locked = try Push.lockPush(week.jail.backupdir)
            _ = plan.during { try? locked.revert(to: 1, at: Timestamp(seconds: 9)) }
            return (week, bad)
        }
        _ = try attempt(calls)
        for call in stride(from: 1, through: calls.calls, by: max(1, calls.calls / 12)) {
            let (week, bad) = try attempt(FaultPlan("*", call: call, .failFromThenOn(EIO)))
            let toBad = try judge(bad, week.night(0))
            #expect(try toBad.isEmpty || judge(week.then[1], week.night(0)).isEmpty, "cut at call \(call)")
            try week.push(after: CutTests.after)
            #expect(try week.wrong() == "", "cut at call \(call)")
        }
    }
}
