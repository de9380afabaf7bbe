import Testing

@testable import Options

private let config = Option(long: "config", short: "c", argument: "FILE", help: "Read this file")
private let verbose = Option(long: "verbose", short: "v", help: "Say what is done")
private let data = Option(long: "data", argument: "DIR", help: "Where the jails are")

private let program = Program(
    name: "nightjar", summary: "Backs up jails.", version: "0.1",
    commands: [
        Command(
            name: "backup", summary: "Push to the server", description: ["Prints nothing when nothing is amiss."],
            operands: "[JAIL...]", options: [config, verbose],
            statuses: [.init(code: 0, meaning: "done"), .init(code: 64, meaning: "the command line is wrong")]),
        Command(name: "vb", summary: "Edit the config"),
    ],
    common: [data], readsAliases: false)

private func words(_ line: String...) -> [[UInt8]] { line.map { Array($0.utf8) } }

private func run(_ words: [[UInt8]]) throws -> (String, Arguments) {
    guard case .run(let command, let arguments) = try program.parse(words) else {
        Issue.record("no command was chosen")
        return ("", Arguments())
    }
    return (command.name, arguments)
}

private func shown(_ words: [[UInt8]]) throws -> String {
    guard case .show(let text) = try program.parse(words) else { return "" }
    return text
}

@Suite struct InvocationTests {
    @Test func `long and short options, joined and apart, in any order`() throws {
        let (name, arguments) = try run(
            words("nightjar", "backup", "-vc", "/a", "x", "--config=/b", "-v", "--data", "/d", "--", "-v", "y"))
        #expect(name == "backup")
        #expect(arguments.values(of: config) == words("/a", "/b"))
        #expect(arguments.value(of: config) == Array("/b".utf8))
        #expect(arguments.count(of: verbose) == 2)
        #expect(arguments.value(of: data) == Array("/d".utf8))
        #expect(arguments.operands == words("x", "-v", "y"))
    }

    @Test func `a common option may stand before the command`() throws {
        let (name, arguments) = try run(words("nightjar", "--data=/d", "backup", "-v"))
        #expect(name == "backup")
        #expect(arguments.value(of: data) == Array("/d".utf8))
        #expect(arguments.has(verbose))
    }

    @Test func `arguments stay bytes`() throws {
        let name: [UInt8] = [0xE9, 0x0A, 0xFF]
        let (_, arguments) = try run([Array("nightjar".utf8), Array("backup".utf8), Array("-c".utf8), name, name])
        #expect(arguments.value(of: config) == name)
        #expect(arguments.operands == [name])
    }

    @Test(arguments: [
        (["nightjar"], "", "which command?"),
        (["nightjar", "bakcup"], "bakcup", "unknown command"),
        (["nightjar", "backup", "--frob"], "--frob", "unknown option"),
        (["nightjar", "backup", "-x"], "-x", "unknown option"),
        (["nightjar", "backup", "--config"], "--config", "wants an argument"),
        (["nightjar", "backup", "--verbose=3"], "--verbose", "takes no argument"),
        (["nightjar", "--verbose", "backup"], "--verbose", "unknown option"),
    ])
    func `what is wrong is named`(line: [String], subject: String, reason: String) throws {
        let error = try #require(throws: UsageError.self) { try program.parse(line.map { Array($0.utf8) }) }
        #expect(String(decoding: error.subject, as: UTF8.self).hasPrefix(subject))
        #expect(error.reason.contains(reason))
        #expect(error.command?.hasPrefix("nightjar") == true)
    }

    @Test func `numbers have a range`() throws {
        let (_, arguments) = try run(words("nightjar", "--data", "7", "backup"))
        #expect(try arguments.number(of: data, in: 1...7) == 7)
        #expect(throws: UsageError.self) { try arguments.number(of: data, in: 1...6) }
        #expect(try arguments.number(of: config, in: 1...6) == nil)
    }

    @Test func `help says what the command is for, its options and what its exit status means`() throws {
        let help = try shown(words("nightjar", "backup", "--help"))
        #expect(
            help == """
                Usage: nightjar backup [OPTION...] [JAIL...]

                Push to the server.

                Prints nothing when nothing is amiss.

                OPTIONS
                  -c, --config=FILE     Read this file
                  -v, --verbose         Say what is done
                      --data=DIR        Where the jails are
                  -?, --help            Show this help and exit
                      --usage           Show a brief usage and exit
                      --version         Show the version and exit

                EXIT STATUS
                  0   done
                  64  the command line is wrong

                """)
    }

    @Test func `the program's help lists its commands`() throws {
        let help = try shown(words("nightjar", "--help"))
        #expect(help.hasPrefix("Usage: nightjar [OPTION...] COMMAND [ARGUMENT...]\n\nBacks up jails.\n"))
        #expect(help.contains("COMMANDS\n  backup  Push to the server\n  vb      Edit the config\n"))
        #expect(try shown(words("nightjar", "--version")) == "nightjar 0.1\n")
        #expect(try shown(words("nightjar", "backup", "--usage")).hasPrefix("Usage: nightjar backup"))
    }

    @Test func `a NUL byte is refused, not cut off`() {
        #expect(throws: UsageError.self) { try program.parse([Array("nightjar".utf8), [0x61, 0, 0x62]]) }
    }
}

@Suite struct EntryOptionTests {
    private let exclude = Option(long: "exclude", argument: "PATTERN", help: "")

    @Test func `words of a line are split as in a shell, and nothing is expanded`() throws {
        #expect(
            try splitWords(Array(#"--exclude='my files' --exclude=a\ b  $HOME"#.utf8))
                == words("--exclude=my files", "--exclude=a b", "$HOME"))
        #expect(try splitWords([]) == [])
        #expect(throws: UsageError.self) { try splitWords(Array("--exclude='a".utf8)) }
    }

    @Test func `a value that popt takes for a reference to the next word stays as it is`() throws {
        let arguments = try parseOptions([exclude], in: words("--exclude=a!#:+b", "--exclude=c"))
        #expect(arguments.values(of: exclude) == words("a!#:+b", "c"))
    }

    @Test func `an entry's options are repeatable, and other words are refused`() throws {
        let arguments = try parseOptions([exclude], in: words("--exclude=/a", "--exclude", "*.core"))
        #expect(arguments.values(of: exclude) == words("/a", "*.core"))
        #expect(throws: UsageError.self) { try parseOptions([exclude], in: words("--exclude=/a", "/b")) }
        #expect(throws: UsageError.self) { try parseOptions([exclude], in: words("--help")) }
    }
}
