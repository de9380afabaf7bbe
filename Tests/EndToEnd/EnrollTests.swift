import Model
import Support
import Testing

/// Staff let a jail in, and ask what there is of it.
@Suite struct `Enrolling` {
    private let server: BackupServer
    private let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJxX4bdTP5tCpTuJFk1xGzvSKhZsCr0f1yXQHwTUp8uV"

    init() throws {
        server = try BackupServer()
        try server.enroll("first")
    }

    private func enroll(_ words: String...) throws -> Command.Outcome { try server.server(["enroll"] + words).run() }

    private func line(_ jail: String, _ key: String) -> String {
        "restrict,command=\"\(Programs.path("nightjar-receive")) --data \(server.data) \(jail)\" \(key)\n"
    }

    @Test func `prints the line that lets a key push this jail and nothing else`() throws {
        let file = try server.scratch.write("jail.pub", "\(key) root@jail\n")
        let outcome = try enroll("jail", file)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        #expect(outcome.text == line("jail", "\(key) root@jail"))
        #expect(try enroll("jail", file).text == outcome.text, "a second time is no other")
        #expect(try enroll("jail").text == line("jail", "PUBLIC-KEY"))
    }

    @Test func `makes nothing where --install lacks the key`() throws {
        let outcome = try enroll("second", "--install")
        #expect(outcome.status == 64, "\(outcome)")
        #expect(try Command("test", "-e", "\(server.data)/second").run().status == 1, "the backupdir was made")
    }

    @Test(arguments: ["\r\n", "\n\n", "", " \n# a comment\r\n"])
    func `takes a key file whose line ends otherwise`(ending: String) throws {
        let file = try server.scratch.write("jail.pub", "# of the jail\r\n\(key)\troot@jail\(ending)")
        #expect(try enroll("jail", file).text == line("jail", "\(key) root@jail"))
    }

    @Test func `takes a key file whose name is no UTF-8, and one behind a symlink`() throws {
        let file = try server.scratch.write("jail.pub", key)
        try Command("ln", "-s", file, server.scratch["link"]).check()
        #expect(try enroll("jail", server.scratch["link"]).text == line("jail", key))
        let odd = server.scratch.bytes.appending([0xFF, 0xFE])
        try Command([Array("mv".utf8), Array(file.utf8), odd]).check()
        var command = server.server(["enroll", "jail"])
        command.arguments.append(odd)
        #expect(try command.check().text == line("jail", key))
    }

    @Test func `refuses what is not one plain public key`() throws {
        let bad = [
            "", "# nothing\n", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "\(key)\n\(key)\n",
            "command=\"sh\" \(key)\n", "no-pty,\(key)\n", "ssh-ed25519\n", "ssh-ed25519 AAAA\"x\n",
            "ssh-ed25519-cert-v01@openssh.com AAAA\n",
        ]
        for text in bad {
            let file = try server.scratch.write("jail.pub", text)
            let outcome = try enroll("jail", file)
            #expect(outcome.status == 64, "\(text): \(outcome)")
            #expect(outcome.output.isEmpty && outcome.complaint.contains("not one public key"), "\(text): \(outcome)")
        }
        let missing = try enroll("jail", server.scratch["none"])
        #expect(missing.status == 64 && missing.complaint.contains("No such file"), "\(missing)")
        #expect(try Command("test", "-e", "\(server.data)/jail").run().status != 0, "a jail was made all the same")
    }

    @Test(arguments: [".nightjar", ".", "..", ".nightjar-data", ".hidden", "a/b", "", "-x", "a b", "a\"b", "a\nb"])
    func `refuses a name that is none for a jail`(name: String) throws {
        let before = try Command("ls", "-A", server.data).check().text
        let outcome = try server.server(["enroll", "--", name]).run()
        #expect(outcome.status == 64 && outcome.output.isEmpty, "\(outcome)")
        #expect(try Command("ls", "-A", server.data).check().text == before)
    }

