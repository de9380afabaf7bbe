import CLI
import Configuration
import Housekeeping
import Model
import Options
import Platform
import Server
import Storage
import Streams
import Wire

/// `nightjar-receive --data DIR JAIL`: the forced command of a jail's key. One session over standard input and output.
///
/// Which backupdir it may touch stands in its own arguments, which the server's admin wrote; nothing that the other side
/// says, the command that it asked sshd for included, changes that.
@main
struct NightjarReceive {
    private static let command = Command(
        name: "nightjar-receive", summary: "Receive a jail's push",
        description: [
            "Serves one agent on standard input and output. It is meant as the forced command of a jail's key in"
                + " authorized_keys; nightjar-server enroll prints the line."
        ],
        operands: "JAIL", options: [ServerArguments.data],
        statuses: ExitCode.statuses([
            .done, .usage, .damage, .unavailable, .inputOutput, .tryLater, .notPermitted, .configuration,
        ]))

    private static let program = Program(
        name: "nightjar-receive", summary: "Receive a jail's push", version: release, commands: [command],
        readsAliases: false)

    static func main() {
        program.main(status: ExitCode.init(of:)) { _, arguments, console, _ in try serve(arguments, console) }
    }

    private static func serve(_ arguments: Arguments, _ console: Console) throws -> ExitCode {
        try checkRequest()
        let jail = try jail(arguments.operands)
        let stream = DescriptorStream(
            input: try Descriptor.duplicating(0), output: try Descriptor.duplicating(1), patience: 300)
        do {
            return ExitCode(try serve(jail, over: stream, arguments, console))
        } catch {
            // Said to the agent rather than here: it may run far away, and ends as we do.
            return ExitCode(Session.refuse(stream, error))
        }
    }

    private static func serve(
        _ jail: Name, over stream: DescriptorStream, _ arguments: Arguments, _ console: Console
    ) throws -> Session.Outcome {
        let config = try ServerConfig.load()
        for warning in config.warnings { console.warning(warning.text(in: config.file)) }
        let root = try DataRoot.open(try ServerArguments.dataRoot(arguments) ?? config.data)
        let backupdir = try root.backupdir(jail)
        // The time zone is read at the first question of the day: its file will be out of reach.
        _ = wallClock().day
        // Before any thread is started, and before a byte of the agent's is read.
        _ = try confine(
            toWriting: [Directory.open(backupdir.path)], reading: [Directory.open(Array("/proc".utf8))])
        _ = try raiseDescriptorLimit()
        setProcessTitle("nightjar-receive: \(jail)")
        var settings = Session.Settings(
            release: release, reserve: config.reserve, rotateInterval: config.rotateInterval,
            brake: BrakeLimits(shrink: config.brakeShrink, change: config.brakeChange), now: wallClock, day: \.day)
        settings.fullWalkEvery = config.fullWalkEvery
        return Session.serve(stream, of: backupdir, settings)
    }

    /// What the agent asked sshd to run is compared with the one word that it may say.
    private static func checkRequest() throws(UsageError) {
        guard let request = environmentVariable("SSH_ORIGINAL_COMMAND"), request != Array("nightjar-receive".utf8)
        else { return }
        throw UsageError(
            subject: request,
            reason: "this key is for nightjar-receive only; if the jail's config says receive=, take that line out")
    }

    private static func jail(_ operands: [[UInt8]]) throws(UsageError) -> Name {
        guard operands.count == 1 else {
            // Without a forced command sshd names none that was asked for.
            let isUnforced =
                environmentVariable("SSH_CONNECTION") != nil && environmentVariable("SSH_ORIGINAL_COMMAND") == nil
            let cause = isUnforced && operands.isEmpty ? ": the key's line in authorized_keys has no command=" : ""
            throw UsageError(reason: "give one JAIL\(cause)", command: program.name)
        }
        return try ServerArguments.jail(operands[0])
    }
}

extension ExitCode {
    fileprivate init(_ outcome: Session.Outcome) {
        guard case .refused(let refusal) = outcome else {
            self = .done
            return
        }
        self.init(refusal.code)
    }
}
