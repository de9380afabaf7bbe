import Model
import Testing

private func path(_ text: String) throws -> Path { try #require(Path(absolute: Array(text.utf8))) }

@Suite struct `A customer's root` {
    private let entries = [
        "/etc", "/mnt/data1/69.55.238.98-col00214-DIR/usr/home", "/mnt/data1/69.55.238.98-col00214-DIR/etc",
        "/mnt/data2/69.55.238.98-col00214-DIR/data", "/mnt/data1/69.55.238.98-col0021-DIR",
        "/mnt/data1/col00300-DIR/usr", "/mnt/data1/other/col00214-x/usr", "/mnt/data1/col00214/usr", "/mnt/data1",
        "/srv/data1/69.55.238.98-col00400-DIR/usr",
    ]

    private func roots(_ customer: String, _ written: String = "/mnt/data*/*-DIR") throws -> [String] {
        try CustomerRoots(Array(written.utf8)).roots(of: Array(customer.utf8), among: entries.map(path)).map(
            \.description)
    }

    @Test func `is the part of an entry's path that the pattern is for, on every disk, once`() throws {
        #expect(
            try roots("col00214") == [
                "/mnt/data1/69.55.238.98-col00214-DIR", "/mnt/data2/69.55.238.98-col00214-DIR",
            ])
        #expect(try roots("col0021") == ["/mnt/data1/69.55.238.98-col0021-DIR"])
        #expect(try roots("col00300") == ["/mnt/data1/col00300-DIR"])
    }

    @Test(arguments: [
        "", "DIR", "col", "col002140", "ol00214", "*", "col00400", "98-col00214", "col00214-DIR", "x", "mnt",
    ])
    func `is nobody's whose name is only a part of a word, or stands in the pattern`(customer: String) throws {
        #expect(try roots(customer).isEmpty)
    }

    @Test func `is found by any of several patterns`() throws {
        #expect(try roots("col00400", "/mnt/data*/*-DIR  /srv/data?/*-DIR") == ["/srv/data1/69.55.238.98-col00400-DIR"])
        #expect(try roots("DIR", "/mnt/data*/*-DIR /srv/*/*") == [])
    }

    @Test(arguments: ["", "  ", "mnt/*", "/", "/mnt/../x", "/mnt/./x"])
    func `is looked for with absolute patterns only`(written: String) {
        #expect(throws: PathPattern.Refusal.self) { try CustomerRoots(Array(written.utf8)) }
    }

    @Test func `may be called anything`() throws {
        let odd: [UInt8] = Array("/mnt/data1/".utf8) + [0xFF, 0x2D, 0xE9, 0x0A, 0x2D] + Array("DIR/x".utf8)
        let entry = try #require(Path(absolute: odd))
        #expect(CustomerRoots.usual.roots(of: [0xE9, 0x0A], among: [entry]).count == 1)
        #expect(CustomerRoots.usual.root(of: entry)?.names.count == 3)
        #expect(CustomerRoots.usual.root(of: try path("/mnt/data1")) == nil)
    }
}

@Suite struct `What is to be restored` {
    private let entries = ["/mnt/data1/1-bob-DIR/usr", "/mnt/data1/1-eve-DIR/etc", "/mnt/data2/1-eve-DIR/etc", "/etc"]

    /// `BASE:PATTERN`, part by part.
    private func parts(_ words: String...) throws -> [String] {
        try RestorePart.parts(of: words.map { Array($0.utf8) }, among: entries.map(path), .usual).map { part in
            let customer = part.customer.map { String(decoding: $0, as: UTF8.self) } ?? "-"
            return "\(customer) \(part.base):\(String(decoding: part.pattern.bytes, as: UTF8.self))"
        }
    }

