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
        func install(_ jail: String, _ file: String) throws {
            var command = server.server(["enroll", "--install", jail, file])
            command.arguments = words.map { Array($0.utf8) } + command.arguments
            let outcome = try command.run()
            #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome)")
        }
        func lines() throws -> String { try Command("cat", "\(home)/.ssh/authorized_keys").check().text }
        func mode(_ name: String) throws -> String { try Command("stat", "-c", "%a", "\(home)/\(name)").check().text }
        let one = try server.scratch.write("one.pub", "\(key) one\r\n")
        let two = try server.scratch.write("two.pub", "\(key) two\n")
        // ~/.ssh does not exist.
        try install("jail", one)
        #expect(try lines() == line("jail", "\(key) one"))
        #expect(try mode(".ssh") == "700\n" && mode(".ssh/authorized_keys") == "600\n")
        try install("jail", one)
        #expect(try lines() == line("jail", "\(key) one"), "the second time changes nothing")
        try install("jail", two)
        try install("other", one)
        #expect(
            try lines() == line("jail", "\(key) one") + line("jail", "\(key) two") + line("other", "\(key) one"))
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

    @Test func `a jail that is named twice is listed once, and a night is one digit`() throws {
        let jail = try Jail(on: server)
        try (["file": "x"] as TreeLiteral).build(in: jail.source)
        try jail.push()
        let once = try server.server(["nights", "-m", jail.name]).check()
        #expect(once.lines.count == 2, "\(once)")
        #expect(try server.server(["nights", "-m", jail.name, jail.name]).check().text == once.text)
        #expect(try server.server(["ls", jail.name, "0"]).run().status == 0)
        for night in ["+0", "-0", "00", "7", "", "a", "\u{660}"] {
            let outcome = try server.server(["ls", "--", jail.name, night]).run()
            #expect(outcome.status == 64, "\(night): \(outcome)")
        }
    }
}
