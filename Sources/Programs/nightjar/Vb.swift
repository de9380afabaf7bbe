import Agent
import CLI
import Configuration
import Editing
import Model
import Options
import Platform

/// `vb`: the config edited as visudo edits: one at a time, checked, and the old one or the new one at every moment.
enum Vb {
    private static let add = Option(long: "add", help: "Add these entries, without an editor")
    private static let remove = Option(long: "remove", help: "Remove these entries, without an editor")

    static let command = Command(
        name: "vb", summary: "Edit the config, check it, and install it",
        description: [
            "Opens a draft of the config in $VISUAL, $EDITOR or vi, shows which entries and which other lines"
                + " changed, and installs it with owner and mode as they were. The last \(KeptVersions.most) versions stay beside it.",
            "What is wrong is told line by line: what cannot be read, an entry that repeats another or lies within it,"
                + " a symlink on the way to one, and what to enter instead. Then the draft can be edited again, or kept"
                + " for the next time; installed only where nothing is wrong but that an entry does not exist. What was"
                + " wrong with an entry before does not stop the edit of another.",
            "For scripts, --add and --remove take entries as they stand in the config: '/var --exclude=/var/cache'."
                + " All of them are done or none; what is done already is no error.",
        ],
        operands: "[ENTRY...]", options: [add, remove],
        statuses: ExitCode.statuses(
            [.done, .leftOut, .usage, .inputOutput, .tryLater, .notPermitted, .configuration],
            leftOut: "an entry does not exist, or a draft was left as it is; nothing was installed"))

    static func run(
        _ file: [UInt8], _ arguments: Arguments, _ console: Console, _ output: inout Output
    ) throws -> ExitCode {
        let change = try change(arguments)
        try Signal.catchTermination()
        do {
            let config = try EditableConfig.open(file, holder: holder())
            switch change {
            case .some(let change): return try change.make(config, console, &output)
            case .none: return try EditSession(config: config, console: console).run(&output)
            }
        } catch let error as EditingError {
            console.error("\(escaped(file)): \(error)")
            return ExitCode(of: error)
        } catch PushError.interrupted {
            console.error("interrupted; nothing was installed")
            return .tryLater
        }
    }

    /// What a script asks for; nil where an admin wants an editor.
    private static func change(_ arguments: Arguments) throws(UsageError) -> ScriptedChange? {
        let isAddition = arguments.has(add)
        guard isAddition || arguments.has(remove) else {
            if let word = arguments.operands.first {
                throw UsageError(subject: word, reason: "--add or --remove?", command: "vb")
            }
            return nil
        }
        if isAddition, arguments.has(remove) {
            throw UsageError(reason: "--add and --remove are two commands", command: "vb")
        }
        if arguments.operands.isEmpty { throw UsageError(reason: "which entries?", command: "vb") }
        return try ScriptedChange(isAddition: isAddition, arguments.operands)
    }

    /// Who edits, for whoever comes meanwhile: under sudo, whoever called it.
    private static func holder() -> String {
        let user = environmentVariable("SUDO_USER") ?? userName(currentUser()) ?? Array("\(currentUser())".utf8)
        return "\(escaped(user)), process \(processIdentifier())"
    }
}

extension Review {
    /// Reads a config and looks at each of its entries.
    ///
    /// - Throws: where not even `/` can be opened, or the program shall end.
    init(of text: [UInt8]?, file: [UInt8]) throws(PushError) {
        guard let text else {
            self = .nothing
            return
        }
        let config: BackupConfig
        do throws(ConfigError) {
            config = try BackupConfig.parse(text, file: file)
        } catch {
            self.init(error)
            return
        }
        let opening = try EntryOpening(config.entries, isInterrupted: { Signal.termination != nil })
        self.init(config, issues: opening.issues)
    }
}

extension EditableConfig {
    /// Says what changes, makes the change, and says so.
    func install(
        _ text: [UInt8], over base: [UInt8]?, _ console: Console, _ output: inout Output
    ) throws {
        let changes = ConfigChanges(from: base ?? [], to: text)
        // A first config takes nothing away, and a template is mostly comments.
        let words = base == nil ? changes.entries.map(\.description) : changes.descriptions
        for word in words { output.write("\(word)\n") }
        let installed = try install(text, over: base, now: wallClock())
        for remark in installed.remarks { console.warning("\(escaped(path)): \(remark)") }
        let kept = installed.version.map { "; what it was is \($0)" } ?? ""
        output.write("Installed \(escaped(path))\(kept).\n")
    }
}
