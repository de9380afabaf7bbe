import Platform
import Support
import Testing
import Wire

@testable import SSH

/// Several channels of one session.
@Suite(.enabled(if: SSHServer.program != nil, "needs an sshd")) struct `A further channel` {
    @Test func `carries bytes of its own, while the others go on`() throws {
        let server = try SSHServer()
        let connection = try SSHConnection.connect(to: server.endpoint())
        defer { withExtendedLifetime(server) { connection.close() } }
        let channels: [any ByteStream] = [connection, try connection.further(), try connection.further()]
        let sent = (0..<3).map { Array(noise(3 << 20).dropFirst($0)) }
        let answers = try zip(channels, sent).map { channel, bytes in
            try Background { () -> Bool in
                let sending = try? Background { try? channel.send(bytes) }
                var back: [UInt8] = []
                while back.count < bytes.count, let part = try? channel.receive(atMost: 300_000), !part.isEmpty {
                    back += part
                }
                return back == bytes && sending != nil
            }
        }
        for answer in answers { #expect(answer.wait() == true) }
    }

    @Test func `is refused beyond what the server allows, and the others go on`() throws {
        let server = try SSHServer(settings: ["MaxSessions 2"])
        let connection = try SSHConnection.connect(to: server.endpoint())
        defer { withExtendedLifetime(server) { connection.close() } }
        let second = try connection.further()
        #expect(throws: SSHError.self) { _ = try connection.further() }
        for channel in [connection, second] as [any ByteStream] {
            try channel.send([1, 2, 3])
            #expect(try channel.receive(atMost: 10) == [1, 2, 3])
        }
    }

    @Test func `may end before the others, and its place is free then`() throws {
        let server = try SSHServer(settings: ["MaxSessions 2"])
        let connection = try SSHConnection.connect(to: server.endpoint())
        defer { withExtendedLifetime(server) { connection.close() } }
        let second = try connection.further()
        second.close()
        #expect(throws: StreamError.self) { try second.send([1]) }
        var third: FurtherChannel?
        let isFree = eventually {
            third = try? connection.further()
            return third != nil
        }
        try #require(isFree)
        try third?.send([7])
        #expect(try third?.receive(atMost: 10) == [7])
    }

    @Test func `ends with the connection, and whoever waits on it is released`() throws {
        let server = try SSHServer()
        let connection = try SSHConnection.connect(to: server.endpoint())
        let further = try connection.further()
        let receiving = try Background { (try? further.receive(atMost: 1))?.isEmpty != false }
        connection.close()
        #expect(receiving.wait() == true)
        #expect(throws: SSHError.self) { _ = try connection.further() }
    }
}
