import Catalog
import Glibc
import Model
import Platform
import Storage
import Support
import Testing

/// A disk that is full or fails, at whatever a rotation or a commit is about.
@Suite struct `On a disk that fails` {
    private static let start = """
        mkdir -p a/b d/e f; echo 1 > a/1; echo 2 > a/b/2; echo 4 > d/e/4; ln d/e/4 f/4; ln -s x f/x; mkfifo f/fifo
        mkdir x; seq 9 > x/0
        """

    /// What changes from one night to the next: something of each kind, so that each step is taken every night.
    private static func change(_ night: Int) -> String {
        """
        echo \(night) >> a/1; rm -f f/x; ln -s \(night) f/x; chmod \(night % 2 == 0 ? 750 : 755) d/e
        mkdir x/\(night); echo \(night) > x/\(night)/in; ln x/\(night)/in a/b/of-\(night)
        rm -rf x/\(night - 2) a/b/of-\(night - 2); rm -rf f/turns; \(night % 2 == 0 ? "mkdir" : "touch") f/turns
        """
    }

    /// Runs `body` with an error at a call. Answers whether it came so far; what it throws must say what was the matter.
    private func strike(_ stroke: FaultPlan.Stroke, at call: Int, _ body: () throws -> Void) throws -> Bool {
        let plan = FaultPlan("*", call: call, stroke)
        do {
            try plan.during(body)
        } catch let error as any ClassifiedError {
            let expected: Verdict = stroke == .fail(ENOSPC) ? .tryLater : .inputOutput
            #expect(error.problem.verdict == expected, "call \(call): \(error)")
        }
        return plan.calls >= call
    }

    /// One night each: the state that one leaves is the next one's. Where all fails from a call on, what is on the disk is
    /// what a kill leaves.
    @Test(arguments: [FaultPlan.Stroke.fail(ENOSPC), .fail(EIO), .failFromThenOn(EIO)])
    func `each call of a commit and of a rotation may fail: nothing is lost, and the next run arrives`(
        stroke: FaultPlan.Stroke
    ) throws {
        let week = try Week()
        try week.fill([Self.start, "true"])
        var (commit, rotation) = (true, true)
        var call = 0
        while commit || rotation {
            call += 1
            let moment: Comment = "call \(call) \(stroke)"
            try week.jail.change(Self.change(call))
            if commit {
                let locked = try Push.lockPush(week.jail.backupdir)
                var push = try Push(of: try week.jail.open(), to: locked)
                try push.send()
                commit = try strike(stroke, at: call) { try locked.commit(push.staging, at: Timestamp(seconds: 2)) }
            }
            let zero = try [week.then[0], week.jail.source].contains {
                try TreeComparison($0, week.night(0)).differences.isEmpty
            }
            try #require(zero, moment)
            try week.push()
            if rotation {
                let locked = try Push.lock(week.jail.backupdir)
                rotation = try strike(stroke, at: call) { _ = try locked.rotate(at: week.moment) }
            }
            try #require(try week.torn() == "", moment)
            try Push.lock(week.jail.backupdir).recover()
            if try week.generations()[1] == week.generations()[0] { week.haveMovedDown() } else { try week.rotate() }
            for (number, copy) in week.then.enumerated() {
                try #require(try TreeComparison(copy, week.night(number)).differences == [], moment)
            }
        }
        print("failed at each of \(call - 1) calls")
        #expect(call > 50)
        #expect(try week.wrong() == "")
    }

    @Test(
        .enabled(if: LoopFileSystem.isPossible(.ext4, .xfs, .btrfs), "needs root, mkfs of each kind and loop devices"),
        arguments: [
            (kind: LoopFileSystem.Kind.ext4, size: "24M", kibibytes: 0), (.ext4, "24M", 300), (.xfs, "300M", 0),
            (.btrfs, "150M", 0),
        ])
    func `a disk that is full leaves the nights as they are, and goes on when there is room`(
        kind: LoopFileSystem.Kind, size: String, kibibytes: Int
    ) throws {
        let mounted = try LoopFileSystem(kind, size: size)
        let week = try Week(in: mounted.path)
        try week.push(after: "for d in {1..300}; do mkdir -p $d/e; echo $d > $d/e/f; done")
        for _ in 1...2 { try week.rotate() }
        try week.push(after: "echo more > more")
        let fill = #"head -c 1G /dev/zero > "$1/filler" 2> /dev/null || truncate -s -$2K "$1/filler""#
        try shell(fill, mounted.path, "\(kibibytes)")
        let error = #expect(throws: (any Error).self) {
            try Push.lock(week.jail.backupdir).rotate(at: week.moment)
        }
        #expect((error as? any ClassifiedError)?.problem == .noSpace, "\(String(describing: error))")
        #expect(try week.wrong() == "")
        // Who only reads can, or says why not.
        do {
            #expect(try week.jail.backupdir.catalogForReading() != nil)
        } catch let error as CatalogError {
            #expect(error.problem == .noSpace, "\(error)")
        }
        try shell(#"rm "$1/filler""#, mounted.path)
        let isBegun = try week.jail.backupdir.catalogForReading()?.rotation() != nil
        try Push.lock(week.jail.backupdir).recover()
        if isBegun { week.haveMovedDown() } else { try week.rotate() }
        #expect(try week.wrong() == "")
    }
}
