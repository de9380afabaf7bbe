import Glibc
import Model
import Platform

/// A real sshd of a test's own on 127.0.0.1, with its own host key, user key and known_hosts, in a temporary folder.
/// It runs as whoever runs the test, and lets that user in. Stopped when the last reference goes.
package final class SSHServer: Sendable {
    /// Where sshd was found; nil where the machine has none, so that tests can be `.enabled(if:)`.
    package static let program: String? = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].first { access($0, X_OK) == 0 }

    package let host = "127.0.0.1"
    package let port: UInt16
    /// Who can log in.
    package let user: String
    /// The private key that is let in.
    package var identity: String { file("id_ed25519") }
    /// Names this server's host key, and no other.
    package var knownHosts: String { file("known_hosts") }

    private let folder: TemporaryDirectory
    private let process: Monitor<pid_t?>

    /// Starts it, and waits until it accepts connections.
    /// - Parameters:
    ///   - command: runs instead of whatever the user's key asks for.
    ///   - settings: lines for its sshd_config; the first of two lines counts, and these come first.
    package init(command: String? = nil, settings: [String] = []) throws {
        guard let program = SSHServer.program else { throw Trouble(description: "no sshd on this machine") }
        folder = try TemporaryDirectory()
        user = userName(geteuid()).map { String(decoding: $0, as: UTF8.self) } ?? "root"
        port = try BoundSocket().port
        process = Monitor(nil)
        try makeKey("host_key")
        try folder.write("authorized_keys", "")
        try authorize(makeKey("id_ed25519"), command: command)
        try folder.write("known_hosts", "[127.0.0.1]:\(port) \(try publicKey("host_key"))")
        try folder.write("sshd_config", configuration(settings))
        if isRoot() { mkdir("/run/sshd", 0o755) }
        let log = try folder.directory.createFile("log")
        let words = [program, "-D", "-e", "-f", file("sshd_config")].map { Array($0.utf8) }
        let started = try ChildProcess.spawn(words, input: log.raw, output: log.raw, errors: log.raw).identifier
        process.with { $0 = started }
        try waitUntilAccepting(started)
    }

    deinit { stop() }

    /// A file in the server's folder.
    package func file(_ name: String) -> String { "\(folder.path)/\(name)" }

    /// What is in a file in the server's folder; nil where there is none.
    package func content(of name: Name) -> [UInt8]? { try? folder.read(name) }

    /// What sshd said so far.
    package var log: String { String(decoding: content(of: "log") ?? [], as: UTF8.self) }

    /// Makes a key pair in the server's folder; the server does not know it yet.
    /// - Returns: the private key's file.
    @discardableResult
    package func makeKey(_ name: String, type: String = "ed25519", passphrase: String = "") throws -> String {
        try run(["ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", name, "-f", file(name)])
        return file(name)
    }

    /// Lets a key in that `makeKey` made.
    package func authorize(_ key: String, command: String? = nil) throws {
        let name = String(key.split(separator: "/").last ?? "")
        let options = command.map { "restrict,command=\"\($0)\" " } ?? ""
        let known = String(decoding: try folder.read("authorized_keys"), as: UTF8.self)
        try rewrite("authorized_keys", known + options + publicKey(name))
    }

    /// Replaces what known_hosts says.
    package func rewriteKnownHosts(_ content: String) throws { try rewrite("known_hosts", content) }

    /// The public half of a key in the folder: type, base64, comment, and a newline.
    package func publicKey(_ name: String) throws -> String {
        guard let name = Name(Array("\(name).pub".utf8)) else { throw Trouble(description: "no name: \(name)") }
        return String(decoding: try folder.read(name), as: UTF8.self)
    }

    // MARK: Its end

    /// Stops it and every session of it.
    package func stop() { end(with: SIGTERM) }

    /// Stops it as a power cut would: no process of it says another word, but the kernel closes its connections.
    package func kill() { end(with: SIGKILL) }

    /// Freezes it and every session of it: its connections stay, and it does not answer. Only `kill` can follow.
    package func freeze() {
        guard let main = process.with({ $0 }) else { return }
        for identifier in [main] + descendants(of: main) { Glibc.kill(identifier, SIGSTOP) }
    }

    private func end(with signal: Int32) {
        let main = process.with { process in
            defer { process = nil }
            return process
        }
        guard let main else { return }
        for identifier in [main] + descendants(of: main) {
            Glibc.kill(identifier, signal)
            Glibc.kill(identifier, SIGCONT)
        }
        var status: Int32 = 0
        waitpid(main, &status, 0)
    }

    // MARK: Its beginning

    private func configuration(_ settings: [String]) -> String {
        (settings + [
            "ListenAddress 127.0.0.1", "Port \(port)", "HostKey \(file("host_key"))", "PidFile none",
            "AuthorizedKeysFile \(file("authorized_keys"))", "StrictModes no", "UsePAM no", "PermitRootLogin yes",
            "PasswordAuthentication no", "KbdInteractiveAuthentication no", "MaxStartups 200", "PrintMotd no",
            // A bash that sshd starts reads the user's .bashrc, which may do anything, for any time; one below another
            // shell does not.
            "SetEnv SHLVL=1",
        ]).joined(separator: "\n") + "\n"
    }

    private func waitUntilAccepting(_ identifier: pid_t) throws {
        for _ in 0..<200 {
            if try connectedSocket(to: port) != nil { return }
            var status: Int32 = 0
            if waitpid(identifier, &status, WNOHANG) == identifier {
                process.with { $0 = nil }
                throw Trouble(description: "sshd ended at once: \(log)")
            }
            pause(seconds: 0.02)
        }
        throw Trouble(description: "sshd does not accept connections: \(log)")
    }

    private func rewrite(_ name: Name, _ content: String) throws {
        try folder.directory.unlink(name)
        try folder.write(name, content)
    }

    private func run(_ words: [String]) throws {
        let status = try ChildProcess.spawn(words.map { Array($0.utf8) }).wait()
        guard status == .exited(0) else { throw Trouble(description: "\(words.joined(separator: " ")): \(status)") }
    }

    private struct Trouble: Error, CustomStringConvertible { var description: String }
}

private func descendants(of identifier: pid_t) -> [pid_t] {
    guard let directory = try? Directory.open(Array("/proc/\(identifier)/task/\(identifier)".utf8)),
        let text = try? directory.openFile("children").readAll(atMost: 1 << 20)
    else { return [] }
    let children = String(decoding: text, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
    return children + children.flatMap(descendants)
}