    @Test func `is all of a customer, paths in his root, or paths of the jail`() throws {
        #expect(try parts("bob") == ["bob /mnt/data1/1-bob-DIR:"])
        #expect(
            try parts("bob", "usr/x", "etc/*") == ["bob /mnt/data1/1-bob-DIR:usr/x", "bob /mnt/data1/1-bob-DIR:etc/*"])
        #expect(try parts("eve", "etc/") == ["eve /mnt/data1/1-eve-DIR:etc", "eve /mnt/data2/1-eve-DIR:etc"])
        #expect(try parts("/etc//passwd", "/") == ["- /:etc/passwd", "- /:"])
        #expect(
            try parts("/etc", "bob", "usr", "eve") == [
                "- /:etc", "bob /mnt/data1/1-bob-DIR:usr", "eve /mnt/data1/1-eve-DIR:", "eve /mnt/data2/1-eve-DIR:",
            ])
    }

    @Test func `is a customer where a customer has that name, and a path where it has a slash`() throws {
        #expect(try parts("bob", "eve").count == 3)
        #expect(throws: RestoreRefusal.self) { try parts("bob", "./eve") }
        #expect(try parts("bob", "eve/") == ["bob /mnt/data1/1-bob-DIR:eve"])
        #expect(try parts("bob", "bob", "usr", "usr") == ["bob /mnt/data1/1-bob-DIR:", "bob /mnt/data1/1-bob-DIR:usr"])
    }

    @Test func `is in a customer's root where an absolute path after him leads there`() throws {
        let root = "/mnt/data2/1-eve-DIR"
        #expect(
            try parts("eve", "\(root)/etc/p*", "usr") == [
                "eve \(root):etc/p*", "eve /mnt/data1/1-eve-DIR:usr", "eve \(root):usr",
            ])
        #expect(try parts("eve", root) == ["eve \(root):"])
    }

    @Test(arguments: [
        ["bob"], ["eve", "etc", "usr/*"], ["/etc/passwd", "/srv"], ["/etc", "bob", "eve"], ["bob", "bob", "usr", "x"],
        ["bob", "usr", "bob"], ["/"],
    ])
    func `is told again in words that ask for the same`(words: [String]) throws {
        let parts = try RestorePart.parts(of: words.map { Array($0.utf8) }, among: entries.map(path), .usual)
        let told = RestoreOrder(night: .night(0), parts: parts).words
        #expect(told.map { String(decoding: $0, as: UTF8.self) } == words)
    }

    @Test func `is refused where a word stands for nothing`() throws {
        for (words, reason) in [
            (["carl"], .notFound), (["usr/x"], .words), (["bob", ""], .words), (["bob", "../eve"], .words),
            (["/a/.."], .words), (["bob", "a\0b"], .words), ([], .words), (["bob", "/etc"], .words),
            (["bob", "usr", "/etc"], .words), (["bob", "/"], .words), (["bob", "/mnt/data1/1-eve-DIR/etc"], .words),
            (["bob", "/mnt/*/1-bob-DIR/etc"], .words),
        ] as [([String], RestoreRefusal.Reason)] {
            let refusal = #expect(throws: RestoreRefusal.self) {
                try RestorePart.parts(of: words.map { Array($0.utf8) }, among: entries.map(path), .usual)
            }
            #expect(refusal?.reason == reason, "\(words): \(refusal?.description ?? "")")
        }
    }

    @Test func `has names relative to the one base, or to what several have in common`() throws {
        func base(_ words: String...) throws -> String {
            let parts = try RestorePart.parts(of: words.map { Array($0.utf8) }, among: entries.map(path), .usual)
            return RestoreOrder(night: .night(0), parts: parts).base.description
        }
        #expect(try base("bob", "usr", "etc") == "/mnt/data1/1-bob-DIR")
        #expect(try base("eve") == "/mnt")
        #expect(try base("/etc", "bob") == "/")
    }

    @Test func `goes into a file with a name that a file can have`() throws {
        func name(_ customer: [UInt8]?) -> String {
            let part = RestorePart(customer: customer, base: Path(["a"]), pattern: .empty)
            let order = RestoreOrder(night: .night(0), parts: [part], format: .zst)
            return order.fileName(jail: "jail15", date: "2026-11-20").description
        }
        #expect(name(Array("col00214".utf8)) == "restore-jail15-col00214-2026-11-20.tar.zst")
        #expect(name(nil) == "restore-jail15-2026-11-20.tar.zst")
        #expect(name([UInt8](repeating: 0x61, count: 255)).utf8.count < 256)
        #expect(name([0xFF, 0x0A]) == "restore-jail15-\\xFF\\n-2026-11-20.tar.zst")
    }
}
