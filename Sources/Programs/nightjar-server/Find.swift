import CLI
import Options

/// `find JAIL PATTERN`: where in the nights something lies.
enum Find {
    static let command = Site.queries.find

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard words.count == 2 else {
            throw UsageError(reason: "give JAIL and a PATTERN", command: "nightjar-server \(command.name)")
        }
        return try site.answer(
            try QueryArguments.search(words[1], site.arguments), of: words[0], console, &output)
    }
}
