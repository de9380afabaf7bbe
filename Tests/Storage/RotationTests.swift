import Catalog
import Glibc
import Model
import Platform
import Storage
import Support
import Testing

@Suite struct `The nights move down by one` {
    private static let tree = """
        mkdir -p a/b/c d/e; echo 1 > a/1; echo 2 > a/b/2; echo 3 > a/b/c/3; ln a/1 d/e/one; ln -s x d/x; mkfifo d/fifo
        truncate -s 3M d/sparse; echo end >> d/sparse; chmod 2750 d/e; touch -d 2001-02-03 a/b
        """
    private static let nights = [
        "\(tree)", "echo 1+ > a/1", "rm -r d; mkdir g; echo 6 > g/6", "mv a/b z", "mkdir -p d/e; ln z/2 d/e/two",
        "chmod 700 z; rm g/6; mkdir g/6; echo in > g/6/in", "rm -rf g/6; echo 6 > g/6; setfattr -n user.a -v b z",
    ]

    @Test func `and what did not change is not touched`() throws {
        let week = try Week()
        try week.push(after: "for d in {1..100}; do mkdir -p $d; for f in {1..100}; do : > $d/$f; done; done")
        for _ in 1...6 { try week.rotate() }
        try week.push()
        let all = FaultPlan("*", call: .max, .fail(EIO))
        let changes = ["linkat", "unlinkat", "utimensat"].map { FaultPlan($0, call: .max, .fail(EIO)) }
        try FaultPlan.during([all] + changes) { _ = try week.rotate() }
        // The times of the new night's root alone: it has moved.
        #expect(changes.map(\.calls) == [0, 0, 1])
        #expect(all.calls < 120)
        #expect(try week.generations() == [2, 2, 1, 1, 1, 1, 1])
    }

    @Test func `at a cost that follows what changed`() throws {
        let week = try Week()
        try week.push(after: "for d in {1..30}; do mkdir -p $d; for f in {1..100}; do : > $d/$f; done; done")
        for _ in 1...6 { try week.rotate() }
        try week.push(after: "for d in 3 7; do for f in {1..5}; do echo x >> $d/$f; done; done")
        try week.push(after: "rm 9/9; echo new > 9/new")
        let links = FaultPlan("linkat", call: .max, .fail(EIO))
        let all = FaultPlan("*", call: .max, .fail(EIO))
        try FaultPlan.during([links, all]) { _ = try week.rotate() }
        // Ten files changed since, and one is new.
        #expect(links.calls == 11)
        #expect(all.calls < 200)
        #expect(try week.wrong() == "")
    }

    @Test func `and a push that follows costs what changed too`() throws {
        let week = try Week()
        try week.push(after: "for d in {1..30}; do mkdir -p $d; for f in {1..10}; do : > $d/$f; done; done")
        try week.rotate()
        try week.push(after: "echo 1 > 1/1")
        try week.rotate()
        try Command("sh", "-c", "echo 2 > '\(week.jail.source)/2/2'").check()
        let links = FaultPlan("linkat", call: .max, .fail(EIO))
        try links.during { _ = try week.push() }
        // The spare tree lacks one file of the push before; what is new is moved in.
        #expect(links.calls == 1)
        #expect(try week.wrong() == "")
    }

    @Test func `where a night is missing, only those above it`() throws {
        let week = try Week()
        try week.fill(Self.nights)
        try shell(#"mv "$1/3" "$2""#, "\(week.jail.backupdir.path)", week.jail.place.path)
        let below = try shell("stat -c %i 4 5 6", in: "\(week.jail.backupdir.path)")
        try week.push(after: "echo more > more")
        #expect(try week.rotate().source == .freshCopy)
        #expect(try week.generations() == [8, 8, 7, 6, 4, 3, 2])
        #expect(try shell("stat -c %i 4 5 6", in: "\(week.jail.backupdir.path)") == below)
    }

    @Test func `and one that is being read is left alone, and a copy made in its stead`() throws {
        let week = try Week()
        try week.fill(Self.nights)
        let reader = open(week.night(6), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try #require(flock(reader, LOCK_SH) == 0)
        let held = week.then[6]
        try week.push(after: "echo more > more")
        #expect(try week.rotate().source == .freshCopyInstead("\(week.night(6)) is being read"))
        #expect(try week.wrong() == "")
        try Push.lock(week.jail.backupdir).sweep()
        #expect(try judge(held, "/proc/\(getpid())/fd/\(reader)") == [])
        close(reader)
        try Push.lock(week.jail.backupdir).sweep()
        #expect(try shell(#"ls "$1/.nightjar/aside""#, "\(week.jail.backupdir.path)") == "")
    }

    @Test(arguments: [
        "rm -r 6; cp -a 5 6", "rm -rf 6/z", "rm -rf 6; mkdir 6; echo stray > 6/stray",
        "rm -rf 6/z; echo no directory > 6/z",
    ])
    func `and one that somebody altered is not trusted`(script: String) throws {
        let week = try Week()
        try week.fill(Self.nights)
        try shell("cd \"$1\"; \(script)", "\(week.jail.backupdir.path)")
        try week.push(after: "echo more > z/more; mkdir -p z/n; echo x > z/n/x; rm -r a")
        try week.rotate()
        #expect(try week.wrong() == "")
    }

    @Test func `and an inode with too many names is copied once in the new night`() throws {
        let week = try Week()
        try week.push(
            after: "mkdir a b; echo x > a/1; for i in 2 3 4; do ln a/1 a/$i; ln a/1 b/$i; done; echo y > other")
        try week.rotate()
        try FaultPlan("linkat", call: 3, .fail(EMLINK)).during { _ = try week.rotate() }
        #expect(try week.wrong() == "")
        #expect(try shell("stat -c %h a/1", in: week.night(1)) == "7\n")
        // The night with the copy becomes the oldest, and is recycled; names come and go meanwhile.
        for number in 1...8 {
            try week.push(after: "ln a/1 b/new\(number); rm -f a/\(number)x; ln b/4 a/\(number + 1)x")
            try week.rotate()
            #expect(try week.wrong() == "", "after \(number) more")
        }
    }
}
