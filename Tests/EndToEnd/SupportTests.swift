import Model
import Support
import Testing

/// The judges are judged: what they are to find is made on purpose.
@Suite struct `The judges` {
    private let scratch: Scratch
    private let original: String
    private let copy: String

    init() throws {
        scratch = try Scratch("judges")
        original = try scratch.directory("original")
        copy = scratch["copy"]
    }

    private func copied() throws { try Command("cp", "-a", original, copy).check() }

    @Test func `a copy of the torture tree by cp is the same tree to both`() throws {
        try TortureTree().build(in: original)
        try copied()
        try expectSameTree(original, copy, excluding: TortureTree.beyondRsync)
        try expectSameByDescriptor(original, copy)
    }

    @Test func `each single difference is found by both`() throws {
        let tree: TreeLiteral = [
            "a": "content", "b": .hardLink(to: "a"), "d": TreeNode.directory(["x": "y"]).modified(5, 5),
            "s": TreeNode.symlink("target").modified(6, 6), "p": .fifo,
        ]
        try tree.build(in: original)
        let changes = [
            "printf CONTENT > a; touch -r ../original/a a", "chmod 600 a", "cp -a a c; mv c b", "touch d",
            "ln -sfn other s", "touch -h s", "rm p", "touch new", "rm p; touch p",
        ]
        for change in changes {
            try copied()
            try Command("sh", "-c", "cd '\(copy)' && \(change)").check()
            #expect(try !judge(original, copy).isEmpty, "rsync misses: \(change)")
            #expect(try !TreeComparison(original, copy).differences.isEmpty, "by descriptor missed: \(change)")
            try Command("rm", "-rf", copy).check()
        }
    }

    @Test func `rsync sees attributes and ACLs`() throws {
        try (["f": TreeNode.file("x").attribute("user.a", "1"), "d": [:]] as TreeLiteral).build(in: original)
        for change in ["setfattr -n user.a -v 2 f", "setfacl -m u:5:r f", "setfacl -d -m u:5:r d"] {
            try copied()
            try Command("sh", "-c", "cd '\(copy)' && \(change)").check()
            #expect(try !judge(original, copy).isEmpty, "missed: \(change)")
            try Command("rm", "-rf", copy).check()
        }
    }

    @Test(arguments: [DeepTree.manyLevels, DeepTree.longNames])
    func `paths beyond PATH_MAX are compared by descriptor`(deep: DeepTree) throws {
        try Command("mkdir", copy).check()
        try deep.build(in: original)
        try deep.build(in: copy)
        let differences = try TreeComparison(original, copy).differences
        #expect(differences.allSatisfy { $0.contains("modified") }, "\(differences.prefix(3))")
    }

    @Test func `holes that are gone are a difference`() throws {
        try (["f": .sparse([Piece(1 << 24, [1])], length: 1 << 25)] as TreeLiteral).build(in: original)
        try Command("cp", "-a", "--sparse=never", original, copy).check()
        #expect(try TreeComparison(original, copy).differences.first?.contains("holes") == true)
    }

    @Test func `rounds of random changes change the tree each time`() throws {
        try TortureTree().build(in: original)
        try Command("rm", "-rf", "\(original)/holes/tebibyte").check()
        var changes = RandomChanges(seed: 42, in: original)
        for _ in 0..<5 {
            try copied()
            let made = try changes.makeRound()
            #expect(made > 30)
            #expect(try judge(original, copy).count > 10)
            #expect(try TreeComparison(original, copy).differences.count > 10)
            try Command("rm", "-rf", copy).check()
        }
        try copied()
        try expectSameTree(original, copy)
        try expectSameByDescriptor(original, copy)
    }
}
