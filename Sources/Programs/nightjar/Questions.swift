import Agent
import CLI
import Model
import Options

/// What the admins of a jail ask of its nights: the same as staff on the server, of this jail alone.
enum Questions {
    static let commands = QueryCommands(
        nights: (
            summary: "List what the server keeps of this machine", description: [], operands: "", options: [], statuses
        ), jail: "", clock: [], statuses: statuses)

    private static let statuses: [ExitCode] = [
        .done, .leftOut, .usage, .damage, .unavailable, .inputOutput, .tryLater, .notPermitted, .configuration,
    ]

    /// The question that a command line puts; nil if the command asks none.
    static func query(_ command: Command, _ arguments: Arguments) throws(UsageError) -> Query? {
        switch command.name {
        case commands.nights.name:
            if let word = arguments.operands.first {
                throw UsageError(subject: word, reason: "nights takes no operands", command: "nightjar nights")
            }
            return .nights
        case commands.ls.name: return try QueryArguments.listing(try operand(of: command, arguments))
        case commands.find.name: return try QueryArguments.search(try operand(of: command, arguments), arguments)
        case commands.versions.name: return .versions(try QueryArguments.path(try operand(of: command, arguments)))
        default: return nil
        }
    }

    private static func operand(of command: Command, _ arguments: Arguments) throws(UsageError) -> [UInt8] {
        guard arguments.operands.count == 1 else {
            throw UsageError(reason: "give one \(command.operands)", command: "nightjar \(command.name)")
        }
        return arguments.operands[0]
    }

    /// Asks the server, and shows what it answers.
    static func run(
        _ query: Query, _ file: [UInt8], _ arguments: Arguments, _ console: Console, _ output: inout Output
    ) throws -> ExitCode {
        let site = try JailSite(file)
        var table = FindingTable(query, TableStyle(arguments))
        let outcome = try site.converse(console) { conversation in
            try conversation.ask(query) { finding in
                if case .trouble(let trouble) = finding { console.warning(trouble.text(of: site.jail)) }
                table.add(finding, of: site.jail, to: &output)
            }
        }
        table.finish(&output)
        guard let (text, hint) = query.complaint(outcome, of: site.jail, lister: "nightjar nights") else {
            return .done
        }
        console.error(text, hint: hint)
        return .leftOut
    }
}
