import Glibc
import Model
import Platform
import Support
import Testing

@testable import Mail

private let hostile = Array("/home/x\nBcc: victim@example.net\n.\n\u{1B}[2J{{host}}<b>".utf8) + [0xFF]

private func mail(to recipient: String = "root@localhost") -> MissingEntriesMail {
    MissingEntriesMail(
        host: "jail15.example.net", config: Array("/usr/local/sbin/backup.config".utf8), recipient: recipient,
        entries: [
            .init(path: Array("/srv/old".utf8), reason: .missing, detail: "No such file or directory", line: 7),
            .init(path: Array("/home/bob".utf8), reason: .symlink, detail: "enter /usr/home/bob instead", line: 8),
            .init(path: hostile, reason: .unreadable, detail: "Permission denied", line: 9),
        ])
}

private func message(to recipient: String = "root@localhost") throws -> String {
    let bytes = try mail(to: recipient).message(
        template: missingEntriesTemplate, now: Timestamp(seconds: 1_763_692_419))
    return String(decoding: bytes, as: UTF8.self)
}

@Suite(.temporaryDirectory) struct MissingEntriesMailTests {
    @Test func `every missing entry is named with its line and why`() throws {
        let text = try message().replacing("=\n", with: "")
        for line in [
            "The backup of jail15.example.net could not read 3 of the entries in /usr/local/sbin/backup.config:",
            "\n  line 7: /srv/old\n    missing: No such file or directory\n",
            "\n  line 8: /home/bob\n    symlink: enter /usr/home/bob instead\n",
        ] {
            #expect(text.contains(line), "\(text)")
        }
    }

    @Test func `no byte of a path makes a header, a line or an escape`() throws {
        let text = try message()
        let parts = text.split(separator: "\n\n", maxSplits: 1).map(String.init)
        #expect(
            parts[0].split(separator: "\n").map { $0.prefix { $0 != ":" } } == [
                "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
                "Content-Transfer-Encoding",
            ])
        #expect(parts[0].contains("\nDate: Fri, 21 Nov 2025 02:33:39 +0000\n"))
        let body = parts[1].replacing("=\n", with: "")
        #expect(body.contains(#"  line 9: /home/x\nBcc: victim@example.net\n.\n\e[2J{{host}}<b>\xFF"#), "\(body)")
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value < 0x7F })
        #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count <= 78 })
    }

    @Test(arguments: ["", "a\nBcc: b", "a\r", "é"]) func `an address that is none is refused`(recipient: String) {
        #expect(throws: MailError.self) { try message(to: recipient) }
    }

    @Test func `text survives its encoding`() {
        #expect(quotedPrintable(".\nFrom x\na=b \né\n\n") == "=2E\n=46rom x\na=3Db=20\n=C3=A9\n\n")
    }

    @Test func `an admin's template is taken, and where he has none of his own, the one that came along`() throws {
        let directory = try TemporaryDirectory.current
        try directory.write("missing-dir.mustache", "{{host}} {{#entries}}{{line}} {{/entries}}")
        let place = Array(directory.path.utf8)
        #expect(try MailTemplate.missingEntries.text(environment: place).hasPrefix("{{host}}"))
        #expect(throws: MailError.self) { try MailTemplate.missingEntries.text(environment: place + Array("/no".utf8)) }
        #expect(
            try MailTemplate.restoreReady.text(environment: place) == MailTemplate.restoreReady.text(environment: nil))
        try directory.write("restore-ready.mustache", "{{#held}}")
        #expect(throws: MailError.self) { try MailTemplate.restoreReady.text(environment: place) }
    }

    @Test func `sendmail gets the message`() throws {
        let command = try script("cat > \(try TemporaryDirectory.current.path)/got; echo thanks")
        try handOver(Array("x".utf8), to: command)
        #expect(try TemporaryDirectory.current.read("got") == Array("x".utf8))
    }

    @Test(arguments: [
        ("cat > /dev/null; echo try later >&2; exit 75", "ended with status 75: try later"),
        ("kill -9 $$", "was ended by signal 9"),
        ("exec <&-; sleep 0.2; exit 0", "did not read the mail"),
        ("printf 'a\\033[2J\\n'; exit 69", "ended with status 69: a\\e[2J"),
    ])
    func `what sendmail answers is told`(text: String, expected: String) throws {
        let command = try script(text)
        let long = [UInt8](repeating: 0x61, count: 1 << 20)
        let error = try #require(throws: MailError.self) { try handOver(long, to: command) }
        #expect(error.description.hasSuffix(expected), "\(error)")
    }

    @Test func `a sendmail that hangs is ended, and one that is missing is named`() throws {
        let command = try script("exec sleep 30")
        let late = try #require(throws: MailError.self) { try handOver([], to: command, seconds: 0.3) }
        #expect(late.description.contains("took more than"))
        let missing = try #require(throws: MailError.self) { try handOver([], to: [Array("/no/sendmail".utf8)]) }
        #expect(missing.description == "sendmail: posix_spawn /no/sendmail: No such file or directory")
    }

    @Test(.enabled(if: hasMailServer(), "msmtp and python3-aiosmtpd are not installed"))
    func `a real sendmail delivers it as it was meant`() throws {
        let got = try delivered(mail())
        #expect(got.contains("X-RcptTo: root@localhost\n"), "\(got)")
        #expect(!got.contains("\nBcc:"))
        #expect(got.replacing("=\n", with: "").contains(#"line 9: /home/x\nBcc: victim@example.net\n.\n\e[2J"#))
    }
}
