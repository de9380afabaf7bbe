import Glibc
import Model
import Support
import Testing

/// What the config names and what is there.
@Suite struct `Entries` {
    /// A mail that a run hands over ends up in this file.
    private func catchMail(_ jail: Jail) throws -> String {
        let mail = jail.scratch["mail"]
        try jail.scratch.write("sendmail", "#!/bin/sh\ncat >> \(mail)\n", mode: 0o755)
        jail.settings["sendmail"] = "\(jail.scratch["sendmail"]) -t -oi"
        return mail
    }

    /// What it says, its soft line breaks undone.
    private func text(of mail: String) throws -> String {
        try Command("cat", mail).check().text.split(separator: "=\n").joined()
    }

    private func jailWithFile() throws -> Jail {
        let jail = try Jail(on: BackupServer())
        try (["file": "content"] as TreeLiteral).build(in: jail.source)
        return jail
    }

    @Test func `that are missing are named in one mail, and the others are pushed`() throws {
        let jail = try jailWithFile()
        let mail = try catchMail(jail)
        jail.entries += ["\(jail.scratch.path)/gone", "\(jail.scratch.path)/lost"]
        let outcome = try jail.backup()
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.complaint.contains("\(jail.scratch.path)/gone"))
        let text = try text(of: mail)
        #expect(text.contains("\(jail.scratch.path)/gone") && text.contains("\(jail.scratch.path)/lost"), "\(text)")
        #expect(text.ranges(of: "Subject:").count == 1, "\(text)")
        try expectSameTree(jail.source, jail.copy)
    }

    @Test(arguments: [[], ["--dry-run"]])
    func `none of which can be opened end the run before any server is asked`(options: [String]) throws {
        let jail = try jailWithFile()
        jail.entries = ["\(jail.scratch.path)/gone"]
        jail.settings["receive"] = "/bin/sh -c exit"
        let outcome = try jail.command(options).run()
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.complaint.contains("nightjar: none of the entries could be opened"), "\(outcome)")
    }

    @Test func `that vanish keep their last good copy`() throws {
        let jail = try jailWithFile()
        let mail = try catchMail(jail)
        let other = try jail.scratch.directory("other")
        try (["precious": "kept"] as TreeLiteral).build(in: other)
        jail.entries.append(other)
        try jail.push()
        try Command("mv", other, "\(other).away").check()
        #expect(try jail.backup().status == 1)
        try expectSameTree("\(other).away", jail.newest + other)
        #expect(try text(of: mail).contains(other))
        // A customer's symlink in its place is no more believed than its absence.
        try Command("ln", "-s", "/etc", other).check()
        #expect(try jail.backup().status == 1)
        try expectSameTree("\(other).away", jail.newest + other)
    }

    @Test func `behind a symlink are refused with the path to enter instead`() throws {
        let jail = try jailWithFile()
        let mail = try catchMail(jail)
        try jail.scratch.directory("usr/home/bob")
        try Command("ln", "-s", "usr/home", jail.scratch["home"]).check()
        jail.entries.append("\(jail.scratch.path)/home/bob")
        let outcome = try jail.backup()
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.complaint.contains("\(jail.scratch.path)/usr/home/bob"), "\(outcome)")
        #expect(try text(of: mail).contains("\(jail.scratch.path)/usr/home/bob"))
        #expect(try Command("test", "-e", jail.newest + jail.scratch["home"]).run().status != 0)
    }

    @Test func `whose mail cannot be handed over are pushed all the same, and the run says so`() throws {
        let jail = try jailWithFile()
        jail.entries.append("\(jail.scratch.path)/gone")
        jail.settings["sendmail"] = "/bin/false"
        let outcome = try jail.backup()
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.complaint.contains("/bin/false"), "\(outcome)")
        try expectSameTree(jail.source, jail.copy)
    }

    @Test func `cannot inject headers or escapes into the mail`() throws {
        let jail = try jailWithFile()
        let mail = try catchMail(jail)
        jail.entries.append("\(jail.scratch.path)/a\rBcc: victim@example.com\u{1B}[2J")
        #expect(try jail.backup().status == 1)
        let bytes = try Command("cat", mail).check().output
        #expect(!bytes.contains(0x1B) && !String(decoding: bytes, as: UTF8.self).contains("\rBcc"))
    }

    @Test(
        .enabled(if: isInstalled("msmtp") && isInstalled("aiosmtpd"), "needs msmtp and aiosmtpd"))
    func `that are missing reach root's mailbox through a real mail server`() throws {
        let jail = try jailWithFile()
        let box = jail.scratch["mailbox"]
        let port = try unusedPort()
        let server = try Command(
            "aiosmtpd", "-n", "-l", "127.0.0.1:\(port)", "-c", "aiosmtpd.handlers.Mailbox", box
        ).start()
        defer { server.send(9) }
        try jail.scratch.write(
            "msmtprc", "account default\nhost 127.0.0.1\nport \(port)\nfrom jail@example.com\ntls off\nauth off\n")
        jail.settings["sendmail"] = "/usr/bin/msmtp -C \(jail.scratch["msmtprc"]) -t -oi"
        jail.settings["mailto"] = "staff@example.com"
        jail.entries.append("\(jail.scratch.path)/g\u{F6}ne")
        #expect(eventually { access(box, F_OK) == 0 })
        let outcome = try jail.backup()
        #expect(outcome.status == 1, "\(outcome)")
        let mail = try Command("sh", "-c", "cat \(box)/new/*").check().text
        #expect(mail.contains("To: staff@example.com"), "\(mail)")
    }

    @Test func `that lie in one another, or are named twice, are merged with a word`() throws {
        let jail = try Jail(on: BackupServer())
        try (["a": ["b": ["c": "d"]]] as TreeLiteral).build(in: jail.source)
        jail.entries += ["\(jail.source)/a/b", jail.source]
        let outcome = try jail.backup("-v")
        #expect(outcome.status == 0, "\(outcome)")
        #expect((outcome.text + outcome.complaint).contains("\(jail.source)/a/b"), "\(outcome)")
        try expectSameTree(jail.source, jail.copy)
    }

    @Test func `may leave out what matches a pattern`() throws {
        let jail = try Jail(on: BackupServer())
        let tree: TreeLiteral = [
            "keep": "x", "core.core": "y", "cache": ["z": "z"], "d": ["deep.core": "c", "kept": ""],
        ]
        try tree.build(in: jail.source)
        jail.entries = ["\(jail.source) --exclude=*.core --exclude=\(jail.source)/cache"]
        try jail.push()
        let left = try Command("sh", "-c", "cd '\(jail.copy)' && find . -mindepth 1 | sort").check().text
        #expect(left == "./d\n./d/kept\n./keep\n")
    }
}

/// A port of loopback that no one listens on.
func unusedPort() throws -> Int {
    let program = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
    return Int(try Command("python3", "-c", program).check().text.dropLast()) ?? 0
}
