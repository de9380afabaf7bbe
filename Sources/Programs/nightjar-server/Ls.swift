import CLI
import Options

/// `ls JAIL NIGHT[:PATH]`: what a night holds, as the catalog knows it.
enum Ls {
    static let command = Command(
        name: "ls", summary: "List what a night holds",
        description: [
            "NIGHT is 0 to 6, or @12 for generation 12; PATH a path of the jail; what it names is listed, and what a"
                + " directory holds. It is read from the catalog, where owners and modes stand even if the server is"
                + " not root."
        ],
        operands: "JAIL NIGHT[:PATH]", options: ListingOption.all,
        statuses: Site.answerStatuses(leftOut: "there is no such night, or no such path in it"))

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard words.count == 2 else {
            throw UsageError(reason: "give JAIL and NIGHT[:PATH]", command: "nightjar-server \(command.name)")
        }
        return try site.answer(try QueryArguments.listing(words[1]), of: words[0], console, &output)
    }
}
