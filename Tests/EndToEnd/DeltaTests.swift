import Glibc
import Model
import Support
import Testing

/// Of large files that changed only what differs crosses the network. Counted in bytes of content that the agent sent, and
/// held against stock rsync's over the same changes.
@Suite(.enabled(if: SSHServer.program != nil, "needs sshd")) struct `A large file that changed` {
    private static let size = 3_000_000

    /// What is done to a file, and how many bytes of content that may cost.
    struct Change: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let most: Int
        let apply: @Sendable ([UInt8], inout RandomSource) -> [UInt8]

        init(_ name: String, most: Int, _ apply: @escaping @Sendable ([UInt8], inout RandomSource) -> [UInt8]) {
            testDescription = name
            self.most = most
            self.apply = apply
        }

        static let all = [
            Change("appended", most: 30_000 + 4_096) { $0 + $1.bytes(30_000) },
            Change("with something in front", most: 5_000) { $1.bytes(901) + $0 },
            Change("shifted in the middle", most: 12_000) { old, random in
                Array(old[..<1_000_000] + random.bytes(1_234) + old[1_000_000...])
            },
            Change("overwritten in the middle", most: 16_384) { old, random in
                var new = old
                new.replaceSubrange(2_000_000..<2_005_000, with: random.bytes(5_000))
                return new
            },
            Change("cut", most: 4_096) { old, _ in Array(old[..<1_999_999]) },
            Change("shuffled", most: 0) { old, random in
                let blocks = stride(from: 0, to: old.count - 4_096, by: 4_096).map { old[$0..<$0 + 4_096] }
                return Array(blocks.shuffled(using: &random).joined())
            },
            Change("with pages changed here and there", most: 8 * 4_096) { old, random in
                var new = old
                for page in 0..<8 { new[page * 90 * 4_096 + 17] ^= 0xFF }
                _ = random.next()
                return new
            },
            Change("wholly different", most: 3_000_000) { old, random in random.bytes(old.count) },
        ]
    }

    private func put(_ bytes: [UInt8], to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(file) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { write(file, $0.baseAddress! + done, bytes.count - done) }
            try #require(count > 0)
            done += count
        }
    }

    private func scene(_ content: [UInt8]) throws -> SecureScene {
        let scene = try SecureScene()
        try put(content, to: "\(scene.jail.source)/large")
        try scene.jail.push()
        return scene
    }

    @Test(arguments: Change.all) func `costs what changed, and is what it is on the jail`(change: Change) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = RandomSource(seed: seed)
        let old = random.bytes(Self.size)
        let scene = try scene(old)
        let before = try Command("sha256sum", "\(scene.copy)/large").check().text
        try Command("cp", "-al", scene.jail.newest, "\(scene.jail.scratch.path)/night").check()
        try put(change.apply(old, &random), to: "\(scene.jail.source)/large")
        let record = try PushRecord(scene.jail.push("--json"))
        #expect((record["content_bytes"] ?? .max) <= change.most, "seed \(seed): \(record)")
        try expectSameTree(scene.jail.source, scene.copy)
        // What an earlier night has is what it was.
        let kept = try Command("sha256sum", "\(scene.jail.scratch.path)/night\(scene.jail.source)/large").check().text
        #expect(kept.prefix(64) == before.prefix(64))
    }

    @Test(.enabled(if: isInstalled("rsync"), "needs rsync"))
    func `costs no more bytes than rsync takes, where pages of it changed`() throws {
        var random = RandomSource(seed: 6)
        let old = random.bytes(8 << 20)
        let scene = try scene(old)
        var new = old
        for _ in 0..<20 {
            let start = random.below(old.count / 4_096) * 4_096
            new.replaceSubrange(start..<start + 4_096, with: random.bytes(4_096))
        }
        let basis = try scene.jail.scratch.directory("basis")
        try put(old, to: "\(basis)/large")
        try put(new, to: "\(scene.jail.source)/large")
        let ours = try PushRecord(scene.jail.push("--json"))
        let theirs = try Command(
            "rsync", "-az", "--no-whole-file", "--ignore-times", "--stats", "\(scene.jail.source)/", "\(basis)/"
        ).check()
        let numbers = theirs.lines.filter { $0.hasPrefix("Total bytes") }
            .compactMap { Int($0.filter(\.isNumber)) }
        let sum = (ours["bytes_sent"] ?? .max / 2) + (ours["bytes_received"] ?? .max / 2)
        #expect(numbers.count == 2 && sum <= numbers.reduce(0, +), "\(ours) \(theirs)")
        try expectSameTree(scene.jail.source, scene.copy)
    }

    @Test func `is sent whole on demand`() throws {
        var random = RandomSource(seed: 7)
        let old = random.bytes(1_000_000)
        let scene = try scene(old)
        try put(old + [1], to: "\(scene.jail.source)/large")
        let record = try PushRecord(scene.jail.push("--json", "--whole-file"))
        #expect((record["content_bytes"] ?? 0) == 1_000_001, "\(record)")
        try expectSameTree(scene.jail.source, scene.copy)
    }

    @Test func `stays sparse, and so does what is copied`() throws {
        var random = RandomSource(seed: 8)
        let scene = try SecureScene()
        let file = "\(scene.jail.source)/large"
        let descriptor = open(file, O_RDWR | O_CREAT, 0o600)
        defer { close(descriptor) }
        for start in [0, 40 << 20, 200 << 20] as [off_t] {
            let bytes = random.bytes(300_000)
            try #require(pwrite(descriptor, bytes, bytes.count, start) == bytes.count)
        }
        ftruncate(descriptor, 1 << 30)
        try scene.jail.push()
        try #require(pwrite(descriptor, [1, 2, 3], 3, 40 << 20 + 5_000) == 3)
        let record = try PushRecord(scene.jail.push("--json"))
        #expect((record["content_bytes"] ?? .max) <= 3 * 8_192, "\(record)")
        let blocks = try Command("stat", "-c", "%b", "\(scene.copy)/large").check().text
        #expect((Int(blocks.filter(\.isNumber)) ?? .max) * 512 <= 1_200_000, "\(blocks)")
        try expectSameTree(scene.jail.source, scene.copy)
    }

    @Test func `that grows while it is pushed is stored as read, and is whole the next time`() throws {
        var random = RandomSource(seed: 9)
        let old = random.bytes(6_000_000)
        let scene = try scene(old)
        let file = "\(scene.jail.source)/large"
        try put(random.bytes(100) + old, to: file)
        let writer = try Command("sh", "-c", "for i in $(seq 400); do echo more >> '\(file)'; sleep 0.01; done").start()
        _ = try scene.jail.backup()
        _ = try writer.wait(limit: 60)
        try scene.jail.push()
        try expectSameTree(scene.jail.source, scene.copy)
    }

    @Test(
        .enabled(if: LoopFileSystem.isPossible(.xfs, .btrfs), "needs loop devices, xfs and btrfs"),
        .enabled(if: isInstalled("filefrag"), "needs filefrag"), arguments: [LoopFileSystem.Kind.xfs, .btrfs])
    func `shares with the night before what did not change, where the file system can`(
        kind: LoopFileSystem.Kind
    ) throws {
        let disk = try LoopFileSystem(kind, size: "3G")
        var random = RandomSource(seed: 10)
        var content = random.bytes(Self.size)
        let scene = try SecureScene(in: disk.path)
        try put(content, to: "\(scene.jail.source)/large")
        try scene.jail.push()
        try Command("ln", "\(scene.copy)/large", "\(disk.path)/before").check()
        content[1_000_000] ^= 0xFF
        try put(content, to: "\(scene.jail.source)/large")
        try scene.jail.push()
        try expectSameTree(scene.jail.source, scene.copy)
        // Blocks of extents that this file has for itself: at most those of one block of the delta, and its end.
        let extents = try Command("filefrag", "-v", "\(scene.copy)/large").check().lines
            .filter { $0.contains("..") }
        let own = extents.filter { !$0.contains("shared") }
            .compactMap { Int($0.split(separator: ":")[3].filter(\.isNumber)) }
        #expect(extents.contains { $0.contains("shared") }, "\(extents)")
        #expect(own.reduce(0, +) <= 3, "\(extents)")
    }

    @Test func `and is killed in the middle leaves the old night, and is completed by the next push`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = RandomSource(seed: seed)
        var content = random.bytes(Self.size)
        let scene = try scene(content)
        for number in 1...6 {
            let old = try scene.jail.remember("old-\(number)")
            let start = random.below(Self.size - 200_000)
            content.replaceSubrange(start..<start + 100_000, with: random.bytes(150_000))
            try put(content, to: "\(scene.jail.source)/large")
            try put(random.bytes(500_000), to: "\(scene.jail.source)/other")
            let running = try scene.jail.command().start()
            usleep(UInt32(random.below(200_000)))
            for process in try scene.jail.receivers() { kill(process, SIGKILL) }
            _ = try running.wait(limit: 60)
            #expect(try scene.jail.waitUntilUnserved())
            let isOld = try judge(old, scene.copy).isEmpty
            let isNew = try judge(scene.jail.source, scene.copy).isEmpty
            #expect(isOld || isNew, "seed \(seed), kill \(number)")
            try scene.jail.push()
            try expectSameTree(scene.jail.source, scene.copy)
        }
    }
}
