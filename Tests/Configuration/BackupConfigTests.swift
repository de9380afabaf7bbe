import Model
import Testing

@testable import Configuration

private func parse(_ text: String) throws -> BackupConfig {
    try BackupConfig.parse(Array(text.utf8), file: Array("/c".utf8))
}

private let needed = "backupdir=/data/jail15\nserver=backup1\n"

@Suite struct BackupConfigTests {
    @Test func `the config of the design`() throws {
        let config = try parse(
            """
            #!/bin/sh
            backupdir=/data/jail15
            server=backup1

            ## ENTRY /etc
            ## ENTRY /mnt/data1/69.55.238.98-col00214-DIR/usr/home
            ## ENTRY /var --exclude=/var/cache --exclude=*.core --one-file-system
            """)
        #expect(config.backupdir.description == "/data/jail15")
        #expect(config.server == .remote(host: "backup1", user: nil, port: nil))
        #expect(
            config.entries.map(\.path.description) == [
                "/etc", "/mnt/data1/69.55.238.98-col00214-DIR/usr/home", "/var",
            ])
        #expect(config.entries.map(\.line) == [5, 6, 7])
        #expect(config.entries[2].exclusion.patterns == [Array("*.core".utf8), Array("/var/cache".utf8)])
        #expect(config.entries.map(\.staysOnFileSystem) == [false, false, true])
        #expect(config.mailto == "root")
        #expect(config.hangAfter == nil)
        #expect(config.sendmail.map { String(decoding: $0, as: UTF8.self) } == ["/usr/sbin/sendmail", "-t", "-oi"])
        #expect(config.warnings == [])
    }

    @Test func `quotes, comments and blanks around values`() throws {
        let config = try parse(
            """
              backupdir = "/data/jail 15"   # the fifteenth
            server='me@[2001:db8::1]:2222'
            mailto=a@b.example # who
            sendmail=/usr/bin/msmtp -t
            hang_after=2m
            """)
        #expect(config.hangAfter == 120)
        #expect(config.backupdir.description == "/data/jail 15")
        #expect(config.server == .remote(host: "2001:db8::1", user: "me", port: 2222))
        #expect(config.mailto == "a@b.example")
        #expect(config.sendmail.count == 2)
    }

    @Test func `an entry's path may have blanks, quotes and any bytes`() throws {
        let bytes = Array((needed + "## ENTRY /my files/a \"b\" -c\\").utf8) + [0xE9] + Array("  --exclude=x  \n".utf8)
        let config = try BackupConfig.parse(bytes, file: [])
        #expect(config.entries.map(\.path.description) == [#"/my files/a "b" -c\\\xE9"#])
        #expect(config.entries[0].exclusion.patterns == [Array("x".utf8)])
    }

    @Test(arguments: [
        ("server=h", "/c: backupdir is missing; write: backupdir=/data/JAIL"),
        ("backupdir=/d", "/c: server is missing; write: server=HOST"),
        ("backupdir=\nserver=h", "/c:1: backupdir is missing; write: backupdir=/data/JAIL"),
        (needed + "## ENTRY etc", "/c:3: an entry wants an absolute path, not etc; begin it with /"),
        (
            needed + "## ENTRY /a/../b",
            "/c:3: an entry cannot have . or .. in its path: /a/../b; write the path without them"
        ),
        (needed + "## ENTRY", "/c:3: an entry wants a path"),
        (needed + "## ENTRY /a\u{0}b", "/c:3: there is a NUL byte in the line"),
        (needed + "/etc", "/c:3: neither key=value nor an entry nor a comment; an entry is written: ## ENTRY /etc"),
        (needed + "server=other", "/c:3: server has another value in line 2; keep one of them"),
        (needed + "mailto=\"a", "/c:3: the value's quote is not closed, or something follows it"),
        (needed + "hang_after=0s", "/c:3: hang_after wants a time; write a number with s, m, h, d or w"),
        (needed + "hang_after=60", "/c:3: hang_after wants a time; write a number with s, m, h, d or w"),
        (needed + "mailto=a\u{1B}[2J", "/c:3: mailto is no mail address: a\\e[2J"),
        (needed + "port=70000", "/c:3: a port is a number from 1 to 65535, not 70000"),
        (needed + "identity=key", "/c:3: identity wants an absolute path, not key"),
        (
            needed + "## ENTRY /a --frob",
            "/c:3: --frob: unknown option; an entry takes --exclude=PATTERN and --one-file-system"
        ),
        (
            needed + "## ENTRY /a --exclude",
            "/c:3: --exclude: this option wants an argument; an entry takes --exclude=PATTERN and --one-file-system"
        ),
        (
            needed + "## ENTRY /a --exclude=cache/",
            "/c:3: --exclude=cache/: write it without the slash at its end: a pattern leaves out files and directories alike"
        ),
        (needed + String(repeating: "x", count: 70_000), "/c:3: the line is longer than 65536 bytes"),
    ])
    func `what is wrong is named with its line and the remedy`(text: String, expected: String) throws {
        let error = try #require(throws: ConfigError.self) { try parse(text) }
        #expect(error.description == expected)
    }

    @Test(arguments: [
        (
            "backupdri=/d\nserver=h",
            "/c: backupdir is missing; write: backupdir=/data/JAIL\n/c:1: unknown key backupdri"
        ),
        ("backupdir=\"/d\nserver=h", "/c:1: the value's quote is not closed, or something follows it"),
        ("backupdir=/d\u{0}\nserver=h", "/c:1: there is a NUL byte in the line"),
        ("backupdir=/d\nser\u{0}ver=h", "/c:2: there is a NUL byte in the line"),
    ])
    func `a key that is mistyped or broken is not called missing alone`(text: String, expected: String) throws {
        let error = try #require(throws: ConfigError.self) { try parse(text) }
        #expect(error.description == expected)
    }

    @Test func `all that is wrong is named at once`() throws {
        let error = try #require(throws: ConfigError.self) { try parse("nonsense\n## ENTRY a\nserver=-h") }
        #expect(error.problems.map(\.line) == [nil, 1, 2, 3])
    }

    @Test(arguments: [
        ("colour=blue", "/c:3: unknown key colour"),
        ("server=backup1", "/c:3: server repeats line 2"),
        ("##ENTRY /a", "/c:3: is a comment, not an entry; an entry begins with: ## ENTRY"),
        ("## entry /a", "/c:3: is a comment, not an entry; an entry begins with: ## ENTRY"),
        ("## ENTRYY /a", "/c:3: is a comment, not an entry; an entry begins with: ## ENTRY"),
        ("## Entry: /a", "/c:3: is a comment, not an entry; an entry begins with: ## ENTRY"),
        ("## ENTRY=/a", "/c:3: is a comment, not an entry; an entry begins with: ## ENTRY"),
        ("identity=/$HOME/key", "/c:3: nothing is expanded here: /$HOME/key is meant"),
        ("mailto=a\r", "/c:3: the line ends in CR LF, as on Windows; the CR is not read"),
    ])
    func `what was perhaps not meant gets a word`(line: String, expected: String) throws {
        let config = try parse(needed + line + "\n## ENTRY /etc")
        #expect(config.warnings.map { $0.text(in: config.file) } == [expected])
    }

    @Test(
        arguments: [
            ("64K", 64 << 10), ("1k", 1 << 10), ("10M", 10 << 20), ("2g", 2 << 30), ("0", nil),
            ("\"3M\" # a word", 3 << 20),
        ] as [(String, UInt64?)])
    func `a rate is bytes a second, with its unit`(text: String, bytes: UInt64?) throws {
        let config = try parse(needed + "bwlimit=\(text)\n## ENTRY /etc")
        #expect(config.readRate == bytes)
        #expect(config.warnings == [])
    }

    @Test(arguments: [
        "", "1", "M", "1 M", "-1M", "1.5M", "0M", "1T", "1MB", "99999999999999999999K", "18014398509481984K",
    ])
    func `what is no rate is no limit of another kind`(text: String) throws {
        let error = try #require(throws: ConfigError.self) { try parse(needed + "bwlimit=\(text)") }
        #expect(error.description.hasPrefix("/c:3: bwlimit wants a rate; write a number with K, M or G"))
    }

    @Test(arguments: [("1/30", 30), ("1/1", 1), ("1", 1), ("0", 0), ("1/1000", 1_000)] as [(String, UInt32)])
    func `a share to be verified is one of so many`(text: String, share: UInt32) throws {
        #expect(try parse(needed + "verify-share=\(text)").verifyShare.rawValue == share)
    }

    @Test(arguments: ["", "2", "1/0", "2/30", "1/", "/30", "1/1001", "1/30/2", "30", "1 / 30", "-1/30", "1/4294967297"])
    func `what is no such share is refused`(text: String) throws {
        let error = try #require(throws: ConfigError.self) { try parse(needed + "verify-share=\(text)") }
        #expect(error.description.hasPrefix("/c:3: verify-share wants a share of the tree; write 1/30"), "\(error)")
    }

    @Test(
        arguments: [
            ("auto", .auto), ("off", .off), ("1", .level(1)), ("9", .level(9)), ("'19'", .level(19)),
        ] as [(String, Compression)])
    func `compression is auto, off or a level`(text: String, compression: Compression) throws {
        #expect(try parse(needed + "compress=\(text)").compression == compression)
    }

    @Test func `compression is auto where nothing is said of it`() throws {
        #expect(try parse(needed).compression == .auto)
    }

    @Test(arguments: ["", "on", "no", "yes", "AUTO", "0", "20", "-1", "+9", "\"9 \"", "1.5", "4294967297"])
    func `what is no compression is refused`(text: String) throws {
        let error = try #require(throws: ConfigError.self) { try parse(needed + "compress=\(text)") }
        #expect(
            error.description == "/c:3: compress wants auto, off or a level; write auto, off, or a number from 1 to 19")
    }

    @Test func `nice is yes or no, and no by itself`() throws {
        #expect(try parse(needed + "nice=yes").yieldsToOthers)
        for text in ["nice=no", ""] { #expect(try !parse(needed + text).yieldsToOthers) }
        let error = try #require(throws: ConfigError.self) { try parse(needed + "nice=10") }
        #expect(error.description == "/c:3: nice wants yes or no")
    }

    @Test func `a commented-out entry is a comment`() throws {
        #expect(try parse(needed + "# ## ENTRY /a\n### ENTRY /b\n## ENTRY /c").warnings == [])
    }

    // What looks at every line for each line takes hours.
    @Test(.timeLimit(.minutes(10))) func `a hundred thousand entries are read`() throws {
        var text = needed
        for number in 0..<100_000 {
            text += "## ENTRY /mnt/data\(number % 7)/site\(number)\(number % 10 == 0 ? " --exclude=*.core" : "")\n"
        }
        #expect(try parse(text).entries.count == 100_000)
    }
}

