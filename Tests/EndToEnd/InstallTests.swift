import Glibc
import Model
import Support
import Testing

private let top = #filePath.replacing("/Tests/EndToEnd/InstallTests.swift", with: "")

/// What `deploy/install` puts where, below a directory that stands for `/`.
@Suite struct `An installation` {
    private let scratch: Scratch
    private var root: String { scratch["root"] }

    init() throws { scratch = try Scratch("install") }

    private func deploy(_ words: String..., prefix: String = "/usr/local") throws -> Command.Outcome {
        var command = Command(["\(top)/deploy/\(words[0])"] + words.dropFirst())
        command.environment = ["DESTDIR": root, "PREFIX": prefix]
        return try command.check()
    }

    private func install(_ part: String, prefix: String = "/usr/local") throws -> Command.Outcome {
        try deploy("install", part, "--programs", Programs.directory, prefix: prefix)
    }

    /// All files with mode and content.
    private func state() throws -> [String] {
        let script =
            "cd \"$0\" && find . -type l -printf '%p -> %l\\n'; find . -type f -printf '%m %T@ ' -exec sha256sum {} \\;"
        return try Command("sh", "-c", script, root).check().lines.map(String.init).sorted()
    }

    private func files() throws -> [String] {
        try Command("find", root, "!", "-type", "d", "-printf", "%P\n").check().lines.map(String.init).sorted()
    }

    private func content(_ file: String) throws -> String { try Command("cat", "\(root)/\(file)").check().text }

    @Test func `has a place for every file that is there to be installed`() throws {
        let list = try Command("cat", "\(top)/deploy/files").check().text
        for directory in ["templates", "deploy/man", "deploy/completions", "deploy/systemd", "deploy/cron"] {
            for file in try Command("ls", "\(top)/\(directory)").check().lines {
                #expect(list.contains(" \(directory)/\(file) "), "\(directory)/\(file) is not in deploy/files")
            }
        }
    }

