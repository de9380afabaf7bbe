import Model
import Platform
import Support
import Testing

@testable import Mail

private let hostile = Array("x\r\nBcc: victim@example.net\n.\n\u{1B}[2J{{host}}<b>".utf8) + [0xFF]

private func path(_ text: String) throws -> Path { try #require(Path(absolute: Array(text.utf8))) }

private func brakeMail(_ reasons: [BrakeReason], jail: Name = "jail15") -> BrakeMail {
    BrakeMail(
        host: "backup1.example.net", jail: jail, recipient: "staff@example.net", good: Generation(11),
        pushed: Generation(12), reasons: reasons)
}

private func staleMail(jail: Name = "jail15", failure: String? = nil, back: Bool = false) -> StaleMail {
    StaleMail(
        host: "backup1.example.net", jail: jail, recipient: "staff@example.net",
        pushed: Timestamp(seconds: 1_763_692_419), limit: 36 * 3600, failure: failure, isBack: back)
}

private func text(_ mail: some TemplatedMail) throws -> (headers: String, body: String) {
    let bytes = try mail.message(template: mail.template.builtIn, now: Timestamp(seconds: 1_763_892_419))
    let parts = String(decoding: bytes, as: UTF8.self).split(separator: "\n\n", maxSplits: 1).map(String.init)
    #expect(bytes.allSatisfy { $0 == 0x0A || $0 >= 0x20 && $0 < 0x7F })
    return (parts[0], parts[1].replacing("=\n", with: "").replacing("=3D", with: "="))
}

@Suite(.temporaryDirectory) struct `A mail of the server` {
    @Test(arguments: [MailTemplate.missingEntries, .brake, .stale, .restoreReady])
    func `has the built-in template that stands in templates`(template: MailTemplate) throws {
        let folder = #filePath.replacing("Tests/Mail/ServerMailTests.swift", with: "templates")
        let installed = try Directory.open(Array(folder.utf8)).openFile(template.name).readAll(atMost: 1 << 20)
        #expect(String(decoding: installed, as: UTF8.self) == template.builtIn)
    }

    @Test func `about the brake has each entry's figures, every reason, and the two commands`() throws {
        let entry = EntryChange(
            path: try path("/home"), before: EntryFigures(files: 30_000, bytes: 900),
            after: EntryFigures(files: 1000, bytes: 0), altered: 29_500)
        let gone = EntryChange(
            path: try path("/srv"), before: EntryFigures(files: 7, bytes: 70), after: nil, altered: 7)
        let kinds: [BrakeReason.Kind] = [.fileSystem, .fewerFiles, .fewerBytes, .altered]
        let (headers, body) = try text(brakeMail(kinds.map { BrakeReason($0, entry) } + [BrakeReason(.gone, gone)]))
        #expect(headers.contains("\nSubject: Nightjar: rotation has stopped\n"))
        #expect(
            body.contains(
                """

                  /home
                    it lies on another file system than before: is its disk mounted?
                    it lost 96 % of its files
                    it lost 100 % of its bytes
                    98 % of its files are gone or changed
                    files: 30000 before, 1000 now; 29500 of those before are gone or changed
                    bytes: 900 before, 0 now

                  /srv
                    nothing is there any more
                    files: 7 before, 0 now; 7 of those before are gone or changed
                    bytes: 70 before, 0 now


                """), "\(body)")
        #expect(body.contains("\n  nightjar-server housekeep --accept jail15\n"))
        #expect(body.contains("\n  nightjar-server revert jail15\n"))
        #expect(body.contains("Night 1 is generation 11, night 0 is generation 12."))
        #expect(!body.contains("more\n\nThe good"))
    }

    @Test func `about the brake lists a hundred entries and counts the others`() throws {
        let reasons = try (0..<103).map { number in
            BrakeReason(
                .empty,
                EntryChange(
                    path: try path("/e\(number)"), before: EntryFigures(files: 1, bytes: 1),
                    after: EntryFigures(files: 0, bytes: 0), altered: 1))
        }
        let body = try text(brakeMail(reasons)).body
        #expect(body.contains("/e99\n    it is empty\n") && !body.contains("/e100"))
        #expect(body.contains("\n  and 3 entries more\n"), "\(body)")
    }

    @Test func `about a silent jail says since when, and why its last attempt failed`() throws {
        let (headers, body) = try text(staleMail(failure: "no space\u{1B}[2J left\n"))
        #expect(headers.contains("\nSubject: Nightjar: a jail does not push\n"))
        #expect(body.hasPrefix("jail15 on backup1.example.net has not pushed for over 36 hours.\n"), "\(body)")
        #expect(body.contains("Its last good push was committed Fri, 21 Nov 2025 02:33:39 +0000.\n"))
        #expect(body.contains("\nIts last attempt failed: no space[2J left\n"))
        #expect(try !text(staleMail()).body.contains("attempt failed"))
    }

    @Test(arguments: [
        (129_600, "36 hours"), (172_800, "2 days"), (86_400, "24 hours"), (5400, "90 minutes"), (61, "61 seconds"),
    ])
    func `says for how long as it was set`(seconds: Int64, words: String) throws {
        var mail = staleMail()
        mail.limit = seconds
        #expect(try text(mail).body.contains("has not pushed for over \(words).\n"))
    }

    @Test func `about a jail that is back says so, and nothing else`() throws {
        let (headers, body) = try text(staleMail(failure: "no", back: true))
        #expect(headers.contains("\nSubject: Nightjar: a jail pushes again\n"))
        #expect(
            body == """
                jail15 on backup1.example.net pushes again.
                Its last good push was committed Fri, 21 Nov 2025 02:33:39 +0000.

                """)
    }

    @Test func `has neither header nor line nor escape from a byte of a name`() throws {
        let name = try #require(Name(hostile.filter { $0 != 0x2F }))
        let entry = EntryChange(
            path: Path([name]), before: EntryFigures(files: 1, bytes: 1), after: nil, altered: 1)
        let known = [
            "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
            "Content-Transfer-Encoding",
        ]
        for (headers, body) in [
            try text(brakeMail([BrakeReason(.gone, entry)], jail: name)), try text(staleMail(jail: name)),
        ] {
            #expect(headers.split(separator: "\n").map { $0.prefix { $0 != ":" } } == known.map { $0[...] })
            #expect(!body.contains("\nBcc") && !body.contains("\n.\n"))
            #expect(body.contains(#"x\r\nBcc: victim@example.net\n.\n\e[2J{{host}}<b>\xFF"#), "\(body)")
        }
    }

    @Test(.enabled(if: hasMailServer(), "msmtp and python3-aiosmtpd are not installed"))
    func `is delivered by a real sendmail as it was meant`() throws {
        let name = try #require(Name(hostile.filter { $0 != 0x2F }))
        let entry = EntryChange(
            path: Path([name]), before: EntryFigures(files: 1, bytes: 1), after: nil, altered: 1)
        let got = try delivered(brakeMail([BrakeReason(.gone, entry)], jail: name))
        #expect(got.contains("X-RcptTo: staff@example.net\n"), "\(got)")
        #expect(!got.contains("\nBcc:") && !got.contains("\u{1B}"))
        #expect(got.replacing("=\n", with: "").contains(#"housekeep --accept x\r\nBcc: victim@example.net"#), "\(got)")
    }
}
