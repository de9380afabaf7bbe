import CLI
import Options

/// `find JAIL PATTERN`: where in the nights something lies.
enum Find {
    static let command = Command(
        name: "find", summary: "List the paths that match, and the nights that have them",
        description: [
            "PATTERN is one of a shell: *, ? and [a-z] within one name. Without a slash it is compared with the last name"
                + " of each path, with one with the whole path: quote it, so that your shell leaves it alone. It is read"
                + " from the catalog; what is only in a hold is found too."
        ],
        operands: "JAIL PATTERN", options: [QueryArguments.night] + ListingOption.all,
        statuses: Site.answerStatuses(leftOut: "no path matches, or there is no such night"))

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard words.count == 2 else {
            throw UsageError(reason: "give JAIL and a PATTERN", command: "nightjar-server \(command.name)")
        }
        return try site.answer(
            try QueryArguments.search(words[1], site.arguments), of: words[0], console, &output)
    }
}
