import Support
import Testing

/// How hard a push compresses, by the config and for one run: told by the bytes on the wire.
@Suite struct `What a push sends` {
    private let jail: Jail
    private let size = 4_000_000

    init() throws {
        jail = try Jail(on: BackupServer())
        let make =
            "for i in 1 2 3 4; do seq -f \"request $i.%.0f of the site: 200\" 99999 | head -c 1000000 > log$i; done"
        try Command("sh", "-c", "cd '\(jail.source)' && \(make)").check()
        jail.settle()
    }

    /// The bytes that went to the server, which has all by then.
    private func sent(_ arguments: String...) throws -> Int {
        let record = try PushRecord(jail.command(["--json"] + arguments).check())
        #expect(record["content_bytes"] == size, "\(record)")
        try expectSameTree(jail.source, jail.copy)
        return try #require(record["bytes_sent"])
    }

    @Test func `is as it is with compress=off, and with auto where the wire is fast`() throws {
        jail.settings["compress"] = "off"
        let plain = try sent()
        #expect((size..<size + size / 50).contains(plain), "\(plain) bytes")
        jail.settings["compress"] = nil
        try Command("sh", "-c", "cd '\(jail.source)' && for f in *; do cat $f > new-$f; rm $f; done").check()
        let automatic = try sent()
        #expect((size..<size + size / 50).contains(automatic), "\(automatic) bytes")
    }

    @Test(.enabled(if: SSHServer.program != nil, "needs an sshd"))
    func `is far less with auto where the wire is slow`() throws {
        let scene = try SecureScene()
        let copies = "for i in 1 2 3 4 5 6; do cat '\(jail.source)'/log* > large$i; done"
        try Command("sh", "-c", "cd '\(scene.jail.source)' && \(copies)").check()
        scene.jail.settle()
        try scene.slowDown(bytesPerSecond: 2 << 20)
        let record = try PushRecord(scene.jail.push("--json"))
        #expect(try #require(record["bytes_sent"]) < 6 * size / 2, "\(record)")
        try expectSameTree(scene.jail.source, scene.copy)
    }

    @Test func `is far less with compress=9, and more with 1`() throws {
        jail.settings["compress"] = "9"
        let hard = try sent()
        #expect(hard < size / 4, "\(hard) bytes")
        jail.settings["compress"] = "1"
        try Command("sh", "-c", "cd '\(jail.source)' && for f in *; do cat $f > new-$f; rm $f; done").check()
        let light = try sent()
        #expect((hard + 1..<size / 2).contains(light), "\(light) bytes, \(hard) at 9")
    }

    @Test func `goes by --compress, whatever the config says`() throws {
        jail.settings["compress"] = "off"
        let packed = try sent("--compress=9")
        #expect(packed < size / 4, "\(packed) bytes")
        let refused = try jail.backup("--compress=20")
        #expect(refused.status == 64 && refused.complaint.contains("20: --compress wants auto, off or a level"))
    }

    @Test func `needs a word that is known`() throws {
        jail.settings["compress"] = "zstd"
        let refused = try jail.backup()
        #expect(refused.status == 78, "\(refused)")
        #expect(refused.complaint.contains("compress wants auto, off or a level"), "\(refused)")
    }
}
