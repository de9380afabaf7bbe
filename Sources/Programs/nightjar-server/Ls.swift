import CLI
import Options

/// `ls JAIL NIGHT[:PATH]`: what a night holds, as the catalog knows it.
enum Ls {
    static let command = Site.queries.ls

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard words.count == 2 else {
            throw UsageError(reason: "give JAIL and NIGHT[:PATH]", command: "nightjar-server \(command.name)")
        }
        return try site.answer(try QueryArguments.listing(words[1]), of: words[0], console, &output)
    }
}
