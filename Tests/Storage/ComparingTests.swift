import Catalog
import Glibc
import Model
import Platform
import Storage
import Support
import Testing

@Suite struct `A rotation that compares` {
    private static let tree = """
        mkdir -p a/b/c d; for f in 1 2 3 4; do echo $f > a/b/$f; done; echo x > d/x; ln d/x a/x; ln -s d s; mkfifo a/f
        setfattr -n user.a -v b a/b; chmod 2751 d; touch -d 2001-02-03 a/b/c
        """

    private static func due() throws -> Week {
        let week = try Week()
        try week.fill([tree, "echo 1+ > a/b/1", "echo 2+ > a/b/2"])
        try week.push(after: "echo 3+ > a/b/3; rm a/b/4")
        return week
    }

    @Test func `has nothing to mend in a night that is what the catalog says, and looks at no file`() throws {
        let week = try Self.due()
        let links = FaultPlan("linkat", call: .max, .fail(EIO))
        let report = try links.during { try week.rotate(comparing: true) }
        #expect(report.mended == 0)
        // 2 and 3 are others than in night 6.
        #expect(links.calls == 2)
        #expect(try week.wrong() == "")
        let compared = try week.jail.backupdir.catalogForReading()?.lastRotation()
        #expect(compared?.compared == compared?.rotated?.time)
    }

    @Test(arguments: [
        ("rm a/x", 1), ("echo stray > stray", 1), ("rm -r a/b/c; touch a/b/c", 1),
        ("rm s; mkdir s; touch s/1 s/2", 1),
        ("cp a/x t; mv t a/x", 1), ("mkdir -p new/deep; touch new/deep/1", 1), ("rm -r d", 2),
        ("rm a/f; mkfifo a/f", 1),
        ("cp -p a/x t; mv t a/x", 0), ("chmod 700 d; setfattr -x user.a a/b; touch a/b/c", 0),
    ])
    func `mends what somebody altered`(script: String, mended: Int) throws {
        let week = try Self.due()
        _ = try shell(script, in: week.night(6))
        #expect(try week.rotate(comparing: true).mended == mended)
        #expect(try week.wrong() == "")
    }

    @Test func `of paths far longer than PATH_MAX`() throws {
        let week = try Week()
        let deep = """
            python3 - <<'END'
            import os
            for level in range(300):
                os.mkdir('d' * 20); os.chdir('d' * 20); open('f', 'w').write(str(level)); os.mkdir('side')
            END
            """
        try week.jail.change(deep)
        for _ in 0..<7 {
            try week.jail.push()
            _ = try Push.lock(week.jail.backupdir).rotate(at: week.moment)
        }
        let start = try Directory.open(Array(week.night(6).utf8))
        var bottom = start
        for _ in 0..<250 { bottom = try bottom.openDirectory("dddddddddddddddddddd") }
        try bottom.createFile("stray").write([1])
        try bottom.removeDirectory("side")
        let report = try Push.lock(week.jail.backupdir).rotate(at: week.moment, comparing: true)
        #expect(report.mended == 2)
        #expect(try TreeComparison(week.jail.source, week.night(1)).differences == [])
    }

    @Test func `copies an inode with too many names once`() throws {
        let week = try Self.due()
        _ = try shell("rm a/x d/x", in: week.night(6))
        try FaultPlan("linkat", call: 4, .fail(EMLINK)).during { _ = try week.rotate(comparing: true) }
        #expect(try week.wrong() == "")
    }
}
