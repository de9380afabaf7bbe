import Support

/// What a program says of itself with `--help`: the option tables that it parses with, as they are printed.
struct HelpText {
    /// Long names with their dashes; `--config=` for one that takes a value.
    let options: [String]
    /// In the order of the list; none where the program is one command.
    let commands: [String]
    let statuses: [String]
    /// How the meaning of exit status 1 begins; nil where there is none.
    let leftOut: String?

    /// - Parameter words: the program's path, and a command.
    init(_ words: [String]) throws {
        let text = try Command(words + ["--help"]).check().text
        var sections: [Substring: [Substring]] = [:]
        var heading: Substring = ""
        for line in text.split(separator: "\n") {
            if line.first != " " { heading = line } else { sections[heading, default: []].append(line) }
        }
        options = (sections["OPTIONS"] ?? []).compactMap { line in
            guard let match = line.prefixMatch(of: /\ \ (?:-., |    )(--[a-z][a-z-]*)(=?)/) else { return nil }
            return "\(match.1)\(match.2)"
        }
        commands = (sections["COMMANDS"] ?? []).compactMap { line in
            line.prefixMatch(of: /\ \ ([a-z]+)/).map { String($0.1) }
        }
        statuses = (sections["EXIT STATUS"] ?? []).compactMap { line in
            line.prefixMatch(of: /\ \ ([0-9]+)/).map { String($0.1) }
        }
        leftOut =
            (sections["EXIT STATUS"] ?? []).lazy.compactMap { line in
                line.wholeMatch(of: /\ \ 1\ +(.*)/).map { String($0.1) }
            }.first
    }

    /// Of each command that a program has; of the program itself, under its name, where it is one.
    static func commands(of program: String) throws -> [(name: String, help: HelpText)] {
        let path = Programs.path(program)
        let own = try HelpText([path])
        if own.commands.isEmpty { return [(program, own)] }
        return try own.commands.map { ($0, try HelpText([path, $0])) }
    }
}
