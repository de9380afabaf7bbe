import Model
import Support
import Testing

@testable import Agent

private func path(_ text: String) -> Path { Path(absolute: Array(text.utf8)) ?? Path() }

@Suite struct `A tree of hints` {
    private func place(_ tree: HintTree, _ text: String) -> HintTree.Place? {
        path(text).names.reduce(HintTree.Place.root) { place, name in place.flatMap { tree.child(of: $0, name) } }
    }

    @Test func `has the directory of a path read, and the path itself, and leads there`() throws {
        var tree = HintTree()
        tree.add(path("/a/b/file"))
        #expect(try !tree.isRead(#require(place(tree, "/a"))))
        #expect(try tree.isRead(#require(place(tree, "/a/b"))))
        #expect(try tree.isRead(#require(place(tree, "/a/b/file"))))
        #expect(!tree.isRead(.root))
        #expect(tree.children(of: .root) == ["a"])
        #expect(place(tree, "/a/c") == nil)
        tree.add(path("/"))
        #expect(tree.isRead(.root))
    }

    @Test func `has a directory alone read where that is asked for`() throws {
        var tree = HintTree()
        tree.addDirectory(["a", "b"])
        #expect(try !tree.isRead(#require(place(tree, "/a"))))
        #expect(try tree.isRead(#require(place(tree, "/a/b"))))
    }

    @Test func `keeps a few names of a directory, and of a crowd only that it is one`() throws {
        var tree = HintTree(mostPlaces: 200)
        for number in 0..<100_000 { tree.add(path("/a/\(number)")) }
        #expect(!tree.isFull)
        let crowded = try #require(place(tree, "/a"))
        #expect(tree.isRead(crowded) && tree.isCrowded(crowded))
        #expect(tree.children(of: crowded).count == Int(HintTree.mostNamed))
        // What lies deeper is found all the same.
        tree.add(path("/a/deep/er/file"))
        #expect(try tree.isRead(#require(place(tree, "/a/deep/er"))))
        #expect(!tree.isCrowded(.root))
    }

    @Test func `is full where it would take more than it may, and stays so`() {
        var tree = HintTree(mostPlaces: 10)
        for number in 0..<4 { tree.add(path("/\(number)/x")) }
        #expect(!tree.isFull)
        for number in 4..<10 { tree.add(path("/\(number)/x")) }
        #expect(tree.isFull)
        var wordy = HintTree(mostPlaces: 1_000, mostNameBytes: 300)
        wordy.add(path("/" + String(repeating: "x", count: 200)))
        #expect(!wordy.isFull)
        wordy.add(path("/" + String(repeating: "y", count: 200)))
        #expect(wordy.isFull)
    }
}

@Suite struct `A list of changes` {
    private func list(_ text: String, piece: Int = .max) -> HintList {
        var list = HintList()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            list.take(Array(rest.prefix(piece)))
            rest = rest.dropFirst(piece)
        }
        list.finish()
        return list
    }

    private func places(_ list: HintList) -> Set<String> {
        var found: Set<String> = []
        func descend(_ place: HintTree.Place, _ path: Path) {
            if list.tree.isRead(place) { found.insert(String(decoding: path.bytes, as: UTF8.self)) }
            for name in list.tree.children(of: place) {
                if let below = list.tree.child(of: place, name) { descend(below, path.appending(name)) }
            }
        }
        descend(.root, Path())
        return found
    }

    @Test(arguments: ["/a/x\n/b/y\n", "/a/x\n/b/y", "/a/x\0/b/y\0", "/a/x\0/b/y", "//a//x/\n/b/y/\n"], [1, 3, 1_000])
    func `has a path a line, or one before each NUL`(text: String, piece: Int) {
        let found = list(text, piece: piece)
        #expect(found.isUsable, "\(found.problems)")
        #expect(places(found) == ["/a", "/a/x", "/b", "/b/y"])
    }

    @Test func `takes a line feed for a part of a name where there is a NUL`() {
        #expect(places(list("/a/x\ny\0/b\0")) == ["/a", "/a/x\ny", "/", "/b"])
    }

    @Test func `may be empty, and names nothing then`() {
        #expect(list("").isUsable && places(list("")).isEmpty)
    }

    @Test(arguments: [
        ("M\t/t/f", ["/t", "/t/f"]), ("+\t/t/f", ["/t", "/t/f"]), ("-\t/t/f", ["/t", "/t/f"]),
        ("R\t/t/f\t/u/g", ["/t", "/t/f", "/u", "/u/g"]), ("M\t/\t/t/d", ["/t", "/t/d"]),
        ("M\tF\t/t/f\t(+1)", ["/t", "/t/f"]), ("R\t@\t/t/f\t/u/g", ["/t", "/t/f", "/u", "/u/g"]),
        ("M\t/t/a\\0040b\\0303\\0251\\0134c", ["/t", "/t/a bé\\c"]),
    ])
    func `takes a line of zfs diff`(line: String, expected: [String]) {
        let found = list(line + "\n")
        #expect(found.isUsable, "\(found.problems)")
        #expect(places(found).sorted() == expected.sorted())
    }

    @Test(arguments: [
        "relative", "", "/a/../b", "/a/./b", "..", "M\trelative", "M /t/f", "X\t/t/f", "R\t/t/f", "M\t/t/f\t/u/g",
        "M\t/t/a b", "M\t/t/\\040x", "M\t/t/\\0400", "M\t/t/\\0000", "M\t/t/\\", "1700000000.1\tM\t/t/f",
        "inode 257 file offset 0 len 5 disk start 0 offset 0 gen 8 flags INLINE f",
        "/" + String(repeating: "x", count: 256),
        "/" + String(repeating: "x/", count: 40_000), String(repeating: "x", count: 200_000), "M\t/t/..",
    ])
    func `names a line that it does not understand, and is of no use`(line: String) {
        // Byte by byte where that takes no minute.
        for piece in [line.utf8.count < 1_000 ? 1 : 4_096, 65_536] {
            let found = list("/good\n\(line)\n/good/too\n", piece: piece)
            #expect(!found.isUsable)
            #expect(found.problemCount == 1, "\(found.problems)")
            #expect(found.problems.first?.hasPrefix("line 2: ") == true)
            #expect(found.problems.allSatisfy { $0.utf8.count < 1_200 && !$0.contains("\n") })
        }
    }

    @Test func `with NULs has no line of zfs diff, and no relative path`() {
        for text in ["M\t/t/f\0", "a\0/b\0", "/a\0\0/b\0"] { #expect(list(text).problemCount == 1, "\(text)") }
    }

    @Test func `names the first ten lines that are wrong, and counts the others`() {
        let found = list(String(repeating: "wrong\n", count: 1_000))
        #expect(found.problemCount == 1_000 && found.problems.count == 10)
    }

    /// Whatever stands in it.
    @Test(arguments: 0..<200) func `never traps, and is as long as it is`(_ seed: UInt64) {
        var random = RandomSource(seed: seed)
        let alphabet = Array("/ab.\n\n\0\t\\0M+-R(".utf8)
        let text = (0..<Int.random(in: 0..<400, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0
        }
        var whole = HintList()
        whole.take(text)
        whole.finish()
        var pieces = HintList()
        for byte in text { pieces.take([byte]) }
        pieces.finish()
        #expect(whole.problemCount == pieces.problemCount, "seed \(seed)")
        #expect(places(whole) == places(pieces), "seed \(seed)")
    }
}
