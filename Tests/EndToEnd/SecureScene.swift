import Support

/// A jail whose agent comes in over a real sshd, with the line that `enroll` printed.
struct SecureScene {
    let shell: SSHServer
    let jail: Jail

    /// - Parameters:
    ///   - place: where the server keeps its data.
    ///   - settings: lines for sshd's configuration.
    init(in place: String = "/tmp", settings: [String] = []) throws {
        shell = try SSHServer(settings: ["Subsystem sftp internal-sftp"] + settings)
        let server = try BackupServer(in: place)
        jail = try Jail(on: server)
        let key = try shell.makeKey("jail")
        let line = try server.enroll(jail.name, key: "\(key).pub")
        try Command("sh", "-c", "printf '%s' \"$0\" >> \(shell.file("authorized_keys"))", line).check()
        jail.settings["server"] = "127.0.0.1:\(shell.port)"
        jail.settings["user"] = shell.user
        jail.settings["identity"] = key
        jail.settings["known_hosts"] = shell.knownHosts
        jail.settings["receive"] = nil
    }

    /// Has the agent come from so far away.
    func moveAway(milliseconds: Int) throws -> DelayRelay {
        let relay = try DelayRelay(to: shell.port, milliseconds: milliseconds)
        try connect(through: relay.port)
        return relay
    }

    /// Has the agent come over a wire that takes so much to the server, for one connection.
    func slowDown(bytesPerSecond: Int) throws {
        let relay = try SlowRelay(to: shell.port, bytesPerSecond: bytesPerSecond)
        try connect(through: relay.port)
    }

    private func connect(through port: UInt16) throws {
        try shell.rewriteKnownHosts("[127.0.0.1]:\(port) \(shell.publicKey("host_key"))")
        jail.settings["server"] = "127.0.0.1:\(port)"
    }

    var copy: String { jail.copy }
}
