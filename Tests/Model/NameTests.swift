import Model
import Testing

@Suite struct `A name` {
    @Test(arguments: ["a", "...", ".a", "-rf", "a b", "\n", String(repeating: "x", count: 255)])
    func `is any component of a path`(text: String) {
        #expect(Name(Array(text.utf8))?.bytes == Array(text.utf8))
    }

    @Test(arguments: ["", ".", "..", "a/b", "/", "a\0b", String(repeating: "x", count: 256)])
    func `is nothing that leads elsewhere`(text: String) {
        #expect(Name(Array(text.utf8)) == nil)
    }

    @Test func `need not be text`() {
        #expect(Name([0xFF, 0xFE])?.bytes == [0xFF, 0xFE])
    }

    @Test func `differs from another in how it is composed`() throws {
        let composed = try #require(Name(Array("\u{E9}".utf8)))
        let decomposed = try #require(Name(Array("e\u{301}".utf8)))
        #expect(composed != decomposed)
    }

    @Test func `is ordered by its bytes as unsigned numbers`() throws {
        let names = try [[0x61], [0x61, 0x00 + 1], [0x7F], [0x80], [0xFF]].map { try #require(Name($0)) }
        #expect(names.shuffled().sorted() == names)
    }
}

@Suite struct `A path` {
    @Test func `drops slashes that say nothing`() {
        #expect(Path(absolute: Array("//usr///home/".utf8)) == Path(["usr", "home"]))
        #expect(Path(absolute: Array("/".utf8)) == Path())
        #expect(Path(["usr", "home"]).description == "/usr/home")
        #expect(Path().description == "/")
    }

    @Test(arguments: ["usr", "", "/usr/../etc", "/usr/./home", "/a\0b"])
    func `is absolute and goes only down`(text: String) {
        #expect(Path(absolute: Array(text.utf8)) == nil)
    }

    @Test func `contains what lies below it, by whole names`() {
        #expect(Path(["usr"]).contains(Path(["usr", "home"])))
        #expect(Path(["usr"]).contains(Path(["usr"])))
        #expect(!Path(["usr"]).contains(Path(["usrlocal"])))
    }
}

@Suite struct `Escaped bytes` {
    @Test(arguments: [
        ("plain name", "plain name"),
        ("back\\slash", "back\\\\slash"),
        ("line\nbreak\ttab\rreturn", "line\\nbreak\\ttab\\rreturn"),
        ("\u{1B}[2Jgone", "\\e[2Jgone"),
        ("caf\u{E9}", "caf\u{E9}"),
        // C1's CSI, and the override that turns the rest of a line round.
        ("\u{9B}2J", "\\xC2\\x9B2J"),
        ("\u{202E}txt.exe", "\\xE2\\x80\\xAEtxt.exe"),
    ])
    func `show what a terminal may see`(raw: String, shown: String) {
        #expect(escaped(Array(raw.utf8)) == shown)
    }

    @Test func `show bytes that are not text by their numbers`() {
        #expect(escaped([0x61, 0xE9, 0x62, 0xC0, 0x80, 0xED, 0xA0, 0x80]) == "a\\xE9b\\xC0\\x80\\xED\\xA0\\x80")
    }
}

@Suite struct `What the server wants` {
    private let digest = ContentDigest(low: 1, high: 2)

    private func stamp(_ kind: FileKind = .regular, size: UInt64 = 5, changed: Int64 = 1) -> Stamp {
        let metadata = Metadata(
            kind: kind, mode: 0o644, owner: 0, group: 0, size: size, modified: Timestamp(seconds: 1))
        return Stamp(metadata: metadata, inode: 3, links: 1, changed: Timestamp(seconds: changed))
    }

    @Test func `of a name that it does not have is all of it`() {
        #expect(want(held: nil, seen: stamp(), inodesLast: true) == .content)
        #expect(want(held: nil, seen: stamp(.fifo), inodesLast: true) == .attributes)
    }

    @Test func `of what has not moved is nothing`() {
        #expect(want(held: (stamp(), digest), seen: stamp(), inodesLast: true) == nil)
    }

    @Test func `of a file of the same size is perhaps only its digest`() {
        #expect(
            want(held: (stamp(), digest), seen: stamp(changed: 2), inodesLast: true) == .contentUnless(digest))
    }

    @Test func `of a file of another size, or of what was none, is its content`() {
        #expect(want(held: (stamp(), digest), seen: stamp(size: 6, changed: 2), inodesLast: true) == .content)
        #expect(want(held: (stamp(.fifo), nil), seen: stamp(changed: 2), inodesLast: true) == .content)
    }
}