    @Test func `can be made twice, and keeps what an admin changed`() throws {
        for part in ["agent", "server"] { _ = try install(part) }
        let minute = try content("etc/cron.d/nightjar-backup")
        let changed = ["etc/nightjar/server.conf", "usr/local/share/nightjar/templates/brake.mustache"]
        for file in changed { try Command("sh", "-c", "echo ours > \"$0\"", "\(root)/\(file)").check() }
        let second = try install("server")
        #expect(second.lines.count == 1 && second.text.contains("kept, though it differs: \(root)/\(changed[1])"))
        _ = try install("agent")
        for file in changed { #expect(try content(file) == "ours\n") }
        #expect(try content("etc/cron.d/nightjar-backup") == minute)
        #expect(!(try files().contains { $0.contains(".XXX") || $0.hasSuffix("~") }))
        // What is left of it is the admin's alone.
        for part in ["agent", "server"] { _ = try deploy("uninstall", part) }
        #expect(try files() == changed)
        _ = try deploy("uninstall", "agent")
    }

    @Test func `of one part is not touched by the removal of the other`() throws {
        _ = try install("agent")
        let agent = try state()
        _ = try install("server")
        _ = try deploy("uninstall", "server")
        #expect(try state().filter { !$0.contains("server.conf") } == agent)
    }

    @Test func `calls its programs where they are`() throws {
        for part in ["agent", "server"] { _ = try install(part, prefix: "/opt/night") }
        for file in try files() where file.contains("systemd") || file.contains("cron.d") {
            let calls = try content(file).split(separator: "\n").filter { !$0.hasPrefix("#") && $0.contains("/bin/") }
            #expect(calls.allSatisfy { $0.contains("/opt/night/bin/nightjar") }, "\(file): \(calls)")
        }
        for program in ["nightjar", "vb", "gb", "nightjar-server", "nightjar-receive"] {
            let version = try Command("\(root)/opt/night/bin/\(program)", "--version").check().text
            #expect(version.hasPrefix("\(program) "), "\(version)")
        }
    }

    @Test(.enabled(if: isInstalled("man"), "needs man")) func `has its manual where man finds it`() throws {
        for part in ["agent", "server"] { _ = try install(part) }
        let pages = ["nightjar", "vb", "gb", "nightjar-server", "nightjar-receive", "backup.config", "server.conf"]
        for page in pages {
            let text = try Command("man", "-M", "\(root)/usr/local/share/man", page).check().text
            #expect(text.contains("NAME") && text.contains(page), "\(text)")
        }
    }

    @Test func `is not begun where a program is lacking`() throws {
        var command = Command("\(top)/deploy/install", "agent", "--programs", scratch.path)
        command.environment = ["DESTDIR": root]
        let outcome = try command.run()
        #expect(outcome.status == 69 && outcome.complaint.contains("--product nightjar\n"), "\(outcome)")
        #expect(access(root, F_OK) != 0)
    }

    @Test func `pushes from cron, in a minute of the first hour, once there is a config`() throws {
        _ = try install("agent")
        let text = try content("etc/cron.d/nightjar-backup")
        let line = try #require(text.split(separator: "\n").last.map(String.init))
        let match = try #require(line.wholeMatch(of: /([0-9]+) 0 \* \* \* root (.*)/), "\(line)")
        #expect((0..<60).contains(Int(match.1) ?? -1))
        let jail = try Jail(on: BackupServer())
        try (["file": "x"] as TreeLiteral).build(in: jail.source)
        let call = String(match.2).replacing(
            "/usr/local/bin/nightjar backup", with: "\(Programs.path("nightjar")) -c \(jail.config) backup"
        )
        .replacing("/usr/local/bin/nightjar", with: Programs.path("nightjar"))
        .replacing("/usr/local/sbin/backup.config", with: jail.config)
        .replacing("/run/systemd/system", with: scratch["systemd"])
        for (hasConfig, generation) in [(false, "0"), (true, "1")] {
            if hasConfig { _ = try jail.command() }
            let outcome = try Command("sh", "-c", call).run()
            #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome)")
            let nights = try jail.server.server(["nights", "--pushes", "-ms", jail.name]).run().lines.count
            #expect("\(nights)" == generation)
        }
        let orphan = call.replacing(Programs.path("nightjar"), with: scratch["removed"])
        let outcome = try Command("sh", "-c", orphan).run()
        #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome)")
    }
}

@Suite(.tags(.slow), .enabled(if: testsRunAsRoot && isInstalled("dpkg-deb"), "needs root and dpkg"))
struct `A Debian package` {
    @Test func `is installed, upgraded and removed by dpkg, and keeps the admin's config until it is purged`() throws {
        let scratch = try Scratch("package")
        var make = Command("\(top)/deploy/package", "--programs", Programs.directory, "--output", scratch["debs"])
        // What takes the time otherwise.
        make.environment = ["DPKG_DEB_COMPRESSOR_TYPE": "gzip", "DPKG_DEB_COMPRESSOR_LEVEL": "1"]
        try make.check()
        for directory in ["info", "updates", "triggers"] { try scratch.directory("root/var/lib/dpkg/\(directory)") }
        try scratch.write("root/var/lib/dpkg/status", "")
        let root = scratch["root"]
        let packages = try Command("find", scratch["debs"], "-name", "*.deb").check().lines.map(String.init)
        #expect(packages.count == 2)
        func dpkg(_ words: [String]) throws {
            try Command(["dpkg", "--root=\(root)", "--force-depends,script-chrootless,unsafe-io"] + words).check()
        }
        func field(_ package: String, _ name: String) throws -> Set<String> {
            let path = try #require(packages.first { $0.contains(package) })
            let list = try Command("dpkg-deb", "--field", path, name).check().text
            return Set(list.split { $0 == "," || $0.isWhitespace }.map(String.init).filter { !$0.hasPrefix("(") })
        }
        for (package, group) in [("nightjar-agent", "jail"), ("nightjar-server", "server")] {
            let list = try Command("\(top)/deploy/debian-packages", "--list", group).check()
            #expect(try field(package, "Depends").isSuperset(of: list.lines.map(String.init)))
        }
        try dpkg(["-i"] + packages)
        let programs = [("nightjar", "agent"), ("nightjar-server", "server"), ("nightjar-receive", "server")]
        for (program, package) in programs {
            let needed = try owners(ofLibrariesOf: "\(root)/usr/bin/\(program)")
            let lacking = needed.subtracting(try field("nightjar-\(package)", "Depends"))
            #expect(lacking.isEmpty, "\(program) needs \(lacking), which is not in deploy/debian-packages")
        }
        for program in ["nightjar", "vb", "gb", "nightjar-server", "nightjar-receive"] {
            #expect(try Command("\(root)/usr/bin/\(program)", "--version").check().text.hasPrefix("\(program) "))
        }
        let cron = try Command("cat", "\(root)/etc/cron.d/nightjar-backup").check().text
        #expect(cron.split(separator: "\n").last?.contains("|| /usr/bin/nightjar backup") == true, "\(cron)")
        if isInstalled("man") {
            try Command("man", "-l", "\(root)/usr/share/man/man8/nightjar.8.gz").check()
        }
        let config = try scratch.write("root/etc/nightjar/server.conf", "reserve=2G\n")
        try dpkg(["-i"] + packages)
        #expect(try Command("cat", "\(root)/etc/cron.d/nightjar-backup").check().text == cron)
        try dpkg(["-r", "nightjar-agent", "nightjar-server"])
        #expect(try Command("cat", config).check().text == "reserve=2G\n")
        // A config of dpkg's stays until the purge, and cron goes on to call what it says.
        let orphan = try Command("cat", "\(root)/etc/cron.d/nightjar-housekeep").check().lines.last ?? ""
        try scratch.directory("root/data")
        try scratch.write("root/data/.nightjar-data", "")
        let call = orphan.split(separator: " ").dropFirst(6).joined(separator: " ")
            .replacing("/run/systemd/system", with: scratch["systemd"])
            .replacing("/usr/bin/", with: "\(root)/usr/bin/").replacing("/data", with: "\(root)/data")
        let pass = try Command("sh", "-c", call).run()
        #expect(call.contains("nightjar-server") && pass.status == 0 && pass.errors.isEmpty, "\(pass)")
        try dpkg(["-P", "nightjar-agent", "nightjar-server"])
        let left = try Command("sh", "-c", "cd \"$0\" && find usr etc ! -type d", root).run()
        #expect(left.lines.isEmpty, "\(left)")
    }

    /// The Debian packages of the libraries that a program is linked with, all but Swift's own, which a release has in it.
    private func owners(ofLibrariesOf program: String) throws -> Set<String> {
        let libraries = try Command("ldd", program).check().lines.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("/lib/") || $0.hasPrefix("/usr/lib/") }.map(String.init)
        }
        let direct = try Command("objdump", "-p", program).check().lines.filter { $0.contains("NEEDED") }
        // dpkg knows it by the name that it was packed with, before /lib became a link. Asked once: each time it reads the
        // lists of all packages.
        let names = libraries.compactMap { $0.split(separator: "/").last }
            .filter { name in direct.contains { $0.split(separator: " ")[1] == name } }
        let owners = try Command(["dpkg", "-S"] + names.map { "*/\($0)" }).check().lines
        return try Set(
            names.map { name in
                String(try #require(owners.first { $0.hasSuffix("/\(name)") }).prefix { $0 != ":" })
            })
    }
}
