import Platform
import Support
import Testing
import Wire

@testable import SSH

/// What is sent is compressed where the network is slow, and only there.
struct CongestionTests {
    @Test(arguments: [
        (busy: UInt64(0), is: false), (busy: 400_000, is: false), (busy: 600_000, is: true),
        (busy: 1_000_000, is: true),
    ])
    func `it is the network where bytes are under way for half of the time`(busy: UInt64, is expected: Bool) {
        let congestion = Congestion()
        let start = steadySeconds()
        #expect(congestion.isCongested(at: start + 1) { busy } == expected)
    }

    @Test func `the kernel is asked four times a second, and tells of the time since`() {
        let congestion = Congestion()
        let start = steadySeconds()
        #expect(congestion.isCongested(at: start + 1) { 1_000_000 })
        #expect(congestion.isCongested(at: start + 1.2) { fatalError("asked again") })
        #expect(!congestion.isCongested(at: start + 2) { 1_100_000 })
    }

    @Test func `a kernel that does not count is taken for a slow network`() {
        #expect(Congestion().isCongested(at: steadySeconds() + 1) { nil })
    }

    @Test(.enabled(if: SSHServer.program != nil, "needs an sshd"))
    func `a server that does not read is not a slow network`() throws {
        let server = try SSHServer()
        let connection = try SSHConnection.connect(to: server.endpoint(command: "sleep 5"))
        defer { connection.close() }
        #expect(try answers(connection, sending: 3 << 20) == false)
    }

    @Test(.enabled(if: SSHServer.program != nil, "needs an sshd"))
    func `a slow network is one`() throws {
        let server = try SSHServer()
        let relay = try SlowRelay(to: server.port, bytesPerSecond: 1 << 20)
        try server.rewriteKnownHosts("[127.0.0.1]:\(relay.port) \(server.publicKey("host_key"))")
        var endpoint = server.endpoint(command: "cat > /dev/null")
        endpoint.port = relay.port
        let connection = try SSHConnection.connect(to: endpoint)
        defer { connection.close() }
        #expect(try answers(connection, sending: 3 << 20))
    }

    /// Whether the connection is congested once so much was sent for two seconds.
    private func answers(_ connection: SSHConnection, sending count: Int) throws -> Bool {
        let sending = try Background { try? connection.send(noise(count)) }
        pause(seconds: 1)
        _ = connection.isCongested
        pause(seconds: 1)
        defer { withExtendedLifetime(sending) {} }
        return connection.isCongested
    }
}
