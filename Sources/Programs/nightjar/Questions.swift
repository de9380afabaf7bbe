import Agent
import CLI
import Model
import Options

/// What the admins of a jail ask of its nights: the same as staff on the server, of this jail alone.
enum Questions {
    private static func statuses(leftOut: String) -> [Command.Status] {
        ExitCode.statuses(
            [.done, .leftOut, .usage, .damage, .unavailable, .inputOutput, .tryLater, .notPermitted, .configuration],
            leftOut: leftOut)
    }

    static let nights = Command(
        name: "nights", summary: "List what the server keeps of this machine",
        description: [
            "A line for each night, and one for each hold. GOES is the earliest time at which its tree can go, if this"
                + " machine pushes and is rotated as often as may be; it is empty while rotation is held back, which is a"
                + " warning on standard error."
        ], options: ListingOption.all, statuses: statuses(leftOut: "there is no night yet"))

    static let ls = Command(
        name: "ls", summary: "List what a night holds",
        description: [
            "NIGHT is 0 to 6, or @12 for generation 12; PATH a path of this machine; what it names is listed, and what a"
                + " directory holds."
        ], operands: "NIGHT[:PATH]", options: ListingOption.all,
        statuses: statuses(leftOut: "there is no such night, or no such path in it"))

    static let find = Command(
        name: "find", summary: "List the paths that match, and the nights that have them",
        description: [
            "PATTERN is one of a shell: *, ? and [a-z] within one name. Without a slash it is compared with the last name"
                + " of each path, with one with the whole path: quote it, so that your shell leaves it alone."
        ], operands: "PATTERN", options: [QueryArguments.night] + ListingOption.all,
        statuses: statuses(leftOut: "no path matches, or there is no such night"))

    static let versions = Command(
        name: "versions", summary: "List the versions of a file that can be had",
        description: [
            "A line for each state of content, owner, mode, times and attributes that nights and holds have, the newest"
                + " first, with the trees that have it. UNTIL is the earliest time at which the last of them can go."
        ], operands: "PATH", options: [ListingOption.machine, ListingOption.script, ListingOption.json],
        statuses: statuses(leftOut: "no night or hold has such a path"))

    /// The question that a command line puts; nil if the command asks none.
    static func query(_ command: Command, _ arguments: Arguments) throws(UsageError) -> Query? {
        switch command.name {
        case nights.name:
            if let word = arguments.operands.first {
                throw UsageError(subject: word, reason: "nights takes no operands", command: "nightjar nights")
            }
            return .nights
        case ls.name: return try QueryArguments.listing(try operand(of: command, arguments))
        case find.name: return try QueryArguments.search(try operand(of: command, arguments), arguments)
        case versions.name: return .versions(try QueryArguments.path(try operand(of: command, arguments)))
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
        if let hint { console.error(text, hint: hint) } else { console.error(text) }
        return .leftOut
    }
}
