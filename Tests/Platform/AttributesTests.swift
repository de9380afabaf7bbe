import Glibc
import Model
import Platform
import Support
import Testing

@Suite(.temporaryDirectory)
struct AttributesTests {
    private let temporary: TemporaryDirectory
    private var top: Directory { temporary.directory }

    init() throws { temporary = try .current }

    private static let modified = Timestamp(seconds: -5, nanoseconds: 123_456_789)

    private static let list = AccessControlList(entries: [
        .init(tag: .owner, permissions: 7), .init(tag: .user, qualifier: 12345, permissions: 4),
        .init(tag: .group, permissions: 4), .init(tag: .namedGroup, qualifier: 999, permissions: 5),
        .init(tag: .mask, permissions: 4), .init(tag: .other, permissions: 0),
    ])

    private func metadata(_ kind: FileKind, mode: UInt16) -> Metadata {
        Metadata(kind: kind, mode: mode, owner: geteuid(), group: getegid(), modified: Self.modified)
    }

    @Test func `a plain file has none`() throws {
        try temporary.write("plain", "x")
        #expect(try top.openFile("plain").attributes(kind: .regular).attributes == .none)
    }

    @Test func `ACLs, attributes, mode and times arrive as they were read`() throws {
        let wanted = Attributes(
            accessList: Self.list,
            extended: [
                .init(name: Array("user.a".utf8), value: [0, 1, 2]),
                .init(name: Array("user.b".utf8), value: []),
            ])
        try temporary.write("file", "x")
        #expect(try top.apply(to: "file", metadata(.regular, mode: 0o740), wanted) == [])
        #expect(try top.attributes(of: "file", kind: .regular) == FoundAttributes(attributes: wanted, unsupported: []))
        #expect(try top.attributes(of: "file", kind: .regular).attributes == wanted)
        #expect(try top.status(of: "file").stamp.metadata.modified == Self.modified)
        #expect(try top.status(of: "file").stamp.metadata.mode == 0o740)
    }

    @Test func `a large attribute is read whole`() throws {
        let large = ExtendedAttribute(name: Array("user.large".utf8), value: [UInt8](repeating: 3, count: 3000))
        try temporary.write("file", "x")
        #expect(try top.apply(to: "file", metadata(.regular, mode: 0o600), Attributes(extended: [large])) == [])
        #expect(try top.attributes(of: "file", kind: .regular).attributes.extended == [large])
    }

    @Test func `a directory gets exactly what is wanted, and loses the rest`() throws {
        try top.makeDirectory("d")
        let directory = try top.openDirectory("d")
        let before = Attributes(
            accessList: Self.list, defaultList: Self.list,
            extended: [.init(name: Array("user.old".utf8), value: [1])])
        #expect(try directory.apply(metadata(.directory, mode: 0o750), before) == [])
        #expect(try directory.attributes().attributes == before)
        try directory.makeNode("inherits", kind: .regular)
        #expect(try directory.attributes(of: "inherits", kind: .regular).attributes.accessList != nil)

        let after = Attributes(extended: [.init(name: Array("user.new".utf8), value: [2])])
        #expect(try directory.apply(metadata(.directory, mode: 0o705), after) == [])
        #expect(try directory.attributes().attributes == after)
        #expect(try directory.status().stamp.metadata.mode == 0o705)
        #expect(try directory.status().stamp.metadata.modified == Self.modified)
        let plain = metadata(.regular, mode: 0o604)
        #expect(try directory.apply(to: "inherits", plain, .none, exactly: true) == [])
        #expect(try directory.attributes(of: "inherits", kind: .regular).attributes == .none)
        #expect(try directory.status(of: "inherits").stamp.metadata.mode == 0o604)
    }

    @Test(arguments: [FileKind.fifo, .socket, .symlink])
    func `what cannot be opened gets its mode and times, and its target is left alone`(kind: FileKind) throws {
        try temporary.write("target", "x", mode: 0o600)
        let before = try top.status(of: "target")
        if kind == .symlink {
            try top.makeSymlink("name", target: Array("target".utf8))
        } else {
            try top.makeNode("name", kind: kind)
        }
        #expect(try top.apply(to: "name", metadata(kind, mode: 0o777), .none) == [])
        #expect(try top.status(of: "name").stamp.metadata.modified == Self.modified)
        #expect(try top.status(of: "name").stamp.metadata.mode == 0o777)
        #expect(try top.status(of: "target") == before)
        #expect(try top.attributes(of: "name", kind: kind).attributes == .none)
    }

    @Test(.enabled(if: isRoot(), "owners, trusted attributes and capabilities need root"))
    func `owner, setuid, trusted attributes and capabilities survive each other`() throws {
        // CAP_NET_BIND_SERVICE, permitted and effective, as of revision 2.
        let capability: [UInt8] = [1, 0, 0, 2, 0, 4, 0, 0] + [UInt8](repeating: 0, count: 12)
        let wanted = Attributes(extended: [
            .init(name: Array("security.capability".utf8), value: capability),
            .init(name: Array("trusted.t".utf8), value: [9]),
        ])
        var metadata = metadata(.regular, mode: 0o6755)
        metadata.owner = 4321
        metadata.group = 8765
        try temporary.write("file", "x")
        #expect(try top.apply(to: "file", metadata, wanted) == [])
        #expect(try top.attributes(of: "file", kind: .regular).attributes == wanted)
        let found = try top.status(of: "file").stamp.metadata
        #expect([UInt32(found.mode), found.owner, found.group] == [0o6755, 4321, 8765])

        try top.makeSymlink("link", target: Array("file".utf8))
        metadata.kind = .symlink
        let trusted = Attributes(extended: [.init(name: Array("trusted.s".utf8), value: [7])])
        #expect(try top.apply(to: "link", metadata, trusted) == [])
        #expect(try top.attributes(of: "link", kind: .symlink).attributes == trusted)
        #expect(try top.status(of: "link").stamp.metadata.owner == 4321)
        #expect(try top.attributes(of: "file", kind: .regular).attributes == wanted)
    }

    @Test(.enabled(if: isRoot(), "device nodes need root")) func `a device node keeps its number and gets its owner`()
        throws
    {
        try top.makeNode("null", kind: .characterDevice, device: DeviceNumber(major: 1, minor: 300))
        var metadata = metadata(.characterDevice, mode: 0o666)
        metadata.owner = 77
        #expect(try top.apply(to: "null", metadata, .none) == [])
        let found = try top.status(of: "null").stamp.metadata
        #expect(found.device == DeviceNumber(major: 1, minor: 300))
        #expect(found.owner == 77)
        #expect(found.mode == 0o666)
    }

    @Test func `what an ordinary user may not set is told, and setuid is not given to the wrong owner`() throws {
        try temporary.write("file", "x")
        var metadata = metadata(.regular, mode: 0o4755)
        metadata.owner = 4321
        let trusted = Attributes(extended: [.init(name: Array("trusted.t".utf8), value: [1])])
        let refused = FaultPlan("fchownat", .fail(EPERM))
        let refusedToo = FaultPlan("fsetxattr", .fail(EPERM))
        let lacking = try FaultPlan.during([refused, refusedToo]) {
            try top.apply(to: "file", metadata, trusted)
        }
        #expect(lacking == ["owner", "trusted.t", "setuid"])
        #expect(try top.status(of: "file").stamp.metadata.mode == 0o755)
    }
}
