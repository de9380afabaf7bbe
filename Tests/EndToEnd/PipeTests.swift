import Support
import Testing

/// What comes from sshd waits in a pipe.
@Suite struct `The pipe to a receiver` {
    @Test(arguments: Account.available)
    func `is made to hold more only where that is taken from nobody`(account: Account) throws {
        let server = try BackupServer(as: account)
        let jail = try Jail(on: server)
        // The receiver speaks once it has its streams.
        let program = """
            import fcntl, subprocess, sys
            piped = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            piped.stdout.read(1)
            print(fcntl.fcntl(piped.stdin, 1032))
            piped.stdin.close()
            piped.wait()
            """
        let words = account.prefix + ["/usr/bin/python3", "-c", program] + server.receive(jail.name)
        let held = try Command(words).check().text
        // As many bytes as a pipe holds if nobody says otherwise, or fewer.
        #expect(account.identifier == 0 ? held == "1048576\n" : held.count < "100000\n".count, "it holds \(held)")
    }
}
