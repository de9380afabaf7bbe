import Glibc
import Support
import Testing

/// A jail over a real sshd, and the most memory that either side of its pushes has at a time, as the kernel counts it. With
/// `server=local` the receiver would be counted as a child of the agent.
private struct Gauge {
    /// Runs a command, and appends to a file how many KiB it had at most.
    private static let program = """
        import os, resource, sys
        status = os.spawnvp(os.P_WAIT, sys.argv[2], sys.argv[2:])
        with open(sys.argv[1], "a") as file: print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=file)
        sys.exit(status if status >= 0 else 128 - status)
        """

    let scene: SecureScene
    private let words: [String]

    init() throws {
        scene = try SecureScene()
        words = ["/usr/bin/python3", try scene.jail.scratch.write("gauge.py", Self.program)]
        let receiver = (words + [scene.jail.scratch["receiver"]]).joined(separator: " ")
        try Command("sed", "-i", "s|command=\"|&\(receiver) |", scene.shell.file("authorized_keys")).check()
    }

    /// Pushes; the record, and the MiB of both sides.
    func push() throws -> (record: PushRecord, agent: Double, receiver: Double) {
        var command = try scene.jail.command(["--json"])
        command.arguments = (words + [scene.jail.scratch["agent"]]).map { Array($0.utf8) } + command.arguments
        let record = PushRecord(try command.check())
        return (record, try last("agent"), try last("receiver"))
    }

    private func last(_ file: String) throws -> Double {
        let line = try Command("tail", "-n", "1", scene.jail.scratch[file]).check().lines.first
        return try #require(line.flatMap { Double($0) }) / 1024
    }
}

@Suite(
    .enabled(if: SSHServer.program != nil && isInstalled("python3"), "needs sshd, and python3 to ask the kernel"),
    .tags(.slow))
struct `The memory of a push` {
    @Test func `does not grow with the files, where none changed`() throws {
        /// Of a push without a change, of forty directories with so many files each.
        func memory(filesEach count: Int) throws -> (agent: Double, receiver: Double) {
            let gauge = try Gauge()
            let jail = gauge.scene.jail
            let script = "for d in $(seq 40); do mkdir $d; (cd $d && seq -f file-%.0f \(count) | xargs touch); done"
            try Command("sh", "-ec", "cd '\(jail.source)'; \(script)").check()
            jail.settle()
            try jail.push()
            // What is made once, as the second tree, is there after the first changes.
            for _ in 0..<3 {
                try Command("touch", "\(jail.source)/new").check()
                try jail.push()
            }
            let (record, agent, receiver) = try gauge.push()
            #expect(record["files"] == 40 * count + 1 && record["answers"] ?? 99 < 10, "\(record)")
            return (agent, receiver)
        }
        let (few, many) = try (memory(filesEach: 20), memory(filesEach: 1_000))
        // To remember a name and a stamp of each takes more than a hundred bytes.
        #expect(many.agent - few.agent < 4 && many.receiver - few.receiver < 4, "\(few) and \(many) MiB")
        print("20 and 1,000 files in each directory: \(few) and \(many) MiB")
    }

    @Test func `is bounded where a page of 100 GiB changed`() throws {
        let gauge = try Gauge()
        let jail = gauge.scene.jail
        let file = open("\(jail.source)/large", O_RDWR | O_CREAT, 0o600)
        defer { close(file) }
        var random = RandomSource(seed: 11)
        for island in 0..<5 {
            let bytes = random.bytes(300_000)
            try #require(pwrite(file, bytes, bytes.count, off_t(island) * 20 << 30 + 777) == bytes.count)
        }
        try #require(ftruncate(file, 100 << 30) == 0)
        jail.settle()
        try jail.push()
        try #require(pwrite(file, [1, 2, 3], 3, 40 << 30 + 5_000) == 3)
        let (record, agent, receiver) = try gauge.push()
        // A block of it has 100 KiB: it went as a delta, or all of the five would have been sent.
        #expect((1...4 * 102_400).contains(record["content_bytes"] ?? 0), "\(record)")
        #expect(agent < 128 && receiver < 128, "\(agent) and \(receiver) MiB")
        print("100 GiB: \(agent) and \(receiver) MiB")
        try expectSameByDescriptor(jail.source, jail.copy)
    }
}
