import Model
import Placing
import Support
import Testing

/// A customer root that is not what it should be, or becomes another while the archive is written.
@Suite struct HostileRootTests {
    /// What is wrong with it from the beginning, and what is said of it.
    static let bad: [String: (script: String, words: String)] = [
        "it is missing": ("rmdir \"$ROOT\"", "No such file or directory"),
        "it is a file": ("rmdir \"$ROOT\"; echo x > \"$ROOT\"", "Not a directory"),
        "it is a symlink": ("rmdir \"$ROOT\"; ln -s \"$OUTSIDE\" \"$ROOT\"", "is a symlink"),
        "it is a symlink to nowhere": ("rmdir \"$ROOT\"; ln -s /nowhere \"$ROOT\"", "is a symlink"),
        "what it lies in is a symlink": (
            "mv \"$ROOT/..\" \"$OUTSIDE/data\" 2>/dev/null || mv \"$(dirname \"$ROOT\")\" \"$OUTSIDE/data\";"
                + " ln -s \"$OUTSIDE/data\" \"$(dirname \"$ROOT\")\"", "is a symlink"
        ),
    ]

    @Test(arguments: bad.keys.sorted())
    func `a root that cannot be one is named, and nothing is written`(_ what: String) throws {
        let stage = try Stage()
        let (script, words) = try #require(HostileRootTests.bad[what])
        try stage.sh(script)
        let outside = try stage.state(of: stage.scratch["outside"])
        let refusal = try #require(try stage.refusal())
        #expect(refusal.cause == .inTheWay && refusal.text.contains(words), "\(refusal)")
        #expect(try stage.state(of: stage.scratch["outside"]) == outside)
    }

    /// What happens to it while the archive is written.
    static let changes = [
        "a symlink takes its place": "mv \"$ROOT\" \"$ROOT.old\"; ln -s \"$OUTSIDE/directory\" \"$ROOT\"",
        "a symlink to where it went takes its place": "mv \"$ROOT\" \"$ROOT.old\"; ln -s \"$ROOT.old\" \"$ROOT\"",
        "another directory takes its place": "mv \"$ROOT\" \"$ROOT.old\"; mkdir \"$ROOT\"",
        "it is moved away": "mv \"$ROOT\" \"$ROOT.old\"",
        "it is moved outside": "mv \"$ROOT\" \"$OUTSIDE/stolen\"",
        "it is removed": "rmdir \"$ROOT\"",
        "it is removed, and made again": "rmdir \"$ROOT\"; mkdir \"$ROOT\"",
        "what it lies in becomes a symlink":
            "d=$(dirname \"$ROOT\"); mv \"$d\" \"$d.old\"; ln -s \"$d.old\" \"$d\"",
        "another one with the archive's name in it takes its place":
            "mv \"$ROOT\" \"$ROOT.old\"; mkdir \"$ROOT\"; echo mine > \"$ROOT/$NAME\"",
    ]

    @Test(arguments: changes.keys.sorted())
    func `a root that becomes another meanwhile gets nothing, and nor does the other`(_ what: String) throws {
        let stage = try Stage()
        let script = try #require(HostileRootTests.changes[what])
        var after: [Substring] = []
        let refusal = try stage.refusal {
            try stage.sh(script)
            after = try stage.state(of: stage.scratch.path)
        }
        #expect(refusal?.cause == .inTheWay, "\(String(describing: refusal))")
        func settled(_ state: [Substring]) -> [Substring] {
            // A directory keeps the time at which the archive came and went.
            state.map { line in line.contains("|d|") ? line.prefix(upTo: line.lastIndex(of: "|")!) : line }
        }
        #expect(try settled(stage.state(of: stage.scratch.path)) == settled(after))
    }

    @Test(.enabled(if: mayMountImages))
    func `a root over which something is mounted meanwhile gets nothing`() throws {
        let stage = try Stage()
        defer { _ = try? stage.sh("umount \"$ROOT\"") }
        let refusal = try stage.refusal { try stage.sh("mount -t tmpfs none \"$ROOT\"") }
        #expect(refusal?.cause == .inTheWay && refusal?.text.contains("was moved or replaced") == true)
        #expect(try stage.sh("ls -A \"$ROOT\"; umount \"$ROOT\"; ls -A \"$ROOT\"; mount -t tmpfs none \"$ROOT\"") == "")
    }

