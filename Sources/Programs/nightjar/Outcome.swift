import Agent
import CLI
import Configuration
import Model
import Platform
import Wire

extension Backup {
    /// What the exit status says of a run.
    static func exitCode(of report: PushReport, isMailed: Bool) -> ExitCode {
        switch report.outcome {
        case .committed, .rehearsed: report.counts.leftOut == 0 && isMailed ? .done : .leftOut
        case .failed(let error): ExitCode(error)
        }
    }

    /// The record of a run, as `--json` prints it: the same members however far the run came.
    ///
    /// - Parameters:
    ///   - reason: why it is not complete.
    ///   - config: nil if it could not be read.
    ///   - report: nil if the run did not come to the server's first word.
    static func record(
        _ code: ExitCode, reason: String?, config: BackupConfig?, report: PushReport?, issues: [Issue]
    ) -> JSON {
        let isRehearsed = report?.outcome == .rehearsed
        let outcome: [(String, JSON)] = [
            ("outcome", .text(reason != nil ? "failed" : isRehearsed ? "rehearsed" : "complete")),
            ("reason", reason.map(JSON.text) ?? .none), ("exit_status", .number(Int64(code.rawValue))),
            ("server", config.map { .text($0.server.description) } ?? .none),
            ("backupdir", config.map { .bytes($0.backupdir.bytes) } ?? .none),
            ("generation", report?.generation.map { .number($0.rawValue) } ?? .none),
            ("continued", report.map { .flag($0.continues) } ?? .none),
            ("partial", report.map { .flag($0.isPartial) } ?? .none),
            ("seconds", report.map { .real($0.duration.seconds) } ?? .none),
        ]
        return .object(outcome + figures(of: report) + [("issues", .list(issues.map(\.json)))])
    }

    private static func figures(of report: PushReport?) -> [(String, JSON)] {
        let counts = report?.counts
        let figures: [(String, UInt64?)] = [
            ("directories", counts?.directories), ("files", counts?.entries), ("listings", counts?.listings),
            ("answers", counts?.answers), ("changed", counts?.changed), ("removed", counts?.removed),
            ("bytes_seen", counts?.bytesSeen), ("content_bytes", counts?.contentBytes),
            ("bytes_sent", report?.bytesSent), ("bytes_received", report?.bytesReceived),
            ("verified_files", report?.verified.files), ("verified_bytes", report?.verified.bytes),
            ("walkers", report.map { UInt64($0.walkers) }), ("channels", report.map { UInt64($0.channels) }),
            ("left_out", counts?.leftOut), ("notes", counts?.notes),
        ]
        return figures.map { name, value in (name, value.map(JSON.unsigned) ?? .none) }
    }
}

extension ExitCode {
    init(_ error: PushError) {
        switch error {
        case .refused(let refusal): self.init(refusal.code)
        case .wire, .cut, .silent: self = .unavailable
        case .stalled, .system: self = .inputOutput
        case .interrupted: self = .tryLater
        case .duringCommit(let error): self.init(error)
        case .noEntry: self = .leftOut
        }
    }
}

extension PushError {
    /// Whether the server has nothing to do with it.
    var isOfJail: Bool {
        switch self {
        case .stalled, .noEntry, .system: true
        case .wire, .refused, .cut, .silent, .interrupted, .duringCommit: false
        }
    }

    /// Whether the other side ended without a word of ours: what it wrote to standard error may say why.
    var isUnexplained: Bool {
        switch self {
        case .wire, .cut: true
        case .duringCommit(let error): error.isUnexplained
        default: false
        }
    }
}
