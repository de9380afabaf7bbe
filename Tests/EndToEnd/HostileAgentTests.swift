import Model
import Support
import Testing

/// A lie that a broken-into jail may tell, and what comes after its hello.
struct Lie: CustomStringConvertible, Sendable {
    var description: String
    var bytes: [UInt8]
    /// Whether nothing is wrong but that it ends.
    var isCut: Bool

    init(_ description: String, _ bytes: [UInt8], isCut: Bool = false) {
        self.description = description
        self.bytes = bytes
        self.isCut = isCut
    }

    static func listing(_ description: String, _ entries: [UInt8]...) -> Lie {
        Lie(description, RawBytes.block(RawBytes.listing(entries)))
    }
}

/// Every byte from a jail is hostile: refused with a word, the session ended, and `0` as it was.
@Suite struct `A hostile agent` {
    private static let names: [Lie] = [
        .listing("a name with a slash", RawBytes.entry("a/b")), .listing("an absolute name", RawBytes.entry("/etc")),
        .listing("a name that is ..", RawBytes.entry("..")), .listing("a name that is .", RawBytes.entry(".")),
        .listing("an empty name", RawBytes.entry("")), .listing("a name with a NUL", RawBytes.entry([97, 0, 98])),
        .listing("names out of order", RawBytes.entry("b"), RawBytes.entry("a")),
        .listing("a name twice", RawBytes.entry("a"), RawBytes.entry("a")),
        .listing("a name that ends beyond its message", [255, 97, 98]),
        Lie(
            "parts out of order",
            RawBytes.block(
                RawBytes.message(2, [1, 0b0101] + RawBytes.stamp(kind: 2) + [0, 1] + RawBytes.entry("b")),
                RawBytes.message(2, [1, 0b0010, 1] + RawBytes.entry("a")))),
    ]

    private static let numbers: [Lie] = [
        .listing("a size of 2^63", RawBytes.entry("a", RawBytes.stamp(size: 1 << 63))),
        .listing("a size of 2^64-1", RawBytes.entry("a", RawBytes.stamp(size: .max))),
        .listing("a symlink of 1 GiB", RawBytes.entry("a", RawBytes.stamp(kind: 3, size: 1 << 30))),
        .listing("a mode beyond twelve bits", RawBytes.entry("a", RawBytes.stamp(mode: 0o100755))),
        .listing(
            "a second of two thousand million ns", RawBytes.entry("a", RawBytes.stamp(nanoseconds: 2_000_000_000))),
        .listing("an owner that leaves a file as it is", RawBytes.entry("a", RawBytes.stamp(owner: 0xFFFF_FFFF))),
        .listing("an owner of 33 bits", RawBytes.entry("a", RawBytes.stamp(owner: 1 << 32))),
        .listing("an unknown kind", RawBytes.entry("a", RawBytes.stamp(kind: 99))),
        Lie("2^63 entries", RawBytes.block(RawBytes.listing(count: 1 << 63, []))),
        Lie("a directory that is a file", RawBytes.block(RawBytes.listing(own: RawBytes.stamp(kind: 1), []))),
        Lie("a directory numbered 0", RawBytes.block(RawBytes.listing(of: 0, []))),
        Lie("a directory that no listing named", RawBytes.block(RawBytes.listing(of: 4_711, []))),
        .listing("a directory in itself", RawBytes.entry("a", [2, 1])),
        .listing("a directory far from the next number", RawBytes.entry("a", [2] + RawBytes.number(1 << 60))),
        .listing("a directory whose number nobody reaches", RawBytes.entry("a", [2] + RawBytes.number(1 << 60 + 1))),
        .listing("a directory with the largest number", RawBytes.entry("a", [2] + RawBytes.number(.max >> 1))),
        Lie("a listing of the largest number", RawBytes.block(RawBytes.listing(of: .max >> 1, []))),
        Lie("an answer that no one asked for", RawBytes.block(RawBytes.message(6, [1, 1, 1, 0, 0]))),
        Lie("content that no one asked for", RawBytes.block(RawBytes.message(3, [1, 1, 0, 0, 0, 3, 1, 2, 3]))),
        Lie("a directory kept that is none", RawBytes.block(RawBytes.message(7, RawBytes.number(4_711)))),
        Lie("the root gone", RawBytes.block(RawBytes.message(8, [1]))),
    ]

    private static let frames: [Lie] = [
        Lie("a block of 4 GiB", [255, 255, 255, 255, 255, 255, 255, 255]),
        Lie("a block of nothing", RawBytes.length(0) + RawBytes.length(0)),
        Lie("a block that unpacks to less than itself", RawBytes.length(100) + RawBytes.length(50) + [0, 1, 2]),
        Lie("a block that is no zstd frame", RawBytes.length(4) + RawBytes.length(200_000) + [1, 2, 3, 4]),
        Lie("a block cut short", RawBytes.length(1_000) + RawBytes.length(1_000) + [2, 3], isCut: true),
        Lie("an unknown message", RawBytes.block(RawBytes.message(77, []))),
        Lie("a message of the server's", RawBytes.block(RawBytes.message(68, [1]))),
        Lie("a message that reaches beyond its block", RawBytes.block([2, 0xFF, 0xFF, 0x03])),
        Lie("a number of 80 bits", RawBytes.block([2] + [UInt8](repeating: 0xFF, count: 12))),
        Lie("a second hello", RawBytes.block(RawBytes.hello(backupdir: "/data/other"))),
        Lie("the end of more than was said", RawBytes.block(RawBytes.complete([0, 0, 7, 7, 0, 0, 0, 0, 0, 0]))),
        Lie("nothing more", [], isCut: true),
    ]

