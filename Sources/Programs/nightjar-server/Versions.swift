import CLI
import Model
import Options

/// `versions JAIL PATH`: which different states of a file can be had.
enum Versions {
    static let command = Site.queries.versions

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard words.count == 2 else {
            throw UsageError(reason: "give JAIL and a path of it", command: "nightjar-server \(command.name)")
        }
        return try site.answer(.versions(try QueryArguments.path(words[1])), of: words[0], console, &output)
    }
}
