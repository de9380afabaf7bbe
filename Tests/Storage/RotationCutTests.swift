import Catalog
import Glibc
import Model
import Platform
import Storage
import Support
import Testing

@Suite struct `A rotation that is cut` {
    private static let scripts = [
        """
        mkdir -p a/b d/e f; echo 1 > a/1; echo 2 > a/b/2; echo 4 > d/e/4; ln d/e/4 f/4; ln -s x f/x; echo 5 > f/5
        mkdir r; echo in > r/in; chmod 700 f; touch -d 2001-02-03 a
        """,
        "echo 1+ > a/1; rm -r d; mkdir g; echo 6 > g/6; rm f/5; mkdir f/5; echo in > f/5/in", "rm -r r; mkdir r",
        "echo more > r/more",
    ]
    private static let last = "echo last > last; rm -r a/b; mkdir a/b; ln last a/b/last; rm r/more; chmod 750 r"

    /// A week whose `0` waits to be rotated.
    private static func due() throws -> Week {
        let week = try Week()
        try week.fill(scripts)
        try week.push(after: last)
        return week
    }

    @Test(arguments: [false, true])
    func `at any system call leaves whole nights, and is ended by the next run of anything`(comparing: Bool) throws {
        let calls = FaultPlan("*", call: .max, .fail(EIO))
        try {
            let week = try Self.due()
            let locked = try Push.lock(week.jail.backupdir)
            _ = try calls.during { try locked.rotate(at: week.moment, comparing: comparing) }
            week.haveMovedDown()
            #expect(try week.wrong() == "")
        }()
        try #require(calls.calls > 50)
        // Spread evenly over all; and every one of the last, where the nights change their names.
        let last = comparing ? 0 : 14
        let spread = Array(stride(from: 1, through: calls.calls - last, by: max(1, calls.calls / 10)))
        for call in spread + Array((calls.calls - last + 1)..<(calls.calls + 1)) {
            try cut(at: call, of: calls.calls, comparing: comparing)
        }
    }

    private func cut(at call: Int, of calls: Int, comparing: Bool) throws {
        let week = try Self.due()
        let moment = "cut at call \(call) of \(calls)"
        do {
            let locked = try Push.lock(week.jail.backupdir)
            #expect(throws: (any Error).self, "\(moment)") {
                try FaultPlan("*", call: call, .failFromThenOn(EIO)).during {
                    _ = try locked.rotate(at: week.moment, comparing: comparing)
                }
            }
        }
        #expect(try week.torn() == "", "\(moment)")
        // The next that comes is a push, and its commit is the next night's.
        let isBegun = try week.jail.backupdir.catalogForReading()?.rotation() != nil
        if isBegun { week.haveMovedDown() }
        try week.push(after: "echo next > next; rm -r f")
        #expect(try week.torn() == "", "\(moment)")
        #expect(try week.generations().prefix(2) == [9, isBegun ? 8 : 7], "\(moment)")
        try week.rotate()
        #expect(try week.wrong() == "", "\(moment)")
    }

    @Test func `with its tree gone starts again, and one that was altered meanwhile is made anew`() throws {
        for script in ["rm -rf .nightjar/recycled", "rm -rf .nightjar/recycled/[a-z]*", "rm -rf 4"] {
            let week = try Self.due()
            do {
                let locked = try Push.lock(week.jail.backupdir)
                #expect(throws: (any Error).self) {
                    try FaultPlan("linkat", call: 2, .fail(EIO)).during { _ = try locked.rotate(at: week.moment) }
                }
            }
            try shell("cd \"$1\"; \(script)", "\(week.jail.backupdir.path)")
            week.haveMovedDown()
            try week.push(after: "echo next > next")
            let nights = try week.generations()
            #expect(nights.prefix(2) == [9, 8], "\(script)")
            for number in nights.indices where nights[number] == 8 || nights[number] == 9 {
                #expect(try judge(week.then[number], week.night(number)) == [], "\(script)")
            }
        }
    }

    /// What it leaves is ended by the push's commit.
    @Test func `beside a push leaves whole nights, and the push comes out whole`() throws {
        let calls = FaultPlan("*", call: .max, .fail(EIO))
        for cut in 0...8 {
            let week = try Self.due()
            try week.jail.change("echo next > next; rm -r f; ln a/1 again; echo 2 > g/7")
            let jail = try Push.lockPush(week.jail.backupdir)
            var push = try Push(of: try week.jail.open(), to: jail)
            try push.send()
            // The first is not cut, and counts; the others are, evenly.
            let moment = "cut at call \(calls.calls * cut / 8) of \(calls.calls)"
            do {
                let locked = try Push.lock(week.jail.backupdir)
                let plan = cut == 0 ? calls : FaultPlan("*", call: max(1, calls.calls * cut / 8), .failFromThenOn(EIO))
                _ = plan.during { try? locked.rotate(at: week.moment) }
            }
            #expect(try week.torn() == "", "\(moment)")
            let isBegun = try week.jail.backupdir.catalogForReading()?.lastRotation().rotated == week.lastMoment
            if isBegun { week.haveMovedDown() }
            try jail.commit(push.staging, at: Timestamp(seconds: 2))
            try week.rememberPush()
            #expect(try week.wrong() == "", "\(moment)")
            try week.rotate()
            #expect(try week.wrong() == "", "\(moment), a night later")
        }
        try #require(calls.calls > 50)
    }

    @Test func `is none of eight beside one push, and the nights have moved eight times`() throws {
        let week = try Self.due()
        try week.jail.change("echo next > next; rm -r f; ln a/1 again")
        let jail = try Push.lockPush(week.jail.backupdir)
        var push = try Push(of: try week.jail.open(), to: jail)
        for round in 1...8 {
            try week.rotate(comparing: round % 4 == 0)
            #expect(try week.wrong() == "", "round \(round)")
            if round == 4 { try push.send() }
        }
        do {
            let locked = try Push.lock(week.jail.backupdir)
            try locked.catalog.prune(keeping: locked.keptGenerations())
            try locked.sweep()
        }
        try jail.commit(push.staging, at: Timestamp(seconds: 2))
        try week.rememberPush()
        #expect(try week.wrong() == "")
    }
}
