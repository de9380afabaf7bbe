import Configuration
import Glibc
import Model
import Platform

/// The admin's own editor.
package struct Editor: Hashable, Sendable {
    /// The program and its first arguments; never empty.
    package let command: [[UInt8]]

    /// `$VISUAL`, else `$EDITOR`, else vi. Their words are split at blanks; no shell reads them.
    package init(visual: [UInt8]?, editor: [UInt8]?) {
        let given = [visual, editor].lazy.compactMap { $0 }.map(splitCommand).first { !$0.isEmpty }
        command = given ?? [Array("vi".utf8)]
    }

    /// How an editor was left.
    package enum Outcome: Hashable, Sendable {
        case done
        /// It could not be started, says itself that something went wrong, or was ended by somebody; fit to be shown.
        case failed(String)
        /// This process was asked to end, and the editor with it.
        case interrupted
    }

    /// Has a file edited, and waits. The terminal is in order afterwards.
    package func edit(_ file: [UInt8]) -> Outcome {
        let name = escaped(command[0])
        do throws(SystemError) {
            let status = try ChildProcess.runAtTerminal(command + [file])
            if Signal.termination != nil { return .interrupted }
            switch status {
            case .exited(0): return .done
            case .exited(let code): return .failed("\(name) ended with status \(code)")
            case .signalled(let signal): return .failed("\(name) was ended by signal \(signal)")
            }
        } catch {
            return .failed("\(name): \(error.reason); $VISUAL and $EDITOR can name another")
        }
    }
}
