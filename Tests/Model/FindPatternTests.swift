import Testing

@testable import Model

@Suite struct `A pattern of find` {
    /// As a walk asks: names from the jail's `/`, each only below those that may lead to more.
    private func finds(_ written: String, _ path: String) throws -> Bool {
        let pattern = try FindPattern(Array(written.utf8))
        let names = try #require(Path(absolute: Array(path.utf8))).names
        for depth in names.indices.dropLast() where !pattern.leadsThrough(names[depth], below: depth) { return false }
        return pattern.matches(try #require(names.last), below: Array(names.dropLast()))
    }

    @Test(arguments: [
        ("bob", "/usr/home/bob"), ("home/bob", "/usr/home/bob"), ("usr/home/bob", "/usr/home/bob"),
        ("usr/home/bob", "/mnt/usr/home/bob"), ("bob/*", "/usr/home/bob/x"), ("b[ob]b/*.c", "/usr/home/bob/x.c"),
        ("/usr/*/bob", "/usr/home/bob"), ("/usr", "/usr"), ("home/", "/usr/home"), ("\\[a", "/[a"), ("*", "/a/b/c"),
    ])
    func `is compared with the whole path only where it begins with a slash`(written: String, path: String) throws {
        #expect(try finds(written, path))
    }

    @Test(arguments: [
        ("home", "/usr/home/bob"), ("usr/bob", "/usr/home/bob"), ("/home/bob", "/usr/home/bob"),
        ("usr/home/bob", "/home/bob"), ("/usr/home", "/usr/home/bob"), ("/bob", "/usr/home/bob"),
        ("bob/*", "/usr/home/bob"), ("bob/*", "/usr/home/bob/x/y"), ("/usr/*", "/usr/home/bob"), ("a/b", "/b"),
    ])
    func `matches no other path`(written: String, path: String) throws { #expect(try !finds(written, path)) }

    @Test(arguments: ["", "/", "a/../b", "a/.", "[a", "[]", "a[/]b", "[!", "x/[[:digit:]"])
    func `is not what can match nothing`(written: String) {
        #expect(throws: PathPattern.Refusal.self) { try FindPattern(Array(written.utf8)) }
    }
}
