import Agent
import CLI
import Configuration
import Model
import Platform
import SSH
import Wire

/// What a command that asks the server has to know: the config, and which jail this is.
struct JailSite {
    let config: BackupConfig
    /// As the server calls it.
    let jail: Name

    /// - Throws: `ConfigError`.
    init(_ file: [UInt8]) throws(ConfigError) {
        config = try ConfigFile.load(file)
        jail = config.backupdir.names.last ?? "jail"
    }

    /// Talks with the server from the first word to the last.
    ///
    /// - Throws: what `body` throws; `AskError`, `SSHError` where there is no talking. What the other side's program wrote
    ///   to its standard error is said then.
    func converse<Answer>(
        _ console: Console, isInterrupted: @escaping @Sendable () -> Bool = { false },
        _ body: (Conversation) throws -> Answer
    ) throws -> Answer {
        let connection = try Connection.open(config, isInterrupted: isInterrupted)
        let hello = Hello(
            purpose: .questions, release: release, host: Array(hostName().utf8), backupdir: config.backupdir.bytes)
        do {
            let answer = try body(
                try Conversation(over: connection.stream, hello, isInterrupted: isInterrupted))
            connection.end()
            return answer
        } catch {
            console.clearProgress()
            if let error = error as? AskError, error.isUnexplained,
                let complaint = connection.complaint(unlessIn: error.description)
            {
                console.error("the server said: \(complaint)")
            }
            connection.hangUp()
            throw error
        }
    }
}

extension AskError {
    /// Whether the other side ended without a word of ours: what it wrote to standard error may say why.
    fileprivate var isUnexplained: Bool {
        switch self {
        case .wire, .cut: true
        case .refused, .silent, .system, .interrupted: false
        }
    }
}

extension ExitCode {
    init(_ error: AskError) {
        switch error {
        case .refused(let refusal): self.init(refusal.code)
        case .wire, .cut, .silent: self = .unavailable
        case .system: self = .inputOutput
        case .interrupted: self = .tryLater
        }
    }
}
