import Model

/// Every kind of file that a backup has to carry, and every name that has broken one.
///
/// Devices, foreign owners, file capabilities, and the attributes of trusted and security need root; as another user
/// they are left out, and `leftOut` says so.
package struct TortureTree {
    /// Patterns of rsync for what it cannot judge in reasonable time: the sparse file of 1 TiB.
    package static let beyondRsync = ["/holes/tebibyte"]

    package let leftOut: String?
    private let literal: TreeLiteral

    package init() {
        var tree: TreeLiteral = [
            "names": .directory(Self.names), "kinds": .directory(Self.kinds), "modes": .directory(Self.modes),
            "times": TreeNode.directory(Self.times).modified(86_400, 1), "links": .directory(Self.links),
            "holes": .directory(Self.holes), "attributes": .directory(Self.attributes),
        ]
        if testsRunAsRoot { tree = tree + ["root": .directory(Self.onlyRoot)] }
        literal = tree
        leftOut = testsRunAsRoot ? nil : "devices, owners, capabilities, trusted and security attributes (not root)"
    }

    /// Makes it below an existing directory. rsync can judge all but `beyondRsync`.
    package func build(in path: String) throws {
        if let leftOut { print("left out of the torture tree: \(leftOut)") }
        try literal.build(in: path)
    }

    private static func name(_ bytes: [UInt8]) -> Name {
        guard let name = Name(bytes) else { preconditionFailure("not a name") }
        return name
    }

    private static let names: TreeLiteral = [
        "plain": "plain", "with space": "", " leading": "", "trailing ": "", "new\nline": "newline", "tab\t": "",
        "\u{1B}[31mred": "escape", "-rf": "a leading dash", "--delete": "", "back\\slash": "", "*": "", "?": "",
        "[a-z]": "", "'quote'": "", "\"double\"": "", "$(touch pwned)": "", "`id`": "", ";": "", "|": "", "#": "",
        "%s%n": "", "~": "", "...": "", ".hidden": "", ".nightjar": "", "\u{E9}": "composed", "e\u{301}": "decomposed",
        "\u{202E}txt.exe": "right to left", "\u{7F}": "", "\r": "",
        name([0xFF]): "no text at all", name([0xC0, 0xAF]): "overlong slash", name([0xED, 0xA0, 0x80]): "surrogate",
        name([0x80, 0x0A, 0xFE]): ["inside": "x"], name([0x01]): "",
        name([UInt8](repeating: 0x61, count: 255)): "255 bytes", name([UInt8](repeating: 0xFE, count: 255)): ["x": "y"],
    ]

    private static let kinds: TreeLiteral = [
        "empty file": "", "empty directory": [:], "fifo": TreeNode.fifo.mode(0o600), "socket": .socket,
        "dangling": .symlink("nowhere/at all"), "absolute": .symlink("/etc/passwd"), "loop": .symlink("loop"),
        "up": .symlink("../../../.."), "to directory": .symlink("empty directory"),
        "255": .symlink(bytes: [UInt8](repeating: 0x74, count: 255)),
        "4095": .symlink(bytes: [UInt8](repeating: 0x74, count: 4_095)),
        "not text": .symlink(bytes: [0xFF, 0x0A, 0x1B]),
        "deep": ["er": ["and": ["deeper": ["still": "found"]]]],
        "large": .file(bytes: (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }),
        "at the limit": .file(bytes: [UInt8](repeating: 0x6C, count: 131_072)),
        "over the limit": .file(bytes: [UInt8](repeating: 0x6F, count: 131_073)),
        "zeros": .file(bytes: [UInt8](repeating: 0, count: 100_000)),
    ]

    private static let modes: TreeLiteral = [
        "setuid": TreeNode.file("u").mode(0o4755), "setgid": TreeNode.file("g").mode(0o2755),
        "sticky": TreeNode.file("t").mode(0o1644), "all": TreeNode.file("all").mode(0o7777),
        "sticky directory": TreeNode.directory([:]).mode(0o1777),
        "setgid directory": TreeNode.directory(["inside": "x"]).mode(0o2775),
        "no write": TreeNode.directory(["inside": TreeNode.file("x").mode(0o400)]).mode(0o555),
        "write only": TreeNode.file("w").mode(testsRunAsRoot ? 0o222 : 0o622),
    ]

    private static let times: TreeLiteral = [
        "before 1970": TreeNode.file("old").modified(-86_400, 999_999_999), "epoch": TreeNode.file("").modified(0, 0),
        "one ns": TreeNode.file("").modified(1_000_000_000, 1),
        "after 2038": TreeNode.file("far").modified(4_000_000_000, 123_456_789),
        "symlink": TreeNode.symlink("old").modified(-1, 5), "fifo": TreeNode.fifo.modified(2, 3),
        "directory": TreeNode.directory(["in it": "x"]).modified(1_111_111_111, 111_111_111),
        "far directory": TreeNode.directory([:]).modified(4_111_111_111, 999_999_999),
    ]

    private static let links: TreeLiteral = [
        "one": ["a": "shared content", "b": .hardLink(to: "links/one/a")],
        "two": ["c": .hardLink(to: "links/one/a"), "d": ["e": .hardLink(to: "links/one/a")]],
        "symlink": .symlink("one/a"), "symlink again": .hardLink(to: "links/symlink"),
        "fifo": .fifo, "fifo again": .hardLink(to: "links/fifo"),
    ]

    private static let holes: TreeLiteral = [
        "tebibyte": .sparse(
            [Piece(0, Array("first".utf8)), Piece(1 << 39, Array("middle".utf8))], length: 1 << 40),
        "all hole": .sparse([], length: 1 << 20),
        "begins": .sparse([Piece(1 << 20, [1])], length: 1_048_577),
        "ends": .sparse([Piece(0, [2])], length: 3 << 20),
        "many": .sparse(comb, length: 64 * 65_536),
    ]

    private static let comb = (0..<64).map { Piece($0 * 65_536, [UInt8($0 + 1)]) }

    private static let attributes: TreeLiteral = [
        "user": TreeNode.file("x").attribute("user.colour", "red").attribute("user.empty", ""),
        "binary": TreeNode.file("x").attribute("user.bytes", "0x00ff0a1b"),
        "long": TreeNode.file("x").attribute("user.long", String(repeating: "v", count: 2_000)),
        "directory": TreeNode.directory(["in it": "x"]).attribute("user.on", "a directory"),
        "access": TreeNode.file("x").access("u:1234:rw,g:4321:r"),
        "read only": TreeNode.file("x").attribute("user.kept", "yes").mode(0o444),
        "inherits": TreeNode.directory(["x": "made before"]).inherited("u:1234:rwx,g::r").access("u:99:x"),
        "shared": TreeNode.file("y").attribute("user.shared", "1"), "shared too": .hardLink(to: "attributes/shared"),
    ]

    private static let onlyRoot: TreeLiteral = [
        "null": TreeNode.character(1, 3).mode(0o666), "large numbers": .character(4_000, 1_000_000),
        "loop": TreeNode.block(7, 0).mode(0o660).owner(0, 6),
        "owned": TreeNode.file("x").owner(1_234, 4_321),
        "owned setuid": TreeNode.file("x").owner(1_234, 4_321).mode(0o6711),
        "owned link": TreeNode.symlink("x").owner(4_000_000_000, 5), "owned fifo": TreeNode.fifo.owner(7, 8),
        "owned directory": TreeNode.directory(["x": TreeNode.file("").owner(1, 2)]).owner(3, 4).mode(0o2750),
        "unreadable": TreeNode.file("secret").mode(0), "unreadable directory": TreeNode.directory(["x": "y"]).mode(0),
        "capable": TreeNode.file("ping").mode(0o755).capability("cap_net_raw+ep"),
        "capable and owned": TreeNode.file("x").owner(5, 5).mode(0o755).capability("cap_net_raw,cap_chown+eip"),
        "trusted": TreeNode.file("x").attribute("trusted.overlay.opaque", "y"),
        "security": TreeNode.file("x").attribute("security.nightjar", "kept"),
        "link attribute": TreeNode.symlink("x").attribute("trusted.on", "a symlink"),
        "device attribute": TreeNode.character(1, 5).attribute("trusted.on", "a device"),
    ]
}