    @Test(
        .enabled(if: mayMountImages),
        arguments: [
            ("mount --bind \"$ROOT\" \"$ROOT\"; mount -o remount,ro,bind \"$ROOT\"", "Read-only file system"),
            ("mount -t proc none \"$ROOT\"", "of the kernel's own"),
        ])
    func `a root that is read-only, or the kernel's, is named`(_ script: String, _ words: String) throws {
        let stage = try Stage()
        try stage.sh(script)
        defer { _ = try? stage.sh("umount \"$ROOT\"") }
        let refusal = try #require(try stage.refusal())
        #expect(refusal.cause == .inTheWay && refusal.text.contains(words), "\(refusal)")
    }

    @Test(.enabled(if: LoopFileSystem.isPossible(.ext4)))
    func `an immutable root is named, and a name that could only be appended to is left alone`() throws {
        let disk = try LoopFileSystem(.ext4, size: "20M")
        let root = try #require(Path(absolute: Array("\(disk.path)/root".utf8)))
        try Command("sh", "-ec", "mkdir '\(root)'; chattr +i '\(root)'").check()
        defer { _ = try? Command("chattr", "-i", root.description).run() }
        #expect(throws: PlacingError.self) {
            try Placement(in: PlacingRoot.open(root), expecting: 1).place(as: [Stage.name])
        }
        #expect(try Command("ls", "-A", root.description).check().text == "")
    }

    @Test(.enabled(if: LoopFileSystem.isPossible(.ext4)))
    func `what will not fit is refused before a byte is written, and what fits no more while it is`() throws {
        let disk = try LoopFileSystem(.ext4, size: "20M", options: ["-m", "0"])
        let root = try #require(Path(absolute: Array("\(disk.path)".utf8)))
        let opened = try PlacingRoot.open(root)
        #expect(throws: PlacingError.self) { try Placement(in: opened, expecting: 30 << 20) }
        let piece = [UInt8](repeating: 7, count: 1 << 20)
        func fill(_ placement: Placement, pieces: Int) throws -> PlacingError? {
            try trouble { for _ in 0..<pieces { try piece.withUnsafeBytes { try placement.write($0) } } }
        }
        do {
            let liar = try Placement(in: opened, expecting: 100)
            let refusal = try fill(liar, pieces: 40)
            #expect(refusal?.cause == .full && refusal?.text.contains("outgrows") == true)
            #expect(liar.written > 5 << 20 && liar.written < 20 << 20)
        }
        // The room goes to somebody else meanwhile.
        let late = try Placement(in: opened, expecting: 10 << 20)
        _ = try Command("sh", "-c", "dd if=/dev/zero of='\(root)'/other bs=1M count=30 2>/dev/null").run()
        let refusal = try fill(late, pieces: 10)
        #expect(refusal?.cause == .full && refusal?.text.contains("No space left") == true)
        #expect(try Command("ls", root.description).check().text == "lost+found\nother\n")
    }

    @Test(.enabled(if: LoopFileSystem.isPossible(.btrfs)))
    func `a quota is told as such, and leaves nothing`() throws {
        let disk = try LoopFileSystem(.btrfs, size: "200M")
        let root = "\(disk.path)/root"
        try Command(
            "sh", "-ec",
            "btrfs quota enable '\(disk.path)'; btrfs subvolume create '\(root)'; btrfs qgroup limit 8M '\(root)'"
        ).check()
        let opened = try PlacingRoot.open(try #require(Path(absolute: Array(root.utf8))))
        let placement = try Placement(in: opened, expecting: 100)
        let refusal = try trouble {
            var random = SystemRandomNumberGenerator()
            for _ in 0..<20 {
                let piece = (0..<(1 << 17)).flatMap { _ in withUnsafeBytes(of: random.next(), Array.init) }
                try piece.withUnsafeBytes { try placement.write($0) }
            }
            _ = try placement.place(as: [Stage.name])
        }
        #expect(refusal?.cause == .full && refusal?.text.contains("quota") == true, "\(String(describing: refusal))")
        #expect(try Command("ls", "-A", root).check().text == "")
    }

    private func trouble(_ body: () throws -> Void) throws -> PlacingError? {
        do {
            try body()
            return nil
        } catch let error as PlacingError {
            return error
        }
    }

    @Test func `names with newlines and escapes are placed in, and told of without them`() throws {
        let stage = try Stage("col1\n\u{1B}[31m-DIR")
        #expect(try stage.place() == Stage.name)
        try stage.sh("rm \"$ROOT/$NAME\"; rmdir \"$ROOT\"; ln -s / \"$ROOT\"")
        let text = try #require(try stage.refusal()).text
        #expect(text.hasSuffix("/col1\\n\\e[31m-DIR is a symlink: name the directory without one"), "\(text)")
    }
}
