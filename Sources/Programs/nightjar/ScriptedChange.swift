import CLI
import Configuration
import Editing
import Model
import Options
import Platform

/// `vb --add` and `vb --remove`: all that is asked for, or nothing.
struct ScriptedChange {
    private let isAddition: Bool
    private let entries: [WrittenConfig.Entry]

    /// - Throws: `UsageError` for what cannot stand in a config.
    init(isAddition: Bool, _ words: [[UInt8]]) throws(UsageError) {
        self.isAddition = isAddition
        var entries: [WrittenConfig.Entry] = []
        for word in words {
            do throws(EntryLines.Unwritable) {
                entries.append(try EntryLines.entry(word))
            } catch {
                throw UsageError(subject: word, reason: error.reason, command: "vb")
            }
            if !isAddition, entries.last?.options.isEmpty == false {
                throw UsageError(subject: word, reason: "an entry is removed by its path alone", command: "vb")
            }
        }
        self.entries = entries
    }

    func make(
        _ config: borrowing EditableConfig, _ console: Console, _ output: inout Output
    ) throws -> ExitCode {
        guard let base = try config.read() else {
            console.error("\(escaped(config.path)): there is no such config", hint: "vb without --add makes one")
            return .configuration
        }
        guard let text = isAddition ? added(to: base, config.path, console) : removed(from: base, console) else {
            return .configuration
        }
        if text == base { return .done }
        let (verdict, problems) = try objections(to: text, over: base, config.path)
        for problem in problems { console.error(problem.text(in: config.path)) }
        switch verdict {
        case .good:
            try config.install(text, over: base, console, &output)
            return .done
        case .missing:
            console.error("nothing was installed")
            return .leftOut
        case .refused:
            console.error("nothing was installed")
            return .configuration
        }
    }

    /// What stands against the change. Their lines are those of the file as it is: nobody sees the text that is not
    /// written.
    private func objections(
        to text: [UInt8], over base: [UInt8], _ file: [UInt8]
    ) throws -> (Review.Verdict, [ConfigProblem]) {
        let (before, after) = (try Review(of: base, file: file), try Review(of: text, file: file))
        // Below an old line that cannot be read nothing is known of what comes with the change.
        if !before.invalid.isEmpty, !after.invalid.isEmpty { return (.refused, before.invalid.map(\.problem)) }
        // Lines that are no entries are as they were: a doubt about one of them is old.
        let findings = after.arising(after: before).filter { $0.kind != .doubtful || $0.problem.line == nil }
        let (old, new) = (lines(base), lines(text))
        let problems = findings.map { finding in
            var problem = finding.problem
            if let line = problem.line, line > old.count || old[line - 1] != new[line - 1] { problem.line = nil }
            return problem
        }
        return (Review.verdict(on: findings), problems)
    }

    private func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }

    /// Nil where one of them is there with other options: which of the two are meant?
    private func added(to base: [UInt8], _ file: [UInt8], _ console: Console) -> [UInt8]? {
        var text = base
        for entry in entries {
            let path = Path(absolute: entry.path)
            let present = WrittenConfig(text).entries.filter { Path(absolute: $0.path) == path }
            if present.contains(where: { $0.options == entry.options }) { continue }
            if let other = present.first {
                let problem = ConfigProblem(
                    line: other.line, "\(escaped(entry.path)) is an entry with other options",
                    remedy: "remove it first; nothing was installed")
                console.error(problem.text(in: file))
                return nil
            }
            text = EntryLines.adding(entry, to: text)
        }
        return text
    }

    private func removed(from base: [UInt8], _ console: Console) -> [UInt8]? {
        var text = base
        for entry in entries {
            guard let path = Path(absolute: entry.path) else { continue }
            let left = EntryLines.removing(path, from: text)
            // No error, so that a script can be run again; a word, since it may be a slip.
            if left == text { console.warning("\(path) is no entry") }
            text = left
        }
        return text
    }
}
