import Glibc
import Model
import Placing
import Platform
import Support
import Testing

/// A customer who put something where the archive goes.
@Suite struct TakenNameTests {
    @Test func `an archive is whole, and for its owner alone`() throws {
        let stage = try Stage()
        try stage.sh("chmod 2777 \"$ROOT\"; setfacl -d -m u:1000:rwx \"$ROOT\" || true")
        #expect(try stage.place() == Stage.name)
        let about = try stage.sh("stat -c '%F %a %u %h' \"$ROOT/$NAME\"; cat \"$ROOT/$NAME\"")
        #expect(about == "regular file 600 \(getuid()) 1\nthe archive")
        #expect(try stage.sh("ls -A \"$ROOT\" | wc -l") == "1\n")
    }

    static let occupants = [
        "a symlink to a file": "ln -s \"$OUTSIDE/secret\" \"$ROOT/$NAME\"",
        "a symlink to a directory": "ln -s \"$OUTSIDE/directory\" \"$ROOT/$NAME\"",
        "a symlink to nowhere": "ln -s \"$OUTSIDE/new\" \"$ROOT/$NAME\"",
        "a symlink to itself": "ln -s \"$NAME\" \"$ROOT/$NAME\"",
        "a directory": "mkdir \"$ROOT/$NAME\"",
        "a directory with something in it": "mkdir -p \"$ROOT/$NAME/deep\"; echo x > \"$ROOT/$NAME/deep/x\"",
        "a file": "echo mine > \"$ROOT/$NAME\"",
        "a hard link of a file elsewhere": "ln \"$OUTSIDE/secret\" \"$ROOT/$NAME\"",
        "a fifo": "mkfifo \"$ROOT/$NAME\"",
        "a socket": "python3 -c 'import socket,os; os.chdir(os.environ[\"ROOT\"]);"
            + " socket.socket(socket.AF_UNIX).bind(os.environ[\"NAME\"])'",
    ]

    @Test(arguments: occupants.keys.sorted())
    func `what stands under the name stays what it is, and the archive takes the next name`(_ what: String) throws {
        let stage = try Stage()
        try stage.sh(try #require(TakenNameTests.occupants[what]))
        try check(stage)
    }

    @Test(
        .enabled(if: mayMountImages),
        arguments: [
            "mknod \"$ROOT/$NAME\" c 1 3", "mkdir \"$ROOT/$NAME\"; mount -t tmpfs none \"$ROOT/$NAME\"",
            "touch \"$ROOT/$NAME\"; mount --bind \"$OUTSIDE/secret\" \"$ROOT/$NAME\"",
        ])
    func `a device or a mount under the name stays what it is too`(_ script: String) throws {
        let stage = try Stage()
        try stage.sh(script)
        defer { _ = try? stage.sh("umount \"$ROOT/$NAME\" 2>/dev/null || true") }
        try check(stage)
    }

    private func check(_ stage: Stage) throws {
        let (before, outside) = (try stage.state(of: stage.root), try stage.state(of: stage.scratch["outside"]))
        // The hard link's time of change is not looked at, its count of links is.
        #expect(try stage.place() == Stage.second)
        let after = try stage.state(of: stage.root)
        #expect(after.filter { !$0.contains(Stage.second.description) } == before)
        #expect(try stage.state(of: stage.scratch["outside"]) == outside)
        #expect(try stage.sh("cat \"$ROOT/\(Stage.second)\"") == "the archive")
    }

    @Test func `a name that is taken at the last moment is left alone too`() throws {
        let stage = try Stage()
        let name = try stage.place { try stage.sh("ln -s \"$OUTSIDE/new\" \"$ROOT/$NAME\"") }
        #expect(name == Stage.second)
        #expect(try stage.sh("readlink \"$ROOT/$NAME\"; ls \"$OUTSIDE\"").hasSuffix("/new\ndirectory\nsecret\n"))
    }

    @Test func `when all names are taken nothing is placed`() throws {
        let stage = try Stage()
        for name in alternatives(to: Stage.name, ending: "tar") { try stage.sh("mkdir \"$ROOT/\(name)\"") }
        let before = try stage.state(of: stage.root)
        let refusal = try #require(try stage.refusal())
        #expect(refusal.cause == .inTheWay && refusal.text.contains("exists, and so are 98 others like it"))
        #expect(try stage.state(of: stage.root) == before)
    }

    @Test func `where a file cannot be without a name it has an unpredictable one meanwhile, and none is left`() throws
    {
        let stage = try Stage()
        try stage.sh("mkdir \"$ROOT/$NAME\"")
        let plan = FaultPlan("openat", .fail(EOPNOTSUPP))
        var meanwhile = ""
        let name = try plan.during {
            try stage.place { meanwhile = try stage.sh("ls -A \"$ROOT\"; stat -c %a \"$ROOT\"/.nightjar-*") }
        }
        #expect(name == Stage.second && plan.calls > 1)
        #expect(meanwhile.contains(".nightjar-") && meanwhile.hasSuffix("\n600\n"))
        #expect(try stage.sh("ls -A \"$ROOT\"") == "\(Stage.second)\n\(Stage.name)\n")
        #expect(try stage.sh("stat -c %h \"$ROOT/\(Stage.second)\"") == "1\n")

        // What ends it before leaves none either, and what a customer put in its place stays.
        for script in ["true", "rm \"$ROOT\"/.nightjar-*", "for f in \"$ROOT\"/.nightjar-*; do rm $f; mkfifo $f; done"]
        {
            struct Stop: Error {}
            let before = try stage.sh("ls -A \"$ROOT\"")
            #expect(throws: Stop.self) {
                try FaultPlan("openat", .fail(EOPNOTSUPP)).during {
                    try stage.place {
                        try stage.sh(script)
                        throw Stop()
                    }
                }
            }
            let rest = script.contains("mkfifo") ? try stage.sh("find \"$ROOT\" -type p -delete -print") : ""
            #expect(rest.contains(".nightjar-") == script.contains("mkfifo"))
            #expect(try stage.sh("ls -A \"$ROOT\"") == before)
        }
    }

    @Test(arguments: ["write", "fsync", "linkat", "openat2"])
    func `whatever call fails, nothing is left`(_ operation: String) throws {
        for number in 1...8 {
            let stage = try Stage()
            let plan = FaultPlan(operation, call: number, .failFromThenOn(EIO))
            let refusal = try plan.during { try stage.refusal() }
            if plan.calls < number {
                #expect(number > 1, "\(operation) is never called")
                return
            }
            #expect(refusal != nil, "\(operation) \(number)")
            #expect(try stage.sh("ls -A \"$ROOT\"") == "", "\(operation) \(number)")
        }
    }
}
