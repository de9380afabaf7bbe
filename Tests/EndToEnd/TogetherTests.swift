import Glibc
import Model
import Support
import Testing

/// Any number of jails at once; one push at a time for a jail.
@Suite struct `Pushes at the same time` {
    @Test func `of two jails both arrive`() throws {
        let server = try BackupServer()
        let jails = try [Jail("jail1", on: server), Jail("jail2", on: server), Jail("jail3", on: server)]
        for (number, jail) in jails.enumerated() {
            var changes = RandomChanges(seed: UInt64(number), in: jail.source)
            for _ in 0..<3 { try changes.makeRound(of: 100) }
        }
        for _ in 0..<2 {
            let running = try jails.map { try $0.command().start() }
            for push in running {
                let outcome = try push.wait(limit: 120)
                #expect(outcome.status == 0, "\(outcome)")
            }
        }
        for jail in jails { try expectSameTree(jail.source, jail.copy) }
    }

    @Test func `of one jail: the second exits 75, and the first is not disturbed`() throws {
        let jail = try Jail(on: BackupServer())
        try (["file": "x"] as TreeLiteral).build(in: jail.source)
        try jail.push()
        // A session that has said hello and then says nothing holds the jail.
        let fifo = jail.server.scratch["fifo"]
        try Command("mkfifo", fifo).check()
        let receive = jail.server.receive(jail.name).joined(separator: " ")
        let session = try Command("sh", "-c", "exec \(receive) < \(fifo)").start()
        let pipe = open(fifo, O_WRONLY | O_CLOEXEC)
        #expect(pipe >= 0)
        let hello = RawBytes.preface + RawBytes.block(RawBytes.hello(backupdir: jail.settings["backupdir"] ?? ""))
        #expect(write(pipe, hello, hello.count) == hello.count)
        #expect(try eventually { try session.outputSoFar().count > RawBytes.preface.count })
        let second = try jail.backup()
        #expect(second.status == 75, "\(second)")
        #expect(session.isRunning())
        close(pipe)
        let first = try session.wait(limit: 60)
        #expect(first.status != 0, "the end of the stream is no success: \(first)")
        try jail.push()
    }
}
