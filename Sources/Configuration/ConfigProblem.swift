import Model

/// What is wrong with a config, or deserves a word, and where.
package struct ConfigProblem: Hashable, Sendable {
    /// Nil where it concerns the file as a whole.
    package var line: Int?
    /// Already fit to be shown.
    package var message: String
    /// What to do about it.
    package var remedy: String?

    package init(line: Int? = nil, _ message: String, remedy: String? = nil) {
        self.line = line
        self.message = message
        self.remedy = remedy
    }
}

/// A config that cannot be used: exit status 78. Has everything that is wrong with it, in the order of the lines.
package struct ConfigError: ClassifiedError, Hashable {
    /// Its path, raw.
    package var file: [UInt8]
    /// At least one.
    package var problems: [ConfigProblem]
    /// A word on what was read but perhaps not meant: a key that is missing may be there, mistyped.
    package var warnings: [ConfigProblem]
    /// `.misconfigured`, whatever is wrong with it.
    package var problem: Problem { .misconfigured }

    package init(file: [UInt8], problems: [ConfigProblem], warnings: [ConfigProblem] = []) {
        self.file = file
        self.problems = problems
        self.warnings = warnings
    }
}

extension ConfigError: CustomStringConvertible {
    /// `FILE:LINE: what; remedy`, a line each; what was perhaps not meant comes last.
    package var description: String { (problems + warnings).map { $0.text(in: file) }.joined(separator: "\n") }
}

extension ConfigProblem {
    /// `FILE:LINE: what; remedy`.
    package func text(in file: [UInt8]) -> String {
        let place = escaped(file) + (line.map { ":\($0)" } ?? "")
        return "\(place): \(message)" + (remedy.map { "; \($0)" } ?? "")
    }
}