    /// Where a home directory of root's own can be put in the place of the real one.
    private static let mayUnshare: Bool = {
        guard testsRunAsRoot, isInstalled("unshare") else { return false }
        return (try? Command("unshare", "-m", "mount", "--bind", "/tmp", "/root").run().status) == 0
    }()

    @Test(.enabled(if: mayUnshare, "needs root, and the right to mount"))
    func `with --install adds the line once, whatever else stands there`() throws {
        let home = try server.scratch.directory("home")
        let words = ["unshare", "-m", "sh", "-c", "mount --bind \"$0\" /root && exec \"$@\"", home]
        func run(_ jail: String, _ file: String) throws -> Command.Outcome {
            var command = server.server(["enroll", "--install", jail, file])
            command.arguments = words.map { Array($0.utf8) } + command.arguments
            return try command.run()
        }
        func install(_ jail: String, _ file: String) throws {
            let outcome = try run(jail, file)
            #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome)")
        }
        func lines() throws -> String { try Command("cat", "\(home)/.ssh/authorized_keys").check().text }
        func mode(_ name: String) throws -> String { try Command("stat", "-c", "%a", "\(home)/\(name)").check().text }
        let one = try server.scratch.write("one.pub", "\(key) one\r\n")
        let second = key.replacing("JxX4", with: "JxX5")
        let two = try server.scratch.write("two.pub", "\(second) two\n")
        // ~/.ssh does not exist.
        try install("jail", one)
        #expect(try lines() == line("jail", "\(key) one"))
        #expect(try mode(".ssh") == "700\n" && mode(".ssh/authorized_keys") == "600\n")
        try install("jail", one)
        #expect(try lines() == line("jail", "\(key) one"), "the second time changes nothing")
        try install("jail", two)
        let both = line("jail", "\(key) one") + line("jail", "\(second) two")
        #expect(try lines() == both)
        // sshd goes by the first line that has a key: ours would never count.
        let other = try run("other", one)
        #expect(
            other.status == 78 && other.complaint.contains("authorized_keys:1 lets this key in already"), "\(other)")
        #expect(try lines() == both)
        #expect(try Command("test", "-e", "\(server.data)/other").run().status != 0, "a jail was made all the same")
        try Command("sh", "-c", "printf '# mine\n\t\(second) admin\n' > '\(home)/.ssh/authorized_keys'").check()
        let shell = try run("jail", two)
        #expect(shell.status == 78 && shell.complaint.contains("authorized_keys:2 lets this key in"), "\(shell)")
        #expect(shell.complaint.contains("take that line out"), "\(shell)")
        // A file of somebody's own keeps its lines and its mode, and may lack the last newline.
        try Command("sh", "-c", "printf 'ssh-rsa AAAA admin' > '\(home)/.ssh/authorized_keys'").check()
        try Command("chmod", "644", "\(home)/.ssh/authorized_keys").check()
        try install("jail", one)
        #expect(try lines() == "ssh-rsa AAAA admin\n" + line("jail", "\(key) one"))
        #expect(try mode(".ssh/authorized_keys") == "644\n")
        #expect(try Command("ls", "-A", "\(home)/.ssh").check().text == "authorized_keys\n")
    }

    @Test func `with --install wants the key`() throws {
        let outcome = try enroll("--install", "jail")
        #expect(outcome.status == 64, "\(outcome)")
    }

    @Test func `a key of server.conf that nobody knows is named by every program of the server`() throws {
        let jail = try Jail(on: server)
        try (["file": "x"] as TreeLiteral).build(in: jail.source)
        let config = try server.scratch.write("server.conf", "\nreserv=1G\n")
        let words = "warning: \(config):2: unknown key reserv\n"
        var nights = server.server(["nights", jail.name])
        nights.environment["NIGHTJAR_SERVER_CONFIG"] = config
        #expect(try nights.run().complaint.contains("nightjar-server: \(words)"))
        jail.settings["receive"] =
            "/usr/bin/env NIGHTJAR_SERVER_CONFIG=\(config) \(server.receive(jail.name).joined(separator: " "))"
        let push = try jail.backup()
        #expect(push.status == 0 && push.complaint == "nightjar-receive: \(words)", "\(push)")
    }

    @Test func `what keeps the server from beginning is told to the agent, which ends as the server does`() throws {
        let jail = try Jail(on: server)
        let receive = server.receive(jail.name).joined(separator: " ")
        let config = try server.scratch.write("server.conf", "reserve=much\nstale-after=never\n")
        jail.settings["receive"] = "/usr/bin/env NIGHTJAR_SERVER_CONFIG=\(config) \(receive)"
        let misconfigured = try jail.backup()
        #expect(misconfigured.status == 78, "\(misconfigured)")
        #expect(
            misconfigured.complaint.hasPrefix("nightjar: local: the server refused: \(config):1: reserve wants a size"),
            "\(misconfigured)")
        #expect(misconfigured.complaint.contains("\nnightjar: \(config):2: stale-after wants"), "\(misconfigured)")
        let check = try jail.agent(["check", "--config", jail.config]).run()
        #expect(check.status == 78 && check.text.contains("reserve wants a size"), "\(check)")
        jail.settings["receive"] = receive
        try Command("rm", "-r", "\(server.data)/\(jail.name)").check()
        let missing = try jail.backup()
        let words = "nightjar: local: the server refused: \(server.data)/\(jail.name) is not there"
        #expect(missing.status != 69 && missing.complaint.hasPrefix(words), "\(missing)")
    }

    @Test func `a jail without a push, without its night or without a sound catalog is told of`() throws {
        let jail = try Jail(on: server)
        try (["file": "x"] as TreeLiteral).build(in: jail.source)
        func nights() throws -> Command.Outcome { try server.server(["nights", "-ms", jail.name]).run() }
        let new = try nights()
        #expect(new.status == 0 && new.output.isEmpty, "\(new)")
        #expect(new.complaint == "nightjar-server: warning: \(jail.name): nothing pushed yet\n", "\(new)")
        try jail.push()
        let pushed = try nights()
        #expect(pushed.status == 0 && pushed.errors.isEmpty, "\(pushed)")
        try Command("mv", jail.newest, "\(jail.newest).moved").check()
        let moved = try nights()
        #expect(moved.status == 65 && moved.complaint.contains("/0 is not there, though a push"), "\(moved)")
        try Command("mv", "\(jail.newest).moved", jail.newest).check()
        let catalog = "\(server.data)/\(jail.name)/.nightjar/catalog.sqlite"
        try Command("sh", "-c", "rm '\(catalog)'-*; printf %0200d 7 > '\(catalog)'").check()
        let words = "\(catalog): file is not a database (SQLite 26): put a copy of it back, or move"
        for outcome in try [nights(), jail.backup()] {
            #expect(outcome.status == 65 && outcome.complaint.contains(words), "\(outcome)")
        }
        try Command("rm", catalog).check()
        let lost = try nights()
        #expect(
            lost.status == 65 && lost.complaint.contains("/0 is there, but its catalog knows of no push"), "\(lost)")
    }

    @Test func `a jail that is named twice is listed once, and a night is one digit`() throws {
        let jail = try Jail(on: server)
        try (["file": "x"] as TreeLiteral).build(in: jail.source)
        try jail.push()
        let once = try server.server(["nights", "-m", jail.name]).check()
        #expect(once.lines.count == 2, "\(once)")
        #expect(try server.server(["nights", "-m", jail.name, jail.name]).check().text == once.text)
        #expect(try server.server(["ls", jail.name, "0"]).run().status == 0)
        for night in ["+0", "-0", "00", "7", "", "a", "\u{660}", "@", "@0", "@+1", "@1x"] {
            let outcome = try server.server(["ls", "--", jail.name, night]).run()
            #expect(outcome.status == 64, "\(night): \(outcome)")
        }
    }
}
