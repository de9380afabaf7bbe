import Model

/// What `backup.config` means: every value checked, every default filled in. Read, never run.
package struct BackupConfig: Hashable, Sendable {
    /// The jail's directory on the server.
    package var backupdir: Path
    /// With `user=` and `port=` taken in.
    package var server: ServerAddress
    /// The key file for ssh; nil for its usual places.
    package var identity: [UInt8]?
    /// A path; nil for ssh's usual place.
    package var knownHosts: [UInt8]?
    /// Printable ASCII.
    package var mailto = "root"
    /// Words; no shell reads them.
    package var sendmail: [[UInt8]] = BackupConfig.words("/usr/sbin/sendmail -t -oi")
    /// The command to run at the server; nil for the usual one.
    package var receive: [[UInt8]]?
    /// A configuration of ssh to honour; nil for none.
    package var sshConfig: [UInt8]?
    /// Seconds after which a file system that does not answer is said to hang; nil for the usual time.
    package var hangAfter: Int64?
    /// Bytes of content a second that are read at most; nil for no limit.
    package var readRate: UInt64?
    /// Whether the run takes the disk and the processors only when nobody else wants them.
    package var yieldsToOthers = false
    /// Of what the jail sends.
    package var compression = Compression.auto
    /// What of the content is compared by digest in each push though nothing says that it changed.
    package var verifyShare = VerifyShare.none
    /// Where customers have their roots.
    package var customerRoots = CustomerRoots.usual
    /// Those needed, in the order of their paths: see `merged(_:)`.
    package var entries: [Entry]
    /// A word on each entry that was merged into another.
    package var notes: [Issue]
    /// A word on what was read but perhaps not meant.
    package var warnings: [ConfigProblem]
    /// The file it was read from.
    package var file: [UInt8]

    static func words(_ text: String) -> [[UInt8]] { text.split(separator: " ").map { Array($0.utf8) } }

    /// Reads what stands in a file.
    ///
    /// - Throws: all that is wrong with it at once.
    package static func parse(_ bytes: [UInt8], file: [UInt8]) throws(ConfigError) -> BackupConfig {
        try ConfigReading(WrittenConfig(bytes), file: file).config()
    }
}
