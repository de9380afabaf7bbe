import Support

/// A jail whose agent comes in over a real sshd, with the line that `enroll` printed.
struct SecureScene {
    let shell: SSHServer
    let jail: Jail

    /// - Parameter place: where the server keeps its data.
    init(in place: String = "/tmp") throws {
        shell = try SSHServer(settings: ["Subsystem sftp internal-sftp"])
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

    var copy: String { jail.copy }
}
