import Agent
import CLI
import Configuration
import Model
import Options
import Platform
import SSH

/// `nightjar`: what runs on a jail.
@main
struct Nightjar {
    static let config = Option(
        long: "config", short: "c", argument: "FILE",
        help: "The config (default: $NIGHTJAR_CONFIG, else /usr/local/sbin/backup.config)")

    private static let program = Program(
        name: "nightjar", summary: "Back this machine up to its backup server", version: release,
        commands: [
            Backup.command, Check.command, Questions.commands.nights, Questions.commands.ls, Questions.commands.find,
            Questions.commands.versions, Restore.command, Vb.command, Gb.command,
        ], common: [config])

    static func main() {
        let program = installedAs() ?? program
        program.main(status: { ExitCode($0) }) { command, arguments, console, output in
            _ = try raiseDescriptorLimit()
            let file = ConfigFile.find(
                option: arguments.value(of: config), environment: environmentVariable("NIGHTJAR_CONFIG"))
            if let query = try Questions.query(command, arguments) {
                return try Questions.run(query, file, arguments, console, &output)
            }
            switch command.name {
            case Backup.command.name: return try Backup.run(file, arguments, console, &output)
            case Restore.command.name: return try Restore.run(file, arguments, console, &output)
            case Vb.command.name: return try Vb.run(file, arguments, console, &output)
            case Gb.command.name: return try Gb.run(file, arguments, console, &output)
            default: return try Check.run(file, arguments, console, &output)
            }
        }
    }

    /// The one command that a link to the program is called after.
    private static func installedAs() -> Program? {
        let name = arguments().first?.split(separator: UInt8(ascii: "/")).last ?? []
        guard let command = [Vb.command, Gb.command].first(where: { name.elementsEqual($0.name.utf8) }) else {
            return nil
        }
        return Program(
            name: command.name, summary: command.summary, version: release, commands: [command], common: [config])
    }
}

extension ExitCode {
    /// What the exit status says of an error that ended a command.
    init(_ error: any Error) {
        switch error {
        case let error as SSHError: self.init(error.reason)
        case let error as PushError: self.init(error)
        case let error as AskError: self.init(error)
        default: self.init(of: error)
        }
    }
}
