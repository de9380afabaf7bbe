import Catalog
import Glibc
import Model
import Platform
import Storage
import Support
import Testing

@Suite struct CutTests {
    static let before = """
        mkdir -p a/b/c d/e f; echo 1 > a/1; echo 2 > a/b/2; echo 3 > a/b/c/3; echo 4 > d/e/4; ln d/e/4 f/4; ln -s x f/x
        echo 5 > f/5
        """
    static let between = "echo 1+ > a/1; rm -r d; mkdir g; echo 6 > g/6; rm f/5; mkdir f/5; echo in > f/5/in"
    static let after = """
        echo 2+ > a/b/2; chmod 600 a/b/c/3; rm -r f/5; echo 5 > f/5; mkdir -p d/n/m; echo 7 > d/n/7; ln d/n/7 g/7
        ln -sfn y f/x; mkfifo f/4f; rm -r g/6; mkdir g/6; echo 8 > g/6/8; touch -d 2001-01-01 a; ln a/1 g/one
        """

    /// A jail with two nights whose third push is staged whole and not committed.
    private static func staged() throws -> (Jail, PushingBackupdir, Push) {
        let jail = try Jail()
        for script in [before, between] {
            try jail.change(script)
            try jail.push()
            try jail.remember()
        }
        try jail.change(after)
        let locked = try Push.lockPush(jail.backupdir)
        var push = try Push(of: try jail.open(), to: locked)
        try push.send()
        return (jail, locked, push)
    }

    @Test func `cut at thirty system calls of a commit, 0 is one night or the other, and the next run arrives`() throws
    {
        let calls = FaultPlan("*", call: .max, .fail(EIO))
        do {
            let (jail, locked, push) = try CutTests.staged()
            _ = try calls.during { try locked.commit(push.staging, at: Timestamp(seconds: 2)) }
            #expect(try jail.lacking() == "")
        }
        try #require(calls.calls > 30)
        // Some thirty of several hundred, spread evenly: each takes three pushes and the judge.
        for call in stride(from: 1, through: calls.calls, by: max(1, calls.calls / 30)) {
            let jail: Jail = try {
                let (jail, locked, push) = try CutTests.staged()
                let plan = FaultPlan("*", call: call, .failFromThenOn(EIO))
                #expect(throws: (any Error).self, "call \(call)") {
                    try plan.during { try locked.commit(push.staging, at: Timestamp(seconds: 2)) }
                }
                return jail
            }()
            let old = try differences("\(jail.place.path)/copies/2", jail.newest)
            let new = try jail.lacking()
            #expect(old == "" || new == "", "call \(call): neither night\n\(old)\n\(new)")
            try jail.push()
            #expect(try jail.lacking() == "", "call \(call)")
            #expect(try jail.altered() == "", "call \(call)")
            try jail.change("echo 9 > a/b/c/9; rm -r g")
            try jail.push()
            #expect(try jail.lacking() == "", "call \(call), the push after it")
        }
    }

    @Test func `cut at thirty system calls of a first push, the next one arrives`() throws {
        let calls = FaultPlan("*", call: .max, .fail(EIO))
        try calls.during {
            let jail = try Jail()
            try jail.change(CutTests.before)
            try jail.push()
        }
        for call in stride(from: 1, through: calls.calls, by: max(1, calls.calls / 30)) {
            let jail = try Jail()
            try jail.change(CutTests.before)
            let plan = FaultPlan("*", call: call, .failFromThenOn(EIO))
            _ = plan.during { try? jail.push() }
            try jail.push()
            #expect(try jail.lacking() == "", "call \(call)")
        }
    }

    @Test func `a push that broke off is continued, and what arrived whole is not asked for again`() throws {
        let jail = try Jail()
        try jail.change("for i in {1..50}; do echo $i > $i; done")
        do {
            let locked = try Push.lockPush(jail.backupdir)
            var push = try Push(of: try jail.open(), to: locked)
            try push.send()
        }
        let locked = try Push.lockPush(jail.backupdir)
        let staging = try locked.stage(at: Timestamp(seconds: 3))
        #expect(staging.generation == Generation(1))
        #expect(try locked.catalog.rows(in: .root).count == 50)
        try locked.commit(staging, at: Timestamp(seconds: 4))
        #expect(try jail.lacking() == "")
    }

    @Test func `no space while a commit is under way: the night before stays, and the next run goes on`() throws {
        for operation in ["linkat", "renameat2", "mkdirat"] {
            let (jail, locked, push) = try CutTests.staged()
            let error = #expect(throws: StorageError.self) {
                try FaultPlan(operation, .fail(ENOSPC)).during {
                    try locked.commit(push.staging, at: Timestamp(seconds: 2))
                }
            }
            #expect(error?.problem.verdict == .tryLater, "\(operation)")
            #expect(try differences("\(jail.place.path)/copies/2", jail.newest) == "")
            try Push.lock(jail.backupdir).recover()
            #expect(try jail.lacking() == "")
        }
    }
}
