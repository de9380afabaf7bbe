import Model
import Options
import Platform

// The rules of the interface:
//
// - Results go to standard output, all else to standard error with the program's name before it.
// - A program that did its work and has nothing to name prints nothing, unless asked to with -v.
// - An error says which file, which operation, what the system answered, and what to do.
// - What comes from file systems, peers and libraries is escaped before it is shown; raw bytes leave only by -0.
// - A progress line is drawn on terminals only, and is gone when the program is.

/// Where a program talks to people. May be used from any thread.
package final class Console: Sendable {
    private struct State {
        var progress: String?
        var isVerbose = false
        var hasPriorities = false
    }

    /// How urgent a line is, as syslog(3) numbers it.
    private enum Priority: Int {
        case error = 3
        case warning = 4
        case information = 6
    }

    private let program: String
    private let descriptor: Int32
    private let state = Monitor(State())

    package init(program: String, descriptor: Int32 = 2) {
        self.program = program
        self.descriptor = descriptor
    }

    /// To be called before anything is opened: a program started with descriptor 0, 1 or 2 closed would give that number
    /// to a file of its own, and print into it. Afterwards writing to one that was closed fails.
    package static func claimStandardDescriptors() {
        Signal.ignoreBrokenPipes()
        claimClosedDescriptors()
    }

    /// Lets `note` speak.
    package func beVerbose() { state.with { $0.isVerbose = true } }

    /// Puts `<4>` and its like before each line, which the journal takes for how urgent it is.
    package func showPriorities() { state.with { $0.hasPriorities = true } }

    /// What went wrong, and what to do about it where that is known; lines of a long message each get the program's name.
    package func error(_ message: String, hint: String? = nil) { say(message + (hint.map { "\n\($0)" } ?? "")) }

    /// What went wrong with a command line, and where to read more.
    package func error(_ usage: UsageError) {
        error("\(usage)", hint: usage.command.map { "\($0) --help tells more" })
    }

    /// Says on standard error what the user should know, though the program goes on.
    package func warning(_ message: String) { say("warning: \(message)", .warning) }

    /// Said under -v only.
    package func note(_ message: String) {
        if state.with({ $0.isVerbose }) { say(message, .information) }
    }

    /// Writes results out at the end of a program, and says so if that fails.
    ///
    /// - Returns: the exit status: `code`, or 74 where the results did not arrive.
    package func finish(_ output: inout Output, _ code: ExitCode = .done) -> ExitCode {
        clearProgress()
        do throws(SystemError) {
            try output.flush()
            return code
        } catch {
            self.error("\(error)")
            return .inputOutput
        }
    }

    /// Replaces the progress line; already cut to the terminal's width.
    func showProgress(_ line: String) {
        state.with {
            $0.progress = line
            put("\r\(line)\u{1B}[K")
        }
    }

    /// Takes the progress line away.
    package func clearProgress() {
        state.with {
            if $0.progress.take() != nil { put("\r\u{1B}[K") }
        }
    }

    /// Last wall against escapes: the callers have escaped what is not ours.
    private func say(_ message: String, _ priority: Priority = .error) {
        let prefix = state.with { $0.hasPriorities } ? "<\(priority.rawValue)>" : ""
        let lines = message.split(separator: "\n").map { line in
            "\(prefix)\(program): \(String(String.UnicodeScalarView(line.unicodeScalars.filter { !isHidden($0) })))\n"
        }
        state.with { state in
            let isDrawn = state.progress != nil
            put((isDrawn ? "\r\u{1B}[K" : "") + lines.joined())
            if let progress = state.progress { put("\r\(progress)\u{1B}[K") }
        }
    }

    /// Whoever cannot be told by standard error learns it from the exit status.
    func put(_ text: String) { try? Descriptor.duplicating(descriptor).write(Array(text.utf8)) }
}

extension UsageError: CustomStringConvertible {
    /// `WORD: what is wrong with it`, fit to be shown.
    package var description: String { (subject.isEmpty ? "" : "\(escaped(subject)): ") + reason }
}
