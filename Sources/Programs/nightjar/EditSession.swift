import CLI
import Configuration
import Editing
import Mail
import Model
import Platform

/// One editing of the config in its admin's editor. Every way out leaves either the config installed, or the draft kept
/// and said, or nothing of it.
struct EditSession: ~Copyable {
    private let config: EditableConfig
    private let console: Console
    private let editor = Editor(visual: environmentVariable("VISUAL"), editor: environmentVariable("EDITOR"))

    init(config: consuming EditableConfig, console: Console) {
        self.config = config
        self.console = console
    }

    func run(_ output: inout Output) throws -> ExitCode {
        let base = try config.read()
        let start =
            try base ?? findTemplate("backup.config", environment: environmentVariable("NIGHTJAR_TEMPLATES"))?.bytes
            ?? []
        guard try prepareDraft(start) else { return keep(.leftOut) }
        while true {
            try output.flush()
            let outcome = editor.edit(config.draftPath)
            let text = try config.draft()
            if let text, text != start {
                switch try judge(text, outcome, base, &output) {
                case .install:
                    return try install(text, over: base, &output)
                case .editAgain: continue
                case .keep(let code): return keep(code)
                }
            }
            try config.removeDraft()
            return leave(outcome, isGone: text == nil, &output)
        }
    }

    // MARK: Before

    /// Makes a draft, or takes up the one that was kept.
    ///
    /// - Returns: false if the admin wants neither that one nor to lose it.
    private func prepareDraft(_ start: [UInt8]) throws -> Bool {
        guard let kept = try config.draft(), kept != start else {
            try config.makeDraft(start)
            return true
        }
        let time = try config.draftTime().map { " of \($0.local)" } ?? ""
        console.error(
            "there is a draft\(time). It would change of the config as it is now:" + changes(from: start, to: kept))
        switch console.ask("(c)ontinue with the draft, (d)iscard it, or (q)uit? ", "cdq") {
        case "c": return true
        case "d":
            try config.makeDraft(start)
            return true
        default: return false
        }
    }

    // MARK: After

    private enum Decision {
        case install
        case editAgain
        case keep(ExitCode)
    }

    /// Says what there is to say of a draft, and asks where it is not good.
    private func judge(
        _ text: [UInt8], _ outcome: Editor.Outcome, _ base: [UInt8]?, _ output: inout Output
    ) throws -> Decision {
        switch outcome {
        case .interrupted:
            console.error("interrupted; nothing was installed")
            return .keep(.tryLater)
        case .failed(let reason):
            console.error("the editor failed: \(reason)")
            return decision("(e)dit again, or (k)eep the draft? ", "ek", else: .inputOutput)
        case .done: break
        }
        let review = try Review(of: text, file: config.path)
        for finding in review.findings { console.error(finding.problem.text(in: config.path)) }
        if review.findings.allSatisfy({ $0.kind == .doubtful }) { return .install }
        switch Review.verdict(on: review.arising(after: try Review(of: base, file: config.path))) {
        case .good: return .install
        case .missing: return decision("(e)dit again, (k)eep the draft, or (i)nstall anyway? ", "eki", else: .leftOut)
        case .refused: return decision("(e)dit again, or (k)eep the draft? ", "ek", else: .configuration)
        }
    }

    private func decision(_ question: String, _ answers: String, else code: ExitCode) -> Decision {
        switch console.ask(question, answers) {
        case "e": .editAgain
        case "i": .install
        default: .keep(code)
        }
    }

    private func install(_ text: [UInt8], over base: [UInt8]?, _ output: inout Output) throws -> ExitCode {
        do {
            try config.install(text, over: base, console, &output)
        } catch {
            if error as? EditingError == .changed, let now = try? config.read() {
                console.error("what the other changed:" + changes(from: base ?? [], to: now))
            }
            _ = keep(.tryLater)
            throw error
        }
        try config.removeDraft()
        return .done
    }

    /// A line each, behind the first.
    private func changes(from before: [UInt8], to after: [UInt8]) -> String {
        ConfigChanges(from: before, to: after).descriptions.map { "\n  \($0)" }.joined()
    }

    // MARK: Ends

    private func keep(_ code: ExitCode) -> ExitCode {
        console.error("the draft is kept for the next vb: \(escaped(config.draftPath))")
        return code
    }

    /// There is nothing to install and nothing to keep.
    private func leave(_ outcome: Editor.Outcome, isGone: Bool, _ output: inout Output) -> ExitCode {
        switch outcome {
        case .interrupted:
            console.error("interrupted; nothing was changed")
            return .tryLater
        case .failed(let reason):
            console.error("the editor failed, and nothing was changed: \(reason)")
            return .inputOutput
        case .done:
            output.write(isGone ? "The draft is gone; nothing was installed.\n" : "Unchanged; nothing was installed.\n")
            return .done
        }
    }
}
