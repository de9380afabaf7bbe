import Support
import Testing

@testable import SSH

/// What may be negotiated is pinned: whoever can weaken the server's side alone gains nothing.
@Suite(.enabled(if: SSHServer.program != nil, "needs an sshd"))
struct AlgorithmTests {
    @Test(arguments: [
        "Ciphers aes128-cbc,3des-cbc",
        "KexAlgorithms diffie-hellman-group14-sha1,diffie-hellman-group1-sha1",
        "MACs hmac-sha1,hmac-md5",
    ])
    func `a server that offers only weak algorithms is refused, and told of none of our keys`(line: String) throws {
        // Without an AEAD cipher, which brings its own authentication, the MACs count.
        var settings = [line]
        if line.hasPrefix("MACs") { settings.append("Ciphers aes128-ctr") }
        let server = try SSHServer(settings: settings)
        let error = try #require(refusal(server.endpoint()), "it let us in over \(line)")
        #expect(error.reason == .unreachable)
        #expect(error.summary.contains("no common algorithm"), "\(error)")
        #expect(!server.log.contains("Accepted") && !server.log.contains("userauth"))
    }
}
