import Glibc
import Model
import Testing

@testable import Configuration

private func entry(_ path: String, _ patterns: [String] = [], stays: Bool = false, line: Int) throws -> Entry {
    let path = try #require(Path(absolute: Array(path.utf8)))
    let patterns = try patterns.map { try ExcludePattern(Array($0.utf8)) }
    return Entry(
        path: path, exclusion: Exclusion(patterns: patterns, depth: path.names.count), staysOnFileSystem: stays,
        line: line)
}

/// What a walk by the innermost entry would do with a path.
private func isSaved(_ path: String, by entries: [Entry]) throws -> Bool {
    let path = try #require(Path(absolute: Array(path.utf8)))
    let around = entries.filter { $0.path.contains(path) }
    guard let innermost = around.max(by: { $0.path.names.count < $1.path.names.count }) else { return false }
    return !innermost.exclusion.excludes(path)
}

@Suite struct EntryMergingTests {
    @Test func `repeated and nested entries are merged, with a word`() throws {
        let (entries, notes) = merged([
            try entry("/usr/home", line: 1), try entry("/usr", line: 2), try entry("/usr", line: 3),
            try entry("/usrx", line: 4),
        ])
        #expect(entries.map(\.path.description) == ["/usr", "/usrx"])
        #expect(
            notes.map { "\($0.line ?? 0) \($0.detail)" } == [
                "1 is saved with /usr, the entry of line 2", "3 repeats the entry of line 2",
            ])
    }

    @Test func `an entry that the outer one leaves out is kept as it is`() throws {
        let (entries, notes) = merged([
            try entry("/var", ["cache"], line: 1), try entry("/var/cache/keep", ["*.tmp"], line: 2),
        ])
        #expect(entries.count == 2)
        #expect(notes == [])
        #expect(try !isSaved("/var/cache/x", by: entries))
        #expect(try isSaved("/var/cache/keep/cache", by: entries))
        #expect(try !isSaved("/var/cache/keep/a.tmp", by: entries))
    }

    @Test func `what either entry saves is saved`() throws {
        let (entries, _) = merged([
            try entry("/v", ["*.a", "*.b"], line: 1), try entry("/v/w", ["*.b", "*.c"], line: 2),
        ])
        #expect(entries.count == 2)
        for (path, isKept) in [
            ("/v/x.a", false), ("/v/x.c", true), ("/v/w/x.a", true), ("/v/w/x.c", true), ("/v/w/x.b", false),
            ("/v/w/d.b/x", false), ("/v/w/d.a/x.c", false), ("/v/w/d.a/x", true),
        ] {
            #expect(try isSaved(path, by: entries) == isKept, "\(path)")
        }
    }

    @Test func `of an entry given twice only what both leave out is left out`() throws {
        let (entries, _) = merged([try entry("/v", ["a"], stays: true, line: 1), try entry("/v", ["b"], line: 2)])
        #expect(entries.count == 1)
        #expect(!entries[0].staysOnFileSystem)
        for (path, isKept) in [
            ("/v/a", true), ("/v/b", true), ("/v/a/b", false), ("/v/b/x/a", false), ("/v/a/c", true),
        ] {
            #expect(try isSaved(path, by: entries) == isKept, "\(path)")
            let whole = try #require(Path(absolute: Array(path.utf8)))
            let filter = entries[0].exclusion.filter(in: try #require(whole.parent))
            #expect(filter.excludes(try #require(whole.names.last)) == !isKept, "\(path)")
        }
    }

    @Test func `an entry inside one that stays on its file system is kept`() throws {
        let (entries, _) = merged([try entry("/", stays: true, line: 1), try entry("/data", line: 2)])
        #expect(entries.map(\.staysOnFileSystem) == [true, false])
    }
}

@Suite struct ExclusionTests {
    @Test(arguments: [
        ("*.core", "/v/a.core", true), ("*.core", "/v/a.core/b", true), ("*.core", "/v/core", false),
        ("/v/cache", "/v/cache", true), ("/v/cache", "/v/cache/x", true), ("/v/cache", "/v/w/cache", false),
        ("/v/*/x", "/v/a/x", true), ("/v/*/x", "/v/a/b/x", false), ("a/b", "/v/a/b", true), ("a/b", "/v/w/a/b", true),
        ("a/b", "/v/b", false), ("a/b", "/v/xa/b", false), ("[!a]", "/v/b", true), ("[!a]", "/v/a", false),
        ("v", "/v", false), (".*", "/v/.git", true),
    ])
    func `a pattern against a path below /v`(pattern: String, path: String, isLeftOut: Bool) throws {
        let exclusion = try entry("/v", [pattern], line: 1).exclusion
        let path = try #require(Path(absolute: Array(path.utf8)))
        #expect(exclusion.excludes(path) == isLeftOut)
        // The walk's way: name by name.
        let byWalk = (1..<max(1, path.names.count)).contains { index in
            exclusion.filter(in: Path(Array(path.names[..<index]))).excludes(path.names[index])
        }
        #expect(byWalk == isLeftOut)
    }

    @Test func `patterns say what fnmatch says`() {
        var generator = SystemRandomNumberGenerator()
        let letters = Array("ab*?[]!^-\\:".utf8)
        let bytes = Array("ab[]-!^\\".utf8)
        for _ in 0..<20_000 {
            let pattern = (0..<Int.random(in: 1...7, using: &generator)).map { _ in letters.randomElement() ?? 0 }
            let name = (0..<Int.random(in: 1...5, using: &generator)).map { _ in bytes.randomElement() ?? 0 }
            // Where POSIX leaves the meaning open, ours need not be glibc's.
            if pattern.last == UInt8(ascii: "\\")
                || pattern.contains(UInt8(ascii: "[")) && pattern.contains(where: { "-:\\".utf8.contains($0) })
            {
                continue
            }
            let c = String(decoding: pattern, as: UTF8.self)
            let isMatch = fnmatch(c, String(decoding: name, as: UTF8.self), FNM_PATHNAME) == 0
            #expect(NamePattern(pattern).matches(name) == isMatch, "\(c) \(escaped(name))")
        }
    }

    @Test func `many stars do not make a long name slow`() {
        let pattern = NamePattern(Array(String(repeating: "*a", count: 60).utf8) + [UInt8(ascii: "b")])
        #expect(!pattern.matches([UInt8](repeating: UInt8(ascii: "a"), count: 255)))
    }
}