    private struct Scene {
        let jail: Jail
        let kept: String

        init() throws {
            jail = try Jail(on: BackupServer())
            let tree: TreeLiteral = ["a": "one", "b": ["c": "two"], "link": .symlink("/tmp")]
            try tree.build(in: jail.source)
            try jail.push()
            kept = jail.server.scratch["kept"]
            try Command("cp", "-a", jail.newest, kept).check()
        }

        func session(_ bytes: [UInt8]) throws -> Command.Outcome {
            var command = Command(jail.server.receive(jail.name))
            command.input = bytes
            command.limit = 60
            return try command.run()
        }
    }

    @Suite struct `is refused, and nothing changes` {
        @Test(arguments: names + numbers + frames) func `when it sends`(lie: Lie) throws {
            let scene = try Scene()
            let hello =
                RawBytes.preface + RawBytes.block(RawBytes.hello(backupdir: scene.jail.settings["backupdir"] ?? ""))
            let outcome = try scene.session(hello + lie.bytes)
            #expect(outcome.status != nil && outcome.status != 0, "\(lie): \(outcome)")
            // The agent is told in the protocol's own words: the last message is a refusal, of type 69.
            #expect(outcome.output.count > 20 || !outcome.errors.isEmpty, "\(lie): refused without a word: \(outcome)")
            // For what it said, not because it then said nothing more.
            let isCut = outcome.text.contains("ended in the middle")
            #expect(isCut == lie.isCut, "\(lie): \(outcome)")
            try expectSameTree(scene.kept, scene.jail.newest)
            let honest = try scene.jail.backup()
            #expect(honest.status == 0, "after \(lie): \(honest)")
            try expectSameTree(scene.jail.source, scene.jail.copy)
        }

        @Test(arguments: [
            [], Array("GET / HTTP/1.1\r\n\r\n".utf8), Array("NIGHTJAR".utf8) + [0xFF, 0xFF],
            [UInt8](repeating: 0, count: 99),
        ])
        func `when it is no agent of ours`(bytes: [UInt8]) throws {
            let scene = try Scene()
            let outcome = try scene.session(bytes)
            #expect(outcome.status != nil && outcome.status != 0, "\(outcome)")
            try expectSameTree(scene.kept, scene.jail.newest)
        }

        @Test func `when it names another jail's directory`() throws {
            let scene = try Scene()
            try scene.jail.server.enroll("neighbour")
            let hello = RawBytes.hello(backupdir: "\(scene.jail.server.data)/neighbour")
            let outcome = try scene.session(RawBytes.preface + RawBytes.block(hello))
            #expect(outcome.status != nil && outcome.status != 0, "\(outcome)")
        }
    }

    /// A recorded session with single bytes turned: whatever the receiver makes of it, it ends, and never by a signal.
    @Test(.tags(.slow)) func `cannot crash the receiver with a turned byte`() throws {
        let server = try BackupServer()
        let recorder = server.scratch["record"]
        let jail = try Jail("recorded", on: server)
        try server.scratch.write(
            "tee", "#!/bin/sh\ntee \(recorder) | \(server.receive(jail.name).joined(separator: " "))\n", mode: 0o755)
        jail.settings["receive"] = server.scratch["tee"]
        try TortureTree().build(in: jail.source)
        for heavy in ["holes", "kinds/large"] { try Command("rm", "-rf", "\(jail.source)/\(heavy)").check() }
        try jail.push()
        let honest = try Command("cat", recorder).check().output
        var random = RandomSource(seed: UInt64.random(in: 0..<1_000_000))
        for number in 0..<40 {
            var bytes = honest
            for _ in 0...random.below(3) {
                bytes[10 + random.below(bytes.count - 10)] = UInt8.random(in: 0...255, using: &random)
            }
            if number % 4 == 0 { bytes.removeLast(random.below(bytes.count - 10)) }
            try server.enroll("fuzzed\(number)")
            var command = Command(server.receive("fuzzed\(number)"))
            command.input = bytes
            command.limit = 60
            let outcome = try command.run()
            #expect(outcome.status != nil, "\(number): \(outcome)")
        }
    }

    @Test func `in a tree with a symlink for a parent writes through none`() throws {
        let jail = try Jail(on: BackupServer())
        let outside = try jail.scratch.directory("outside")
        try (["victim": "untouched"] as TreeLiteral).build(in: outside)
        try (["d": .symlink(outside), "e": .symlink("../outside")] as TreeLiteral).build(in: jail.source)
        try jail.push()
        try Command("rm", "\(jail.source)/d", "\(jail.source)/e").check()
        let tree: TreeLiteral = ["d": ["victim": "overwritten"], "e": ["victim": "overwritten"]]
        try tree.build(in: jail.source)
        try jail.push()
        try expectSameTree(jail.source, jail.copy)
        #expect(try Command("cat", "\(outside)/victim").check().text == "untouched")
    }
}
