/// One command of a program, declared in one place: its words, its options, and what its exit status says.
package struct Command: Sendable {
    /// The meaning of one exit status of this command.
    package struct Status: Sendable {
        package let code: Int32
        /// A line of the EXIT STATUS section.
        package let meaning: String

        package init(code: Int32, meaning: String) {
            self.code = code
            self.meaning = meaning
        }
    }

    /// `backup`; the program's own name if the program is this one command.
    package let name: String
    /// One line for the list of commands.
    package let summary: String
    /// Paragraphs, each a string.
    package let description: [String]
    /// What follows the options, as usage shows it: `WHAT...`.
    package let operands: String
    /// Its own; those that all commands have come beside them.
    package let options: [Option]
    /// For the EXIT STATUS section.
    package let statuses: [Status]

    package init(
        name: String, summary: String, description: [String] = [], operands: String = "", options: [Option] = [],
        statuses: [Status] = []
    ) {
        self.name = name
        self.summary = summary
        self.description = description
        self.operands = operands
        self.options = options
        self.statuses = statuses
    }
}

/// A program and its commands.
package struct Program: Sendable {
    package let name: String
    package let summary: String
    package let version: String
    /// In the order of the help. With one command that has the program's name, the program takes no command word.
    package let commands: [Command]
    /// Options of every command; they may stand before the command's word as well.
    package let common: [Option]
    /// Whether `/etc/popt` and `~/.popt` are honoured; not where the command line comes from another machine.
    package let readsAliases: Bool

    package init(
        name: String, summary: String, version: String, commands: [Command], common: [Option] = [],
        readsAliases: Bool = true
    ) {
        self.name = name
        self.summary = summary
        self.version = version
        self.commands = commands
        self.common = common
        self.readsAliases = readsAliases
    }
}
