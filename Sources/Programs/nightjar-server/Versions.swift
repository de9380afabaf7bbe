import CLI
import Model
import Options

/// `versions JAIL PATH`: which different states of a file can be had.
enum Versions {
    static let command = Command(
        name: "versions", summary: "List the versions of a file that can be had",
        description: [
            "A line for each state of content, owner, mode, times and attributes that nights and holds have, the newest"
                + " first, with the trees that have it. UNTIL is the earliest time at which the last of them can go. It is empty"
                + " where that cannot be said: of what is in night 0 alone, which the next push replaces, and of a hold"
                + " without end."
        ],
        operands: "JAIL PATH",
        options: [NightjarServer.now, ListingOption.machine, ListingOption.script, ListingOption.json],
        statuses: Site.answerStatuses(leftOut: "no night or hold has such a path"))

    static func run(_ site: Site, _ console: Console, _ output: inout Output) throws -> ExitCode {
        let words = site.arguments.operands
        guard words.count == 2 else {
            throw UsageError(reason: "give JAIL and a path of it", command: "nightjar-server \(command.name)")
        }
        return try site.answer(.versions(try QueryArguments.path(words[1])), of: words[0], console, &output)
    }
}
