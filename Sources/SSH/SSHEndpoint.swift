import Platform

/// Where a backup server is, who we are to it, and what is to run there.
///
/// Nothing else is consulted: no user's or system's configuration of ssh, no agent, no prompt. Paths are bytes.
package struct SSHEndpoint: Hashable, Sendable {
    /// A name or an address, without user and port.
    package var host: String
    /// Nil: what `configuration` says, else 22.
    package var port: UInt16?
    /// Nil: what `configuration` says, else the user that runs the program.
    package var user: String?
    /// Files with private keys, in the order in which they are offered. Empty: `IdentityFile` of `configuration`, and
    /// the usual three below `~/.ssh`, of which those that do not exist are passed over.
    package var identities: [[UInt8]]
    /// The one file that says which host keys are good.
    package var knownHosts: [UInt8]
    /// A file in the format of ssh_config(5) to honour. Whatever it says, host keys are checked against `knownHosts`.
    package var configuration: [UInt8]?
    /// What the server is asked to run; a forced command there runs instead.
    package var command: [UInt8]
    package var limits: SSHLimits

    package init(
        host: String, port: UInt16? = nil, user: String? = nil, identities: [[UInt8]] = [],
        knownHosts: [UInt8] = SSHEndpoint.usualKnownHosts, configuration: [UInt8]? = nil, command: [UInt8],
        limits: SSHLimits = SSHLimits()
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.identities = identities
        self.knownHosts = knownHosts
        self.configuration = configuration
        self.command = command
        self.limits = limits
    }

    /// `~/.ssh/known_hosts` of the user that runs the program.
    package static var usualKnownHosts: [UInt8] { ownFile("known_hosts") }

    static var usualIdentities: [[UInt8]] { ["id_ed25519", "id_ecdsa", "id_rsa"].map(ownFile) }

    private static func ownFile(_ name: String) -> [UInt8] { (homeDirectory() ?? []) + Array("/.ssh/\(name)".utf8) }
}

/// For how long a connection may keep one waiting, in seconds.
package struct SSHLimits: Hashable, Sendable {
    /// For the TCP connection to one address; as much again for each step of getting to know each other.
    package var connect = 30
    /// After so long without a word from the server it is asked for a sign of life.
    package var keepalive = 30
    /// After so long without a sign of life the server is taken for dead.
    package var silence = 120
    /// After so long in which a sender or a receiver waited and not one byte of the stream moved, it is given up, alive
    /// or not.
    package var stall = 3600

    package init() {}
}
