import Configuration
import Model
import Testing

@testable import Editing

private func changes(_ before: String, _ after: String) -> [String] {
    EntryChange.between(WrittenConfig(Array(before.utf8)), WrittenConfig(Array(after.utf8))).map(\.description)
}

@Suite struct `The difference of entries` {
    @Test(
        arguments: [
            ("", "", []),
            ("## ENTRY /a\n", "# a comment\n\n##  ENTRY  /a/ \n", []),
            ("## ENTRY /a\n## ENTRY /b\n", "## ENTRY /b\n## ENTRY /a\n", []),
            ("## ENTRY /a\n", "## ENTRY /b\n", ["- /a", "+ /b"]),
            ("## ENTRY /a\n", "## ENTRY /a --one-file-system\n", ["~ /a --one-file-system, was: without options"]),
            ("## ENTRY /a --exclude=x\n", "## ENTRY /a\n", ["~ /a, was: --exclude=x"]),
            ("## ENTRY /a\n", "## ENTRY /a\n## ENTRY /a\n", ["+ /a"]),
            ("## ENTRY /a\n## ENTRY /a --exclude=x\n", "## ENTRY /a\n", ["- /a --exclude=x"]),
            ("key=old\n## ENTRY /a\n", "key=new\n## ENTRY /a\n", []),
            ("", "## ENTRY /b\n## ENTRY /a \u{1B}[2J\n", ["+ /a \\e[2J", "+ /b"]),
        ] as [(String, String, [String])])
    func `is told by path, in the order of the paths`(before: String, after: String, expected: [String]) {
        #expect(changes(before, after) == expected)
    }
}

@Suite struct `The difference of configs` {
    @Test(
        arguments: [
            ("server=a\n## ENTRY /a\n", "server=b\n## ENTRY /b\n", ["- /a", "+ /b", "- server=a", "+ server=b"]),
            ("a=1\n", "a=1\n# note\u{1B}[2J\nbroken\n", ["+ # note\\e[2J", "+ broken"]),
            ("a=1\na=1\n", "a=1\n", ["- a=1"]),
            ("a=1\n## ENTRY /a\nb=2", "b=2\n \n##  ENTRY /a\na=1\n", ["nothing but where lines stand, and blanks"]),
            ("a=1\n", "", ["- a=1"]),
        ] as [(String, String, [String])])
    func `has every line that is no entry as well`(before: String, after: String, expected: [String]) {
        let changes = ConfigChanges(from: Array(before.utf8), to: Array(after.utf8))
        #expect(changes.descriptions == expected)
    }
}

@Suite struct `A line of an entry` {
    private func add(_ entry: String, to text: String) throws -> String {
        let entry = try EntryLines.entry(Array(entry.utf8))
        return String(decoding: EntryLines.adding(entry, to: Array(text.utf8)), as: UTF8.self)
    }

    @Test(arguments: [
        ("", "## ENTRY /a b --exclude=x\n"),
        ("key=1", "key=1\n## ENTRY /a b --exclude=x\n"),
        ("key=1\n", "key=1\n## ENTRY /a b --exclude=x\n"),
        ("## ENTRY /z\n\n# end\n", "## ENTRY /z\n## ENTRY /a b --exclude=x\n\n# end\n"),
        ("## ENTRY /z", "## ENTRY /z\n## ENTRY /a b --exclude=x\n"),
    ])
    func `is added behind the last, and nothing else is altered`(before: String, after: String) throws {
        #expect(try add("/a b --exclude=x", to: before) == after)
    }

    @Test(arguments: ["", "a", "/a\n## ENTRY /b", " /a", "/a ", "/a/../b", "/a\r", "--exclude=x", "/a\0"])
    func `is not made of what a config would read otherwise`(words: String) {
        #expect(throws: EntryLines.Unwritable.self) { try EntryLines.entry(Array(words.utf8)) }
    }

    @Test func `may have any other byte`() throws {
        for byte in UInt8.min...UInt8.max where ![0, 10, 13].contains(byte) {
            let path = Array("/a".utf8) + [byte] + Array("b".utf8)
            let entry = try EntryLines.entry(path)
            let text = EntryLines.adding(entry, to: [])
            #expect(WrittenConfig(text).entries.map(\.path) == [path])
        }
    }

    @Test func `is removed by its path, however often and however it is written`() throws {
        let text = "a=1\n## ENTRY /a\n## ENTRY /ab\n##  ENTRY /a/ --exclude=x\n# /a\n"
        let path = try EntryLines.entry(Array("/a".utf8)).path
        let left = EntryLines.removing(try #require(.init(absolute: path)), from: Array(text.utf8))
        #expect(String(decoding: left, as: UTF8.self) == "a=1\n## ENTRY /ab\n# /a\n")
    }
}
