import CLI
import Model
import Options
import Storage

/// `release JAIL NAME`: lets a hold go.
enum Release {
    static let command = Command(
        name: "release", summary: "Let a hold go", description: ["Its tree in holds/NAME is removed."],
        operands: "JAIL NAME",
        statuses: ExitCode.statuses(
            [.done, .leftOut, .usage, .damage, .inputOutput, .tryLater, .notPermitted, .configuration],
            leftOut: "there is no such hold"))

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard words.count == 2, let name = Name(words[1]) else {
            throw UsageError(reason: "give JAIL and the hold's NAME", command: "nightjar-server release")
        }
        let jail = try site.root().backupdir(try site.jail(words[0]))
            .lock(holder: "\(Backupdir.housekeeper): release")
        guard try jail.release(name) else {
            console.error(
                "\(escaped(words[0])) has no hold \(name)",
                hint: "nightjar-server nights \(escaped(words[0])) lists them in the column HELD")
            return .leftOut
        }
        try jail.sweep()
        return .done
    }
}
