import Glibc
import Model
import Support
import Testing

@testable import SSH

@Suite(.enabled(if: SSHServer.program != nil, "needs an sshd"))
struct ConnectingTests {
    @Test func `an unknown host key is refused with its fingerprint and the line to add`() throws {
        let server = try SSHServer()
        try server.rewriteKnownHosts("")
        let error = try #require(refusal(server.endpoint()))
        #expect(error.reason == .unknownHostKey)
        #expect(error.summary.contains("ssh-ed25519 SHA256:"))
        let key = try server.publicKey("host_key").split(separator: " ").prefix(2).joined(separator: " ")
        #expect(error.remedy?.contains("[127.0.0.1]:\(server.port) \(key)") == true)
        #expect(!server.log.contains("Accepted"), "logged in all the same")
    }

    @Test func `the line that the refusal gives makes the host known`() throws {
        let server = try SSHServer()
        try server.rewriteKnownHosts("# empty\n")
        let remedy = try #require(refusal(server.endpoint())?.remedy)
        let line = try #require(remedy.split(separator: "\n").last)
        try server.rewriteKnownHosts(line.drop { $0 == " " } + "\n")
        #expect(refusal(server.endpoint()) == nil)
    }

    @Test func `a missing known_hosts file is an unknown host`() throws {
        let server = try SSHServer()
        var endpoint = server.endpoint()
        endpoint.knownHosts = Array(server.file("nowhere").utf8)
        let error = try #require(refusal(endpoint))
        #expect(error.reason == .unknownHostKey)
        #expect(error.summary.contains("No such file or directory"))
    }

    @Test func `a changed host key is refused loudly with the line that it contradicts`() throws {
        let server = try SSHServer()
        try server.makeKey("other")
        let other = try server.publicKey("other")
        try server.rewriteKnownHosts("# comment\nelsewhere \(other)[127.0.0.1]:\(server.port) \(other)")
        let error = try #require(refusal(server.endpoint()))
        #expect(error.reason == .changedHostKey)
        #expect(error.summary.contains("HAS CHANGED"))
        #expect(error.summary.contains("line 3"))
        #expect(!server.log.contains("Accepted"))
    }

    @Test func `a host known by a key of another type only is refused`() throws {
        let server = try SSHServer()
        try server.makeKey("other", type: "ecdsa")
        try server.rewriteKnownHosts("[127.0.0.1]:\(server.port) \(try server.publicKey("other"))")
        #expect(refusal(server.endpoint())?.reason == .changedHostKey)
    }

    @Test func `a revoked host key is refused though another line allows it`() throws {
        let server = try SSHServer()
        let key = try server.publicKey("host_key")
        try server.rewriteKnownHosts("[127.0.0.1]:\(server.port) \(key)@revoked * \(key)")
        let error = try #require(refusal(server.endpoint()))
        #expect(error.reason == .changedHostKey)
        #expect(error.summary.contains("revoked by line 2"))
    }

    @Test(.temporaryDirectory) func `no configuration file can switch the check of the host key off`() throws {
        let server = try SSHServer()
        try server.rewriteKnownHosts("")
        let folder = try TemporaryDirectory.current
        try folder.write("config", "Host *\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n")
        var endpoint = server.endpoint()
        endpoint.configuration = Array("\(folder.path)/config".utf8)
        #expect(refusal(endpoint)?.reason == .unknownHostKey)
    }

    @Test(.temporaryDirectory) func `a configuration file gives host, port, user and key`() throws {
        let server = try SSHServer()
        let folder = try TemporaryDirectory.current
        try folder.write(
            "config",
            """
            Host backup1
              HostName 127.0.0.1
              Port \(server.port)
              User \(server.user)
              IdentityFile \(server.identity)
            """)
        let endpoint = SSHEndpoint(
            host: "backup1", knownHosts: Array(server.knownHosts.utf8),
            configuration: Array("\(folder.path)/config".utf8), command: Array("true".utf8))
        #expect(refusal(endpoint) == nil)
    }

    @Test func `a key that the server does not know is refused with user and fingerprint`() throws {
        let server = try SSHServer()
        var endpoint = server.endpoint()
        endpoint.identities = [Array(try server.makeKey("stranger").utf8)]
        let error = try #require(refusal(endpoint))
        #expect(error.reason == .loginRefused)
        #expect(
            error.summary.contains("refuses user \(server.user) with \(server.file("stranger")) (ssh-ed25519 SHA256:"))
    }

    @Test(arguments: ["ed25519", "ecdsa", "rsa"])
    func `the second key is offered when the first is refused`(type: String) throws {
        let server = try SSHServer()
        let second = try server.makeKey("second", type: type)
        try server.authorize(second)
        var endpoint = server.endpoint()
        endpoint.identities = [Array(try server.makeKey("stranger").utf8), Array(second.utf8)]
        #expect(refusal(endpoint) == nil)
    }

    @Test func `an encrypted key is said to be so, and no one is asked`() throws {
        let server = try SSHServer()
        var endpoint = server.endpoint()
        endpoint.identities = [Array(try server.makeKey("locked", passphrase: "secret").utf8)]
        let error = try #require(refusal(endpoint))
        #expect(error.reason == .identityUnusable)
        #expect(error.summary.contains("protected by a passphrase"))
    }

    @Test func `a missing key, a key open to others and a file that is no key are told apart`() throws {
        let server = try SSHServer()
        var endpoint = server.endpoint()
        endpoint.identities = [Array(server.file("nowhere").utf8)]
        #expect(refusal(endpoint)?.summary.contains("No such file or directory") == true)
        chmod(server.identity, 0o644)
        #expect(refusal(server.endpoint())?.summary.contains("can be read by others") == true)
        chmod(server.knownHosts, 0o600)
        endpoint.identities = [Array(server.knownHosts.utf8)]
        #expect(refusal(endpoint)?.summary.contains("is no private key") == true)
    }

    @Test func `a refused connection says so`() throws {
        // Bound and not listening: nobody else can take the port meanwhile.
        let bound = try BoundSocket()
        let endpoint = SSHEndpoint(host: "127.0.0.1", port: bound.port, command: Array("cat".utf8))
        let error = try #require(refusal(endpoint))
        #expect(error.reason == .unreachable)
        #expect(error.summary.contains("127.0.0.1 port \(endpoint.port ?? 0): 127.0.0.1: Connection refused"))
        withExtendedLifetime(bound) {}
    }

    @Test func `a name that does not exist says so`() throws {
        let error = try #require(
            refusal(SSHEndpoint(host: "no-such-host.invalid", command: Array("cat".utf8))))
        #expect(error.reason == .unreachable)
        #expect(error.summary.contains("cannot find the host no-such-host.invalid"))
    }

    @Test(arguments: ["", "-oProxyCommand=x", "a b", "root@backup1", "a\nb"])
    func `what is no host name is refused`(host: String) {
        #expect(refusal(SSHEndpoint(host: host, command: []))?.reason == .misconfigured)
    }

    @Test func `a server that does not answer is given up`() throws {
        let server = try SSHServer()
        server.freeze()
        var endpoint = server.endpoint()
        endpoint.limits.connect = 1
        #expect(refusal(endpoint)?.reason == .timedOut)
        server.kill()
    }
}
