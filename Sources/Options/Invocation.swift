/// What a command line asks for.
package enum Invocation: Sendable {
    /// Run this command.
    case run(Command, Arguments)
    /// Print this text (help, usage, version) to standard output and exit with 0.
    case show(String)
}

extension Program {
    /// Reads a command line; popt does the work.
    ///
    /// The first word that is no option chooses the command, unless the program is one command only.
    ///
    /// - Parameter words: as the system gave them, the name the program was called by first.
    /// - Throws: `UsageError`, exit status 64.
    package func parse(_ words: [[UInt8]]) throws(UsageError) -> Invocation {
        let rest = Array(words.dropFirst())
        if commands.count == 1, commands[0].name == name { return try parse(commands[0], title: name, rest) }

        let popt = try Popt(
            name: name, options: common + Option.automatic, words: [Array(name.utf8)] + rest,
            operands: "COMMAND [ARGUMENT...]", stopAtOperand: true)
        if readsAliases { popt.readAliases() }
        let before = try popt.parse(for: name)
        if before.has(.help) { return .show(help(popt.help())) }
        if before.has(.usage) { return .show(popt.usage()) }
        if before.has(.version) { return .show(versionLine) }
        guard let word = before.operands.first else {
            throw UsageError(reason: "which command? One of: \(commandNames)", command: name)
        }
        guard let command = commands.first(where: { Array($0.name.utf8) == word }) else {
            throw UsageError(subject: word, reason: "unknown command; there are: \(commandNames)", command: name)
        }
        let common = Arguments(given: before.given)
        return try parse(command, title: "\(name) \(command.name)", Array(before.operands.dropFirst()), after: common)
    }

    private func parse(
        _ command: Command, title: String, _ words: [[UInt8]], after before: Arguments = Arguments()
    ) throws(UsageError) -> Invocation {
        let popt = try Popt(
            name: name, options: command.options + common + Option.automatic, words: [Array(title.utf8)] + words,
            operands: command.operands)
        if readsAliases { popt.readAliases() }
        let arguments = try popt.parse(for: title)
        if arguments.has(.help) { return .show(command.help(popt.help())) }
        if arguments.has(.usage) { return .show(popt.usage()) }
        if arguments.has(.version) { return .show(versionLine) }
        return .run(command, before.appending(arguments))
    }

    private var commandNames: String { commands.map(\.name).joined(separator: ", ") }

    private var versionLine: String { "\(name) \(version)\n" }

    private func help(_ options: String) -> String {
        var page = HelpPage(options: options)
        page.paragraph(summary)
        page.list("COMMANDS", commands.map { ($0.name, $0.summary) })
        page.finish()
        page.paragraph("\(name) COMMAND --help tells more of each.")
        return page.text
    }
}

extension Command {
    fileprivate func help(_ options: String) -> String {
        var page = HelpPage(options: options)
        for paragraph in [summary + "."] + description { page.paragraph(paragraph) }
        page.finish()
        page.list("EXIT STATUS", statuses.map { (String($0.code), $0.meaning) })
        return page.text
    }
}

/// Reads the options behind the path of an `## ENTRY` line: no aliases, no help, no other words.
///
/// - Throws: `UsageError` for what is not among `options`.
package func parseOptions(_ options: [Option], in words: [[UInt8]]) throws(UsageError) -> Arguments {
    let arguments = try Popt(name: "", options: options, words: [[]] + words).parse()
    if let word = arguments.operands.first { throw UsageError(subject: word, reason: "not an option") }
    return arguments
}
