import Model
import Support
import Testing

@testable import Mail

private let hostile = Array("x\r\nBcc: victim@example.net\n.\n\u{1B}[2J{{host}}<b>$(touch pwned)'\"".utf8) + [0xFF]

private func mail(
    path: [UInt8]? = Array("/srv/out.tar.gz".utf8), inside: [UInt8]? = nil,
    words: [[UInt8]] = [Array("col00214".utf8)], damaged: UInt64 = 0,
    held: Timestamp? = nil, format: ArchiveFormat = .tgz, jail: Name = "jail15"
) -> RestoreReadyMail {
    var summary = RestoreSummary(generation: Generation(12), pushed: Timestamp(seconds: 1_763_692_419))
    summary.members = 7
    summary.damagedCount = damaged
    return RestoreReadyMail(
        host: "backup1.example.net", jail: jail, recipient: "staff@example.net", words: words, pushed: summary.pushed,
        path: path, inside: inside, format: format, size: 12_345, sha256: "ab12", summary: summary, held: held)
}

@Suite struct `The reply to a restore` {
    @Test func `says what it is, where it lies, how large, its sum, and how to unpack it`() throws {
        let body = try mail(held: Timestamp(seconds: 1_764_902_019)).text(template: restoreReadyTemplate)
        #expect(
            body == """
                What was asked for of jail15 is ready: col00214
                as it was when it was pushed, Fri, 21 Nov 2025 02:33:39 +0000.

                  /srv/out.tar.gz
                  12345 bytes, 7 files and directories
                  SHA-256 ab12

                Nothing was unpacked, and nothing of what is there was touched. Unpack it into a new
                directory, so that nothing is overwritten, and take from there what is wanted:

                  directory=$(mktemp -d "${TMPDIR:-/var/tmp}/restored.XXXXXX")
                  tar -xpzf /srv/out.tar.gz --numeric-owner --xattrs --acls -C "$directory"

                Whether it arrived whole says: sha256sum /srv/out.tar.gz

                The backup of that night is kept until Fri, 05 Dec 2025 02:33:39 +0000, should more of it be wanted.

                """)
    }

    @Test func `has commands for where the customer has his own root as the whole`() throws {
        let body = try mail(inside: Array("/out.tar.gz".utf8)).text(template: restoreReadyTemplate)
        #expect(body.contains("\n  /srv/out.tar.gz\n  on your own system: /out.tar.gz\n  12345 bytes"), "\(body)")
        #expect(body.contains("what is wanted;\nas root on your own system:\n\n"), "\(body)")
        #expect(
            body.contains("\n  tar -xpzf /out.tar.gz ") && body.contains("says: sha256sum /out.tar.gz\n"), "\(body)")
    }

    @Test func `has no commands for what went to standard output`() throws {
        let body = try mail(path: nil, held: Timestamp(seconds: 1_764_902_019)).text(template: restoreReadyTemplate)
        #expect(body.contains("\n  standard output\n  12345 bytes"), "\(body)")
        #expect(!body.contains("tar -") && !body.contains("sha256sum") && body.contains("is kept until"), "\(body)")
    }

    @Test func `says that files in it are damaged, and nothing of a hold that there is not`() throws {
        let body = try mail(damaged: 3).text(template: restoreReadyTemplate)
        #expect(
            body.contains("\nNot all of it is sound: 3 of the files were damaged on the backup server, and\n"),
            "\(body)")
        #expect(!body.contains("is kept until"))
        #expect(try !mail().text(template: restoreReadyTemplate).contains("Not all of it"))
    }

    @Test func `has neither header nor line nor escape from a byte of a name`() throws {
        let name = try #require(Name(hostile.filter { $0 != 0x2F }))
        let mail = mail(path: Array("/".utf8) + hostile, words: [hostile, Array("-n".utf8)], jail: name)
        let bytes = try mail.message(template: mail.template.builtIn, now: Timestamp(seconds: 0))
        #expect(bytes.allSatisfy { $0 == 0x0A || $0 >= 0x20 && $0 < 0x7F })
        let body = try mail.text(template: restoreReadyTemplate)
        let plain = try Self.linesOfPlain()
        #expect(body.split(separator: "\n", omittingEmptySubsequences: false).count == plain)
        #expect(!body.contains("\u{1B}") && !body.contains("\r"))
        #expect(
            String(decoding: bytes, as: UTF8.self).hasPrefix("To: staff@example.net\nSubject: Nightjar: what was to"))
    }

    private static func linesOfPlain() throws -> Int {
        try mail().text(template: restoreReadyTemplate).split(separator: "\n", omittingEmptySubsequences: false).count
    }

    @Test(arguments: [
        Array("/srv/plain-1.tar.gz".utf8), Array("/srv/with space".utf8),
        Array("/srv/it's; $(id) `id` \"x\" \\ *".utf8),
        hostile, [0x01, 0x7F, 0x80, 0xFF, 0x31, 0x38], Array("-n".utf8), [],
    ])
    func `gives a shell the very bytes of the path`(bytes: [UInt8]) throws {
        let found = try Command("bash", "-c", "printf %s \(shellQuoted(bytes))").check()
        #expect(found.output == bytes, "\(shellQuoted(bytes))")
    }
}
