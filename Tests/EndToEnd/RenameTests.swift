import Model
import Support
import Testing

/// What changed its name costs neither network nor disk: the server has it, under another one.
@Suite(.serialized, .tags(.slow)) struct `What was renamed` {
    /// A jail over a real sshd, pushed once when its stamps had settled.
    private func pushed(_ prepare: String) throws -> SecureScene {
        let scene = try SecureScene()
        try run(prepare, in: scene)
        scene.jail.settle()
        try scene.jail.push()
        return scene
    }

    private func run(_ script: String, in scene: SecureScene) throws {
        try Command("bash", "-ec", "cd '\(scene.jail.source)'; \(script)").check()
    }

    /// What the jail and the trees now hold is the same, to which names are links of one another.
    private func expectTrue(_ scene: SecureScene) throws {
        try expectSameTree(scene.jail.source, scene.copy)
        try expectSameByDescriptor(scene.jail.source, scene.copy)
    }

    /// The inode that stands under a name of the newest night.
    private func inode(_ name: String, _ scene: SecureScene) throws -> String {
        try Command("stat", "-c", "%i", "\(scene.copy)/\(name)").check().text
    }

    /// Bytes on the server's disk that regular files of the trees hold, each inode once.
    private func blocks(_ scene: SecureScene) throws -> Int {
        let program = "find \"$0\" -name '*.sqlite*' -prune -o -type f -printf '%i %b\\n' | sort -u"
        let found = try Command("sh", "-c", program, "\(scene.jail.server.data)/\(scene.jail.name)").check().lines
        return found.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +) * 512
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let prepare: String
        let change: String
        /// New names, and the former ones whose inodes they have to have in the trees.
        var moved: [String: String] = [:]
        /// What really is new: so much may be sent as content.
        var content = 0
        /// Names about which the agent is asked, but for directories.
        var questions = 0
    }

    static let cases = [
        Case(
            testDescription: "mails that were read",
            prepare: "mkdir new cur; for i in $(seq 1000); do echo \"mail $i $RANDOM\" > new/$i; done",
            change: "for i in $(seq 1000); do mv new/$i cur/$i:2,S; done",
            moved: ["cur/7:2,S": "new/7", "cur/1000:2,S": "new/1000"], questions: 1000),
        Case(
            testDescription: "logs that were rotated, and a new one begun",
            prepare:
                "mkdir log; for i in 1 2 3 4; do head -c ${i}0000 /dev/urandom > log/log.$i; done; head -c 9000 /dev/urandom > log/log",
            change: "cd log; for i in 4 3 2 1; do mv log.$i log.$((i + 1)); done; mv log log.1; echo begun > log",
            moved: ["log/log.1": "log/log", "log/log.2": "log/log.1", "log/log.5": "log/log.4"], content: 6,
            questions: 6),
        Case(
            testDescription: "a site of 5,000 files",
            prepare: """
                for a in $(seq 10); do for b in $(seq 10); do mkdir -p old/site/$a/$b
                    for c in $(seq 50); do echo "$a $b $c" > old/site/$a/$b/$c; done; done; done; ln -s site old/to; mkfifo old/fifo
                """,
            change: "mkdir -p new/place; mv old new/place/site2",
            moved: ["new/place/site2/site/3/4/5": "old/site/3/4/5", "new/place/site2/to": "old/to"]),
        Case(
            testDescription: "two files that took each other's names",
            prepare: "head -c 50000 /dev/urandom > a; head -c 50000 /dev/urandom > b",
            change: "mv a t; mv b a; mv t b", moved: ["a": "b", "b": "a"], questions: 2),
        Case(
            testDescription: "two directories that took each other's names",
            prepare:
                "mkdir -p a/d b/d; for i in a b; do head -c 9000 /dev/urandom > $i/d/x; head -c 9000 /dev/urandom > $i/$i; done",
            change: "mv a t; mv b a; mv t b", moved: ["a/d/x": "b/d/x", "b/d/x": "a/d/x", "a/b": "b/b"]),
        Case(
            testDescription: "a file whose name another one took",
            prepare: "head -c 50000 /dev/urandom > a", change: "mv a b; echo other > a", moved: ["b": "a"], content: 6,
            questions: 2),
        Case(
            testDescription: "a file, which then grew",
            prepare: "head -c 5000 /dev/urandom > a", change: "mv a b; echo more >> b", content: 5005, questions: 1),
        Case(
            testDescription: "a file that got another mode and owner",
            prepare: "head -c 50000 /dev/urandom > a", change: "mv a b; chmod 600 b", questions: 1),
        Case(
            testDescription: "a file with several names, all of them",
            prepare: "mkdir d e; head -c 50000 /dev/urandom > d/a; ln d/a d/b; ln d/a e/c",
            change: "mv d/a d/a2; mv d/b e/b2; mv e/c d/c2", moved: ["d/a2": "d/a", "e/b2": "d/a"], questions: 1),
        Case(
            testDescription: "a directory with one of several names of a file",
            prepare: "mkdir d e; head -c 50000 /dev/urandom > d/a; ln d/a e/b",
            change: "mv d d2", moved: ["d2/a": "e/b"]),
        Case(
            testDescription: "a file, and it got a second name",
            prepare: "head -c 50000 /dev/urandom > a", change: "mv a z; ln z b", moved: ["b": "a", "z": "a"],
            questions: 1),
        Case(
            testDescription: "a file of which a copy now has the name",
            prepare: "head -c 50000 /dev/urandom > a", change: "mv a b; cp -p b a", questions: 2),
    ]

    @Test(.enabled(if: SSHServer.program != nil, "needs sshd"), arguments: cases)
    func `costs no content`(_ example: Case) throws {
        let scene = try pushed(example.prepare)
        let before = try example.moved.mapValues { try inode($0, scene) }
        let held = try blocks(scene)
        try run(example.change, in: scene)
        scene.jail.settle()
        let record = try PushRecord(scene.jail.push("--json"))
        #expect(record["content_bytes"] == example.content, "\(record)")
        let directories = try #require(record["listings"])
        #expect(try #require(record["answers"]) <= example.questions + directories, "\(record)")
        try expectTrue(scene)
        for (name, inode) in before { #expect(try self.inode(name, scene) == inode, "\(name)") }
        // Only what the jail itself has twice now, or with another mode, is there twice.
        let grown = try blocks(scene) - held
        if !example.moved.isEmpty { #expect(grown <= (example.content + 4095) / 4096 * 4096, "\(grown)") }
        // The directories above the source are as busy as the machine.
        #expect(try #require(PushRecord(scene.jail.push("--json"))["listings"]) <= 3)
    }

    @Test(.enabled(if: SSHServer.program != nil, "needs sshd"))
    func `costs twenty times fewer bytes than its content`() throws {
        let scene = try pushed("mkdir 1 2; head -c 8000000 /dev/urandom | split -b 4000 -a 4 -d - 1/")
        try run("cd 1; for i in *; do mv $i ../2/message-$i; done", in: scene)
        scene.jail.settle()
        let record = try PushRecord(scene.jail.push("--json"))
        let bytes = try #require(record["bytes_sent"]) + #require(record["bytes_received"])
        #expect(bytes * 20 < 8_000_000, "\(record)")
        try expectTrue(scene)
    }

    @Test(.enabled(if: SSHServer.program != nil, "needs sshd"))
    func `may have lain in another entry`() throws {
        let scene = try pushed("mkdir -p a/d b; head -c 50000 /dev/urandom > a/d/x; head -c 50000 /dev/urandom > a/y")
        scene.jail.entries = ["a", "b"].map { "\(scene.jail.source)/\($0)" }
        try scene.jail.push()
        let before = try (inode("a/d/x", scene), inode("a/y", scene))
        try run("mv a/d a/y b", in: scene)
        scene.jail.settle()
        #expect(try PushRecord(scene.jail.push("--json"))["content_bytes"] == 0)
        #expect(try (inode("b/d/x", scene), inode("b/y", scene)) == before)
        try expectTrue(scene)
    }
}