@Suite struct ServerAddressTests {
    @Test(arguments: [
        ("local", ServerAddress.local),
        ("h", .remote(host: "h", user: nil, port: nil)),
        ("u@h:22", .remote(host: "h", user: "u", port: 22)),
        ("[::1]:22", .remote(host: "::1", user: nil, port: 22)),
        ("[::1]", .remote(host: "::1", user: nil, port: nil)),
        ("fe80::1%eth0", .remote(host: "fe80::1%eth0", user: nil, port: nil)),
    ])
    func `what is understood`(text: String, expected: ServerAddress) throws {
        #expect(try ServerAddress(Array(text.utf8)) == expected)
    }

    @Test(arguments: [
        "", "-oProxyCommand=x", "a b", "h:", "h:0", "h:x", "@h", "-l@h", "[::1", "[::1]x", "a/b", "h\n", "é",
    ])
    func `what is not`(text: String) {
        #expect(throws: ServerAddress.Refusal.self) { try ServerAddress(Array(text.utf8)) }
    }

    @Test func `user and port may be keys of their own, but not contradict`() throws {
        #expect(try parse(needed + "user=me\nport=2222").server == .remote(host: "backup1", user: "me", port: 2222))
        #expect(throws: ConfigError.self) { try parse("backupdir=/d\nserver=h:22\nport=23") }
    }
}
