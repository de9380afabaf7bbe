import CLI
import Configuration
import Housekeeping
import Model
import Options
import Queries
import Storage

extension Site {
    /// The commands that ask for nights.
    static let queries = QueryCommands(
        nights: (
            summary: "List what is kept of each jail",
            description: [
                "A last push that came to nothing is a warning on standard error; --pushes lists them all, refused ones"
                    + " too. One that is running and has no end may have been killed: the next push says so."
            ], operands: "[JAIL...]", options: [Nights.pushes],
            statuses: [.done, .usage, .damage, .inputOutput, .notPermitted, .configuration]
        ), jail: "JAIL ", clock: [NightjarServer.now],
        statuses: [.done, .leftOut, .usage, .damage, .inputOutput, .tryLater, .notPermitted, .configuration])

    /// What can be asked of a jail at a time.
    func records(_ backupdir: Backupdir, at now: Timestamp) -> JailRecords {
        JailRecords(backupdir, rotateInterval: config.rotateInterval, brake: BrakeLimits(config), now: now)
    }

    /// Answers a question about one jail, and says so where there is no answer.
    func answer(
        _ query: Query, of word: [UInt8], _ console: Console, _ output: inout Output
    ) throws -> ExitCode {
        let (jail, now) = (try jail(word), try now())
        var table = FindingTable(query, TableStyle(arguments))
        let records = records(try root().backupdir(jail), at: now)
        let outcome = try records.answer(query) { table.add($0, of: jail, to: &output) }
        table.finish(&output)
        let lister = "nightjar-server nights \(jail)"
        guard let (text, hint) = query.complaint(outcome, of: jail, lister: lister) else { return .done }
        console.error(text, hint: hint)
        return .leftOut
    }
}
