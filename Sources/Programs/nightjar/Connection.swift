import Agent
import CLI
import Configuration
import Glibc
import Model
import Platform
import SSH
import Streams
import Wire

/// The way to the backup server that a config names.
struct Connection: ~Copyable {
    let stream: any ByteStream
    private let ssh: SSHConnection?
    private let server: LocalServer?

    /// - Parameter isInterrupted: whether the program has been asked to end; asked a few times a second.
    /// - Throws: `SSHError`; `ConfigError` or `SystemError` where the receiver cannot be started; `PushError.interrupted`.
    static func open(
        _ config: BackupConfig, isInterrupted: () -> Bool = { false }
    ) throws -> Connection {
        switch config.server {
        case .local:
            let server = try startReceiver(config)
            return Connection(stream: server.stream, ssh: nil, server: server)
        case .remote(let host, let user, let port):
            let endpoint = SSHEndpoint(
                host: host, port: port, user: user, identities: config.identity.map { [$0] } ?? [],
                knownHosts: config.knownHosts ?? SSHEndpoint.usualKnownHosts, configuration: config.sshConfig,
                command: Array((config.receive ?? [Array("nightjar-receive".utf8)]).joined(separator: [0x20])))
            let ssh = try connect(to: endpoint, isInterrupted)
            return Connection(stream: ssh, ssh: ssh, server: nil)
        }
    }

    /// The resolver, the handshake and the login may each take half a minute, and none can be broken off: once the
    /// program shall end, they are left behind.
    private static func connect(to endpoint: SSHEndpoint, _ isInterrupted: () -> Bool) throws -> SSHConnection {
        let errand = try Errand("connect") {
            Result { () throws(SSHError) in try SSHConnection.connect(to: endpoint) }
        }
        while true {
            if let found = errand.answer(within: 200) { return try found.get() }
            if isInterrupted() { throw PushError.interrupted }
        }
    }

    /// Opens one more stream to the same server, on the same connection; nil where one is all that can be used.
    var opener: (@Sendable () throws -> any ByteStream)? {
        guard let ssh else { return nil }
        return { try ssh.further() }
    }

    /// What the other side wrote to its standard error, where that may be the reason for an end without a word of ours;
    /// nil if what is known has it already. Fit to be shown.
    func complaint(unlessIn known: String) -> String? {
        guard let ssh else { return nil }
        _ = ssh.waitForExit(milliseconds: 2_000)
        let lines = ssh.complaint.split(separator: UInt8(ascii: "\n")).map { escaped($0) }
        let isKnown = lines.last.map { known.contains($0) } ?? true
        return isKnown ? nil : lines.joined(separator: "\n")
    }

    /// Hangs up; the other side's program is waited for, so that its lock is free when we end, but not for ever.
    consuming func end() {
        let patience = 10_000
        if let ssh {
            ssh.endSending()
            _ = ssh.waitForExit(milliseconds: patience)
        }
        stream.close()
        _ = try? server?.end(within: patience)
    }

    /// The same in the middle of what the other side says: nobody listens to the rest of it.
    consuming func hangUp() {
        stream.close()
        _ = try? server?.end(within: 2_000)
    }

    private static func startReceiver(_ config: BackupConfig) throws -> LocalServer {
        guard let receive = config.receive else { return try LocalServer(usualReceiver(for: config.backupdir)) }
        do throws(SystemError) {
            return try LocalServer(receive)
        } catch {
            guard error.isMissing || error.code == EACCES || error.code == ENOEXEC else { throw error }
            let problem = ConfigProblem(
                "receive: \(escaped(receive[0])): \(error.reason)", remedy: "name a program, or leave the key out")
            throw ConfigError(file: config.file, problems: [problem])
        }
    }

    /// `nightjar-receive` where this program lies, for the backupdir's data root.
    private static func usualReceiver(for backupdir: Path) throws -> [[UInt8]] {
        guard let root = backupdir.parent, let jail = backupdir.names.last else {
            throw SystemError(operation: "open", code: 2, subject: backupdir.bytes)
        }
        return [try neighbour("nightjar-receive"), Array("--data".utf8), root.bytes, jail.bytes]
    }
}

extension ExitCode {
    init(_ reason: SSHError.Reason) {
        switch reason {
        case .identityUnusable, .misconfigured: self = .configuration
        default: self = .unavailable
        }
    }
}
