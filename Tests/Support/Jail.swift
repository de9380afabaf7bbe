import Glibc

/// A jail of a test: real directories, a `backup.config` over them, and the agent to run.
package final class Jail {
    /// Its own among all that run on this machine, so that the processes that serve it can be told apart.
    package let name: String
    package let server: BackupServer
    package let account: Account
    /// A directory of its own; `source` in it is the entry.
    package let scratch: Scratch
    package var source: String
    /// What `backup.config` says beside the entries; a value of nil leaves the key out.
    package var settings: [String: String] = [:]
    package var entries: [String]

    /// Enrolls the jail, and lets its agent talk to `nightjar-receive` directly (`server=local`).
    ///
    /// - Parameters:
    ///   - name: how its name begins.
    ///   - wrapper: what `nightjar-receive` runs under, such as strace.
    package init(_ name: String = "jail", on server: BackupServer, wrapper: [String] = []) throws {
        self.server = server
        account = server.account
        scratch = try Scratch(name)
        self.name = String(scratch.path.dropFirst("/tmp/nightjar-".count))
        source = try scratch.directory("source")
        entries = [source]
        try account.own(scratch.path)
        try server.enroll(self.name)
        settings = [
            "backupdir": "\(server.data)/\(self.name)", "server": "local",
            "receive": (wrapper + server.receive(self.name)).joined(separator: " "),
            "sendmail": "/bin/false", "mailto": "root",
        ]
    }

    package var config: String { scratch["backup.config"] }
    package var newest: String { server.newest(name) }
    /// Where the source lies in the newest night.
    package var copy: String { newest + source }

    /// The text of `backup.config`.
    package var configText: String {
        let keys = settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
        return "#!/bin/sh\n\(keys)\n" + entries.map { "## ENTRY \($0)\n" }.joined()
    }

    /// A run of the agent over `configText`; one that hangs is killed after two minutes.
    package func command(_ arguments: [String] = []) throws -> Command {
        try scratch.write("backup.config", configText)
        try account.own(config)
        return agent(["backup", "--config", config] + arguments)
    }

    /// The agent with any arguments.
    package func agent(_ arguments: [String]) -> Command {
        var command = Command(account.prefix + [Programs.path("nightjar", for: account)] + arguments)
        command.environment["HOME"] = scratch.path
        if isClockAhead, let clock = Programs.clockAhead(for: account) { command.environment["LD_PRELOAD"] = clock }
        return command
    }

    /// Has no change hide behind an equal stamp any more, as if the time had passed in which one may: from now on the
    /// agent's clock is further ahead than that. Where there is no such clock, waits.
    package func settle() {
        isClockAhead = true
        if Programs.clockAhead(for: account) == nil { usleep(2_200_000) }
    }

    /// Whether the agent, and on a `server=local` the receiver, has such a clock.
    package var isClockAhead = false

    /// Runs the agent to its end.
    @discardableResult
    package func backup(_ arguments: String...) throws -> Command.Outcome { try command(arguments).run() }

    /// Runs the agent, and throws with all it said unless it exits 0.
    @discardableResult
    package func push(_ arguments: String...) throws -> Command.Outcome { try command(arguments).check() }

    /// The receivers that serve this jail now, and what they run under.
    package func receivers() throws -> [Int32] {
        // A receiver changes its title; its jail's name stays in it.
        try Command("pgrep", "-f", "nightjar-receive.*\(name)").run().lines.compactMap { Int32($0) }
    }

    /// Waits until no receiver serves this jail; false if one still does after a minute.
    package func waitUntilUnserved() throws -> Bool { try eventually { try receivers().isEmpty } }

    /// Has the server leave so much of its file system free, as its `reserve` takes it.
    package func setReserve(_ size: String) throws {
        let config = try scratch.write("server.conf", "reserve=\(size)\n")
        let receive = server.receive(name).joined(separator: " ")
        settings["receive"] = "/usr/bin/env NIGHTJAR_SERVER_CONFIG=\(config) \(receive)"
    }

    /// Gives the source to the jail's account: to be called after root has built something in it.
    package func handOver() throws { try account.own(source) }

    /// A copy of the source as it stands now, by `cp -a`, beside it.
    package func remember(_ name: String) throws -> String {
        try Command("cp", "-a", source, scratch[name]).check()
        return scratch[name]
    }
}
