import Configuration
import Model

/// What is to be said of a config before it is installed. Everything at once, each with its line.
package struct Review: Sendable {
    /// What kind of trouble one finding is.
    package enum Kind: Hashable, Sendable {
        /// The config cannot be used as it is.
        case invalid
        /// An entry repeats another, or is saved with one around it.
        case redundant
        /// An entry cannot be opened as it is written: a symlink on the way, a file system of the kernel's.
        case unreachable
        /// An entry does not exist; it may tomorrow.
        case missing
        /// Perhaps not meant; stops nothing.
        case doubtful
    }

    /// One trouble, and what to do about it.
    package struct Finding: Hashable, Sendable {
        package let kind: Kind
        package let problem: ConfigProblem
        /// The path of the entry that it is about; nil where it is about none. By this, and not by its line, it is known
        /// again in another version of the config.
        package let entry: [UInt8]?
    }

    /// What follows from a review.
    package enum Verdict: Hashable, Sendable {
        /// To be installed. Doubts were said.
        case good
        /// Nothing is wrong but that an entry, or several, do not exist.
        case missing
        /// Not to be installed.
        case refused
    }

    /// In the order of the lines.
    package let findings: [Finding]

    /// For what the config cannot be used.
    package var invalid: [Finding] { findings.filter { $0.kind == .invalid } }

    /// A config that is not there yet.
    package static let nothing = Review(findings: [])

    private init(findings: [Finding]) {
        self.findings = findings.sorted { ($0.problem.line ?? 0) < ($1.problem.line ?? 0) }
    }

    /// A config that can be used.
    ///
    /// - Parameter issues: of its entries, those that could not be opened.
    package init(_ config: BackupConfig, issues: [Issue]) {
        func finding(_ kind: Kind, _ issue: Issue) -> Finding {
            let problem = ConfigProblem(line: issue.line, "\(escaped(issue.path)): \(issue.detail)")
            return Finding(kind: kind, problem: problem, entry: issue.path)
        }
        self.init(
            findings: config.warnings.map { Finding(kind: .doubtful, problem: $0, entry: nil) }
                + config.notes.map { finding(.redundant, $0) }
                + issues.map { finding($0.reason == .missing ? .missing : .unreachable, $0) })
    }

    /// One that cannot: none of its entries is looked at.
    package init(_ error: ConfigError) {
        self.init(
            findings: error.problems.map { Finding(kind: .invalid, problem: $0, entry: nil) }
                + error.warnings.map { Finding(kind: .doubtful, problem: $0, entry: nil) })
    }

    /// What a config that is to replace another brings with it: all for which it cannot be used, and what the other did
    /// not have. A customer's root that was gone before must not stop the work on the others.
    package func arising(after before: Review) -> [Finding] {
        struct Known: Hashable {
            let kind: Kind
            let subject: [UInt8]

            init(_ finding: Finding) {
                kind = finding.kind
                subject = finding.entry ?? Array(finding.problem.message.utf8)
            }
        }
        let known = Set(before.findings.map(Known.init))
        return findings.filter { $0.kind == .invalid || !known.contains(Known($0)) }
    }

    /// What follows from the findings that arose.
    package static func verdict(on findings: [Finding]) -> Verdict {
        let kinds = Set(findings.map(\.kind))
        if !kinds.isDisjoint(with: [.invalid, .redundant, .unreachable]) { return .refused }
        return kinds.contains(.missing) ? .missing : .good
    }
}
