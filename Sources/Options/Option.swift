/// One option of a command. The same declaration gives the parsing, `--help`, the man page and the completions.
package struct Option: Hashable, Sendable {
    /// Without the two dashes; what `Arguments` looks it up by.
    package let long: String
    /// One printable ASCII character, or nil.
    package let short: Character?
    /// What `--help` calls the argument (`FILE`); nil for an option that takes none.
    package let argument: String?
    /// One line, without a full stop.
    package let help: String

    package init(long: String, short: Character? = nil, argument: String? = nil, help: String) {
        self.long = long
        self.short = short
        self.argument = argument
        self.help = help
    }
}

extension Option {
    package static let help = Option(long: "help", short: "?", help: "Show this help and exit")
    package static let usage = Option(long: "usage", help: "Show a brief usage and exit")
    package static let version = Option(long: "version", help: "Show the version and exit")

    /// What every command answers to.
    package static let automatic = [help, usage, version]
}
