import Model
import Platform
import Support
import Testing
import Wire

@testable import SSH

@Suite(.enabled(if: SSHServer.program != nil, "needs an sshd"))
struct StreamTests {
    @Test(arguments: [[], ["RekeyLimit 8M"]])
    func `sixty-four megabytes come back bit for bit while more is sent`(settings: [String]) throws {
        let server = try SSHServer(settings: settings)
        let connection = try SSHConnection.connect(to: server.endpoint())
        #expect(connection.cipher == "aes128-gcm@openssh.com")
        let content = noise(64 << 20)
        let echo = try Background { receiveAll(connection) }
        for start in stride(from: 0, to: content.count, by: 200_001) {
            try connection.send(Array(content[start..<min(start + 200_001, content.count)]))
        }
        connection.endSending()
        let received = try #require(echo.wait(seconds: 120)).get()
        #expect(received.count == content.count)
        #expect(received == content)
        #expect(connection.waitForExit(milliseconds: 30_000) == .status(0))
        connection.close()
    }

    @Test func `one send larger than every queue arrives whole`() throws {
        let server = try SSHServer()
        let connection = try SSHConnection.connect(to: server.endpoint(command: "wc -c"))
        try connection.send([UInt8](repeating: 7, count: 20_000_000))
        connection.endSending()
        #expect(try receiveAll(connection).get() == Array("20000000\n".utf8))
    }

    @Test func `a receiver that does not read makes the server wait, and loses nothing`() throws {
        let server = try SSHServer()
        let command = "i=0; while [ $i -lt 100 ]; do head -c 1048576 /dev/zero; i=$((i+1)); echo $i >&2; done"
        let connection = try SSHConnection.connect(to: server.endpoint(command: command))
        pause(seconds: 1)
        // 1 MiB here, 4 MiB in the library, and what pipes and sockets hold.
        let before = connection.complaint.count { $0 == UInt8(ascii: "\n") }
        #expect(before < 50, "the server went on to \(before) of 100")
        #expect(try receiveAll(connection).get().count == 100 << 20)
    }

    @Test func `a command that does not exist surfaces with what the shell said`() throws {
        let server = try SSHServer()
        let connection = try SSHConnection.connect(to: server.endpoint(command: "no-such-command --serve"))
        let result = receiveAll(connection)
        guard case .failure(.closed(let detail)) = result else {
            Testing.Issue.record("not refused: \(result)")
            return
        }
        #expect(detail.contains("exit status 127"))
        #expect(detail.contains("not found"))
        #expect(connection.waitForExit(milliseconds: 30_000) == .status(127))
        #expect(throws: StreamError.self) { while true { try connection.send([1, 2, 3]) } }
    }

    @Test func `the forced command of a key runs whatever is asked for`() throws {
        let server = try SSHServer(command: "echo forced: $SSH_ORIGINAL_COMMAND")
        let connection = try SSHConnection.connect(to: server.endpoint(command: "receive 1"))
        #expect(try receiveAll(connection).get() == Array("forced: receive 1\n".utf8))
    }

    @Test func `a command that ends by itself is the end of the stream and no error`() throws {
        let server = try SSHServer()
        let connection = try SSHConnection.connect(to: server.endpoint(command: "echo done; echo aside >&2"))
        #expect(try receiveAll(connection).get() == Array("done\n".utf8))
        #expect(connection.complaint == Array("aside\n".utf8))
        #expect(connection.waitForExit(milliseconds: 30_000) == .status(0))
    }

    @Test func `a server killed in mid-stream releases whoever sends and whoever receives`() throws {
        let server = try SSHServer()
        let connection = try SSHConnection.connect(to: server.endpoint(command: "sleep 1000"))
        let sender = try Background { sendUntilRefused(connection) }
        let receiver = try Background { receiveAll(connection) }
        pause(seconds: 0.5)
        server.kill()
        #expect(sender.wait() != nil)
        #expect(receiver.wait().map(isFailure) == true)
    }

    @Test func `closing releases whoever sends and whoever receives`() throws {
        let server = try SSHServer()
        let connection = try SSHConnection.connect(to: server.endpoint(command: "sleep 1000"))
        let sender = try Background { sendUntilRefused(connection) }
        let receiver = try Background { receiveAll(connection) }
        pause(seconds: 0.5)
        connection.close()
        connection.close()
        #expect(sender.wait() != nil)
        #expect(receiver.wait().map(isFailure) == true)
    }

    @Test func `what was sent before closing arrives`() throws {
        let server = try SSHServer()
        let connection = try SSHConnection.connect(to: server.endpoint(command: "cat > \(server.file("out"))"))
        try connection.send(noise(1_500_000))
        connection.close()
        #expect(eventually { server.content(of: "out")?.count == 1_500_000 })
    }

    @Test func `a server that freezes is taken for dead after the silence allowed`() throws {
        let server = try SSHServer()
        var endpoint = server.endpoint(command: "sleep 1000")
        (endpoint.limits.keepalive, endpoint.limits.silence) = (1, 3)
        let connection = try SSHConnection.connect(to: endpoint)
        let receiver = try Background { receiveAll(connection) }
        pause(seconds: 0.2)
        server.freeze()
        let result = receiver.wait(seconds: 15)
        #expect(result.map(isFailure) == true)
        server.kill()
    }

    @Test func `a quiet but living server is not taken for dead`() throws {
        let server = try SSHServer()
        var endpoint = server.endpoint(command: "sleep 5; echo late")
        (endpoint.limits.keepalive, endpoint.limits.silence) = (1, 3)
        let connection = try SSHConnection.connect(to: endpoint)
        #expect(try receiveAll(connection).get() == Array("late\n".utf8))
    }

    @Test func `a living server that takes nothing is given up when the stall is too long`() throws {
        let server = try SSHServer()
        var endpoint = server.endpoint(command: "sleep 1000")
        (endpoint.limits.keepalive, endpoint.limits.stall) = (1, 2)
        let connection = try SSHConnection.connect(to: endpoint)
        let error = try Background { sendUntilRefused(connection) }.wait()
        guard case .timedOut = error else {
            Testing.Issue.record("not timed out: \(String(describing: error))")
            return
        }
    }
}

private func sendUntilRefused(_ connection: SSHConnection) -> StreamError {
    let block = [UInt8](repeating: 0, count: 100_000)
    do throws(StreamError) {
        while true { try connection.send(block) }
    } catch {
        return error
    }
}

private func isFailure(_ result: Result<[UInt8], StreamError>) -> Bool {
    if case .failure = result { true } else { false }
}
