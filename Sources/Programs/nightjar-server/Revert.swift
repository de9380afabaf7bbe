import CLI
import Catalog
import Model
import Options
import Storage

/// `revert JAIL`: makes night 1 the state of 0 again.
enum Revert {
    static let command = Command(
        name: "revert", summary: "Make night 1 the state of 0 again",
        description: [
            "For a push that brought what should not have become a night. What 0 holds is replaced, as by a push, with"
                + " what 1 holds; that is a new generation. The next push brings the jail's state again: mend the jail"
                + " first."
        ],
        operands: "JAIL", options: [NightjarServer.now],
        statuses: ExitCode.statuses(
            [.done, .leftOut, .usage, .damage, .inputOutput, .tryLater, .notPermitted, .configuration],
            leftOut: "there is no night 1"))

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard words.count == 1 else { throw UsageError(reason: "give JAIL", command: "nightjar-server revert") }
        let jail = try site.root().backupdir(try site.jail(words[0]))
            .lockPush(holder: "\(Backupdir.housekeeper): revert")
        do {
            let record = try jail.revert(to: 1, at: try site.now())
            // Should the jail bring the same again, staff is to be told again.
            try jail.pushes.setTold(.brake, nil)
            console.warning(
                "\(escaped(words[0])): 0 is what 1 is, as generation \(record.number.rawValue); \(record.changed) names changed"
            )
            return .done
        } catch let error as StorageError where error.problem == .missing {
            console.error("\(error)")
            return .leftOut
        }
    }
}
