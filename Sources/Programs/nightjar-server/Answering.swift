import CLI
import Configuration
import Housekeeping
import Model
import Options
import Queries
import Storage

extension Site {
    /// How commands end that ask for nights.
    static func answerStatuses(leftOut: String) -> [Command.Status] {
        ExitCode.statuses(
            [.done, .leftOut, .usage, .damage, .inputOutput, .tryLater, .notPermitted, .configuration],
            leftOut: leftOut)
    }

    /// What can be asked of a jail, by the clock that this command goes by.
    func records(_ backupdir: Backupdir) throws -> JailRecords {
        JailRecords(
            backupdir, rotateInterval: config.rotateInterval, brake: BrakeLimits(config), now: try now())
    }

    /// Answers a question about one jail, and says so where there is no answer.
    func answer(
        _ query: Query, of word: [UInt8], _ console: Console, _ output: inout Output
    ) throws -> ExitCode {
        let jail = try jail(word)
        var table = FindingTable(query, TableStyle(arguments))
        let outcome = try records(try root().backupdir(jail)).answer(query) { table.add($0, of: jail, to: &output) }
        table.finish(&output)
        let lister = "nightjar-server nights \(jail)"
        guard let (text, hint) = query.complaint(outcome, of: jail, lister: lister) else { return .done }
        if let hint { console.error(text, hint: hint) } else { console.error(text) }
        return .leftOut
    }
}
