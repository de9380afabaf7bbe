import Support
import Testing

private let top = #filePath.replacing("/Tests/EndToEnd/ManualTests.swift", with: "")

/// A page of the manual, as its source says it.
private struct Page {
    /// The options that are named outside the sections of commands.
    var common: Set<String> = []
    /// By the first word of a `.Ss`.
    var sections: [String: Set<String>] = [:]
    /// What the lists of the section name: exit statuses, keys.
    var statuses: Set<String> = []
    var keys: Set<String> = []

    /// - Parameter commands: whose sections are told apart.
    init(_ name: String, commands: [String] = []) throws {
        var section: String?
        var heading: Substring = ""
        for line in try Command("cat", "\(top)/deploy/man/\(name)").check().lines {
            if line.hasPrefix(".Sh ") { (heading, section) = (line.dropFirst(4), nil) }
            if line.hasPrefix(".Ss ") {
                let word = String(line.dropFirst(4).prefix { $0 != " " })
                section = commands.contains(word) ? word : nil
                if heading == "DESCRIPTION", section == nil, !commands.isEmpty, word != "Both" {
                    throw FixtureError("\(name) has a section of \(word), which is no command")
                }
                if let section { sections[section] = [] }
            }
            var found = Set(line.matches(of: /Fl (-[a-z][a-z-]*)/).map { "-\($0.1)" })
            // Of an entry's line, in examples.
            found.formUnion(line.matches(of: /--[a-z][a-z-]*/).map { String($0.0) })
            found.subtract(["--exclude", "--one-file-system"])
            if let section { sections[section, default: []].formUnion(found) } else { common.formUnion(found) }
            guard let item = line.prefixMatch(of: /\.It (?:Cm )?([a-z_-]+|[0-9]+)$/) else { continue }
            if heading == "EXIT STATUS" { statuses.insert(String(item.1)) } else { keys.insert(String(item.1)) }
        }
    }
}

/// The words of a table in the README whose first column has them.
private func readmeKeys(below heading: String) throws -> Set<String> {
    let text = try Command("cat", "\(top)/README.md").check().text
    let table = try #require(text.ranges(of: heading).first)
    let rows = text[table.upperBound...].split(separator: "\n").drop { !$0.hasPrefix("|---") }.dropFirst()
    return Set(
        rows.prefix { $0.hasPrefix("| `") }.compactMap { $0.split(separator: "`").dropFirst().first }.map(String.init))
}

@Suite struct `The manual` {
    @Test(arguments: [
        ("nightjar.8", ["nightjar"]), ("nightjar-server.8", ["nightjar-server"]),
        ("nightjar-receive.8", ["nightjar-receive"]),
    ])
    func `has every command and option of a program, and no other`(file: String, programs: [String]) throws {
        let commands = try programs.flatMap { try HelpText.commands(of: $0) }
        let names = commands.map(\.name)
        let page = try Page(file, commands: names)
        var all: Set<String> = []
        var statuses: Set<String> = []
        for (name, help) in commands {
            let options = Set(help.options.map { $0.replacing("=", with: "") })
            all.formUnion(options)
            statuses.formUnion(help.statuses)
            let named = page.sections[name]
            #expect(named != nil || names.count == 1, "\(file) has no section of \(name)")
            let missing = options.subtracting(page.common).subtracting(named ?? [])
            #expect(missing.isEmpty, "\(file), \(name): lacks \(missing.sorted())")
            let foreign = (named ?? []).subtracting(options)
            #expect(foreign.isEmpty, "\(file), \(name): names \(foreign.sorted()), which are no options of it")
        }
        #expect(page.common.subtracting(all).isEmpty, "\(file): names \(page.common.subtracting(all).sorted())")
        #expect(page.statuses == statuses)
    }

    @Test func `has every option of vb and gb, and no other`() throws {
        let page = try Page("vb.8", commands: ["vb", "gb"])
        var all: Set<String> = []
        for (name, help) in try HelpText.commands(of: "nightjar") where ["vb", "gb"].contains(name) {
            let options = Set(help.options.map { $0.replacing("=", with: "") })
            all.formUnion(options)
            let named = page.sections[name] ?? []
            #expect(options.subtracting(page.common).subtracting(named).isEmpty, "\(name)")
            #expect(named.subtracting(options).isEmpty, "\(name)")
        }
        #expect(page.common.subtracting(all).isEmpty, "\(page.common.subtracting(all).sorted())")
    }

    @Test func `is whole, and so is the README`() throws {
        let marks = [
            "-n", "-r", "-E", "^(<{7}|={7}$|>{7}|\\|{7})", "\(top)/README.md", "\(top)/deploy", "\(top)/templates",
        ]
        let found = try Command(["grep"] + marks).run()
        #expect(found.status == 1 && found.errors.isEmpty, "\(found)")
    }

    @Test func `is not told by --help that something was done where nothing was`() throws {
        for (program, doing) in [("nightjar", ["backup", "restore"]), ("nightjar-server", ["housekeep", "restore"])] {
            let done = try HelpText.commands(of: program).filter { $0.help.leftOut?.hasPrefix("done") == true }
            #expect(done.map(\.name) == doing)
        }
    }

    @Test(arguments: [("backup.config.5", "\n## backup.config"), ("server.conf.5", "which `$NIGHTJAR_SERVER_CONFIG`")])
    func `has the keys of a config that the README has`(file: String, heading: String) throws {
        let heading = file == "server.conf.5" ? "`templates/` has both files" : heading
        #expect(try Page(file).keys == readmeKeys(below: heading))
    }

    @Test func `names no key that the programs do not know`() throws {
        let desk = try ConfigDesk()
        // The last is one that is in no page, and has to be complained of.
        for key in try Page("backup.config.5").keys.sorted() + ["bacupdir"] {
            let file = try desk.scratch.write("one.config", "\(key)=/x\n", mode: 0o644)
            let known = try Command(Programs.path("nightjar"), "check", "--config", file).run()
            #expect(known.text.contains("unknown key") == (key == "bacupdir"), "\(key): \(known)")
        }
        for key in try Page("server.conf.5").keys.sorted() + ["dta"] {
            var command = Command(Programs.path("nightjar-server"), "nights")
            let file = try desk.scratch.write("server.conf", "\(key)=/x\n", mode: 0o644)
            command.environment["NIGHTJAR_SERVER_CONFIG"] = file
            let known = try command.run()
            #expect(known.complaint.contains("unknown key") == (key == "dta"), "\(key): \(known)")
        }
    }

    @Test(.enabled(if: isInstalled("groff"), "needs groff")) func `is set without a complaint`() throws {
        for page in try Command("ls", "\(top)/deploy/man").check().lines where page != "gb.8" {
            let set = try Command("groff", "-man", "-mdoc", "-ww", "-z", "-Tutf8", "\(top)/deploy/man/\(page)").run()
            #expect(set.status == 0 && set.errors.isEmpty, "\(set)")
        }
    }
}
