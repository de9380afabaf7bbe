import Options

/// The commands that ask for nights: the same on the server, of the jail that is named, as on a jail, of itself.
package struct QueryCommands: Sendable {
    package let nights: Command
    package let ls: Command
    package let find: Command
    package let versions: Command

    /// - Parameters:
    ///   - nights: what `nights` alone has besides, of its description, operands and options.
    ///   - jail: what stands before the operands of the others: `JAIL `, or nothing.
    ///   - clock: what those take that look at the clock.
    package init(
        nights: (summary: String, description: [String], operands: String, options: [Option], statuses: [ExitCode]),
        jail: String, clock: [Option], statuses: [ExitCode]
    ) {
        self.nights = Command(
            name: "nights", summary: nights.summary,
            description: [
                "A line for each night, and one for each hold, in which PATH is what it keeps. GOES is the earliest time"
                    + " at which the tree can go, if the jail pushes and is rotated as often as may be; it is empty while"
                    + " the brake holds the nights back, which is a warning on standard error."
            ] + nights.description,
            operands: nights.operands, options: nights.options + clock + ListingOption.nameless,
            statuses: ExitCode.statuses(nights.statuses, leftOut: "there is no night yet"))
        ls = Command(
            name: "ls", summary: "List what a night holds",
            description: [
                "NIGHT is 0 to 6, or @12 for generation 12; PATH a path of the jail; what it names is listed, and what a"
                    + " directory holds. It is read from the catalog, where owners and modes stand even if the server is"
                    + " not root."
            ],
            operands: "\(jail)NIGHT[:PATH]", options: ListingOption.all,
            statuses: ExitCode.statuses(statuses, leftOut: "there is no such night, or no such path in it"))
        find = Command(
            name: "find", summary: "List the paths that match, and the nights that have them",
            description: [
                "PATTERN is one of a shell: *, ? and [a-z] within one name. With a slash in front it is compared with the"
                    + " whole path, with one inside with the last names of it, without any with the last name: quote it,"
                    + " so that your shell leaves it alone. It is read from the catalog; what is only in a hold is found"
                    + " too."
            ],
            operands: "\(jail)PATTERN", options: [QueryArguments.night] + ListingOption.all,
            statuses: ExitCode.statuses(statuses, leftOut: "no path matches, or there is no such night"))
        versions = Command(
            name: "versions", summary: "List the versions of a file that can be had",
            description: [
                "A line for each state of content, owner, mode, times and attributes that nights and holds have, the newest"
                    + " first, with the trees that have it. UNTIL is the earliest time at which the last of them can go. It"
                    + " is empty where that cannot be said: of what is in night 0 alone, which the next push replaces, and"
                    + " of a hold without end."
            ],
            operands: "\(jail)PATH", options: clock + ListingOption.nameless,
            statuses: ExitCode.statuses(statuses, leftOut: "no night or hold has such a path"))
    }
}
