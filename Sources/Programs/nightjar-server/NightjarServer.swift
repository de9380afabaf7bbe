import CLI
import Catalog
import Configuration
import Model
import Options
import Platform
import Storage

/// `nightjar-server`: what staff and timers do on the backup server.
@main
struct NightjarServer {
    private static let program = Program(
        name: "nightjar-server", summary: "What staff do on the backup server", version: release,
        commands: [Enroll.command, Nights.command, Ls.command], common: [ServerArguments.data])

    static func main() {
        program.main(status: ExitCode.init(of:)) { command, arguments, console, output in
            let site = try Site(arguments, console)
            switch command.name {
            case Enroll.command.name: return try Enroll.run(site, &output)
            case Nights.command.name: return try Nights.run(site, console, &output)
            default: return try Ls.run(site, console, &output)
            }
        }
    }
}

/// What every command is given: the data root, and its own words.
struct Site {
    let dataPath: Path
    let arguments: Arguments

    init(_ arguments: Arguments, _ console: Console) throws {
        self.arguments = arguments
        if let given = try ServerArguments.dataRoot(arguments) {
            dataPath = given
            return
        }
        let config = try ServerConfig.load()
        for warning in config.warnings { console.warning(warning.text(in: ServerConfig.usualPlace)) }
        dataPath = config.data
    }

    func root() throws -> DataRoot { try DataRoot.open(dataPath) }

    /// - Throws: `UsageError` where that is no jail's name.
    func jail(_ word: [UInt8]) throws(UsageError) -> Name { try ServerArguments.jail(word) }
}
