import Model
import Wire

/// One of every message, with the ends of the ranges of its fields.
enum Samples {
    static func stamp(_ kind: FileKind, size: UInt64 = 0, device: DeviceNumber = DeviceNumber()) -> Stamp {
        Stamp(
            metadata: Metadata(
                kind: kind, mode: 0o7777, owner: .max - 1, group: 0, size: size,
                modified: Timestamp(seconds: -1, nanoseconds: 999_999_999), device: device),
            inode: .max, links: .max, changed: Timestamp(seconds: .max))
    }

    static let place = Inquiry(directory: DirectoryNumber(1 << 60), ordinal: .max)
    static let digest = ContentDigest(low: .max, high: 1)
    static let list = AccessControlList(entries: [
        .init(tag: .owner, permissions: 7), .init(tag: .user, qualifier: .max, permissions: 0),
        .init(tag: .other, permissions: 4),
    ])
    static let attributes = Attributes(
        accessList: list, defaultList: list,
        extended: [
            ExtendedAttribute(name: Array("security.capability".utf8), value: [0, 255]),
            ExtendedAttribute(name: Array("user.a".utf8), value: []),
        ])
    static let counts: PushCounts = {
        var counts = PushCounts()
        (counts.directories, counts.entries, counts.listings, counts.answers) = (1, .max, 3, 4)
        (counts.changed, counts.removed, counts.bytesSeen, counts.contentBytes) = (5, 6, 7, 8)
        (counts.leftOut, counts.notes) = (9, 10)
        return counts
    }()

    static let longest = Name([UInt8](repeating: 0xFF, count: 255))!

    static let listing = Listing(
        directory: .root, head: .init(own: stamp(.directory), inodesLast: true, fileSystem: .max, verifies: true),
        entries: [
            .init(name: "a", what: .file(stamp(.regular, size: UInt64(Int64.max)))),
            .init(name: "b", what: .directory(DirectoryNumber(2))),
            .init(name: "c", what: .kept),
            .init(name: "d", what: .file(stamp(.symlink, size: 4_096))),
            .init(name: "e", what: .file(stamp(.blockDevice, device: DeviceNumber(major: .max, minor: 1)))),
            .init(name: "f", what: .file(stamp(.fifo))), .init(name: "g", what: .file(stamp(.socket))),
            .init(name: longest, what: .file(stamp(.characterDevice))),
        ], tail: .init(digest: ListingDigest(rawValue: 7)))

    static let queries: [Query] =
        [
            .nights, .list(.night(6), Path()), .list(.generation(Generation(1 << 60)), Path([longest])),
            .versions(Path(["etc"])),
        ]
        + [("*.c", nil), ("/home/*/[a-z]", .date(Timestamp(seconds: -1)))].compactMap { written, choice in
            (try? FindPattern(Array(written.utf8))).map { .find($0, choice) }
        }

    static let orders: [WrittenOrder] = {
        guard let pattern = try? PathPattern(Array("usr/*/bob".utf8)) else { return [] }
        let parts = [
            RestorePart(customer: Array("col00214".utf8), base: Path(["mnt", longest]), pattern: .empty),
            RestorePart(base: Path(), pattern: pattern),
        ]
        return [
            WrittenOrder(RestoreOrder(night: .night(0), parts: parts, format: .zst, holdDays: nil), .list),
            WrittenOrder(
                RestoreOrder(night: .generation(Generation(1)), parts: [parts[0]], holdDays: Limits.holdDays), .archive),
        ]
    }()

    static let findings: [Finding] = {
        let state = KeptTree.State(
            number: Generation(1 << 60), uuid: "a-b", pushed: Timestamp(seconds: -1), isValid: true, files: .max,
            bytes: 1, changed: 2, newBytes: 3)
        let held = KeptTree.Held(name: longest, path: Path(["a", longest]))
        let metadata = stamp(.blockDevice, device: DeviceNumber(major: 8, minor: .max)).metadata
        return [
            .kept(KeptTree(night: 6, state: state, holds: [held, held], goes: Timestamp(seconds: 9))),
            .kept(KeptTree(night: nil, state: nil, holds: [], goes: nil)),
            .trouble(.neverPushed), .trouble(.heldBack(reason: "all gone")),
            .trouble(.failed(Timestamp(seconds: 1, nanoseconds: 2), reason: "no room")),
            .file(ListedFile(name: nil, metadata: metadata, hasList: true, links: .max, target: nil)),
            .file(
                ListedFile(
                    name: longest, metadata: stamp(.symlink, size: 1).metadata, hasList: false, links: 1,
                    target: [0xFF])),
            .version(
                FileVersion(
                    nights: [0, 6], holds: [longest], metadata: stamp(.regular, size: .max >> 1).metadata,
                    hasList: true, until: Timestamp(seconds: 5), digest: digest, target: nil)),
            .version(
                FileVersion(
                    nights: [], holds: [], metadata: metadata, hasList: false, until: nil, digest: nil, target: nil)),
            .path(FoundPath(path: Path([longest, "b"]), nights: [0, 1, 2, 3, 4, 5, 6], holds: ["x", longest])),
        ]
    }()

    static let summary: RestoreSummary = {
        var summary = RestoreSummary(generation: Generation(7), pushed: Timestamp(seconds: 1))
        (summary.members, summary.bytes, summary.leftOutCount, summary.damagedCount) = (.max, 1, 2, 3)
        return summary
    }()

    static let ofAgent: [AgentMessage] =
        [
            .hello(Hello(purpose: .check, release: "1.0", host: Array("jail".utf8), backupdir: [0xFF])),
            .hello(
                Hello(
                    purpose: .push, release: "", host: [], backupdir: [], share: VerifyShare(rawValue: .max),
                    hasHints: true)),
            .hello(Hello(purpose: .channel, release: "", host: [], backupdir: [0x2F], token: token)),
            .listing(listing),
            .listing(Listing(directory: .root, head: nil, entries: [], tail: nil)),
            .listing(Listing(directory: .root, head: nil, entries: [], tail: .init(digest: nil))),
            .run(ContentRun(place: place, offset: 0, bytes: [UInt8](repeating: 3, count: Limits.run))),
            .run(ContentRun(place: place, runs: runs(2, 7), offset: 1 << 40, bytes: [1])),
            .hello(Hello(purpose: .push, release: "", host: [], backupdir: [], wholeFiles: true)),
            .copied(CopiedRun(place: place, runs: runs(2, 7), offset: 1 << 62, source: 0, length: Limits.copy)),
            .copied(CopiedRun(place: place, runs: runs(0, 0), offset: 0, source: 1 << 62, length: 1)),
            .unavailable(place, .vanished, RunCount()), .unavailable(place, .kept, runs(1, 1)),
            .directoryKept(.root), .directoryGone(DirectoryNumber(1 << 60)),
            .issue(Issue(path: [0x2F, 0xE9], reason: .leased, detail: "held", line: 7)),
            .progress(entries: .max, bytes: 0), .complete(counts), .abort("interrupted"),
            .entry(EntrySighting(path: Path([longest]), fileSystem: FileSystemIdentity(kind: .max, number: .max))),
            .entry(EntrySighting(path: Path(), fileSystem: FileSystemIdentity(kind: 0, number: 0))),
        ] + queries.map { .question($0) } + orders.map { .order($0) }
        + [
            (stamp(.regular, size: 9), Answer.Body.known(digest)),
            (stamp(.regular, size: 9), .content(digest, offset: 4, rest: [1, 2, 3, 4, 5])),
            (stamp(.regular, size: 0), .content(digest, offset: 0, rest: [])),
            (stamp(.symlink, size: 1), .target([0x78])), (stamp(.fifo), .none), (stamp(.directory), .none),
        ].map { stamp, body in
            .answer(
                Answer(
                    place: place, runs: runs(0, 300), stamp: stamp, attributes: attributes, body: body,
                    isUnsettled: true))
        }

    static let token = ChannelToken(high: .max - 1, low: 1)

    /// Runs of a file.
    static func runs(_ first: UInt64, _ next: UInt64) -> RunCount {
        RunCount(first: first, next: next) ?? RunCount()
    }

    static let ofServer: [ServerMessage] =
        [
            .welcome(
                Welcome(
                    release: "1.0", generation: Generation(1 << 60), nextDirectory: DirectoryNumber(2), seed: .max,
                    room: 1 << 50,
                    continues: true, isFullWalkDue: false, token: token)),
            .joined,
            .welcome(
                Welcome(
                    release: "", generation: Generation(1), nextDirectory: DirectoryNumber(2), seed: 0, room: 0,
                    continues: false, isFullWalkDue: true)),
            .index([], isLast: true),
            .index(
                [
                    IndexEntry(number: .root, parent: .aboveRoot, name: nil, digest: nil),
                    IndexEntry(
                        number: DirectoryNumber(1 << 60), parent: .root, name: longest,
                        digest: ListingDigest(rawValue: 1),
                        identity: IndexEntry.Identity(inode: .max, changed: Timestamp(seconds: 1))),
                    IndexEntry(
                        number: DirectoryNumber(2), parent: .root, name: "a", digest: nil,
                        identity: IndexEntry.Identity(inode: 1, changed: Timestamp(seconds: -1, nanoseconds: 5))),
                ], isLast: false),
            .requests(Requests(directory: .root, items: [])),
            .requests(
                Requests(
                    directory: .root,
                    items: [
                        .init(ordinal: 0, want: .attributes), .init(ordinal: 1, want: .content),
                        .init(ordinal: 2, want: .delta(unless: digest)),
                        .init(ordinal: .max, want: .contentUnless(digest)),
                    ])),
            .signatures(
                SignaturePart(
                    place: place, seed: .max, length: .max, first: 1 << 20,
                    entries: [UInt8](repeating: 9, count: Limits.signatures), isLast: false)),
            .signatures(SignaturePart(place: place, seed: 0, length: 0, first: 0, entries: [], isLast: true)),
            .verdict(place, .taken), .verdict(place, .sendWhole),
            .gone(Departed(directory: .root, name: longest, kind: .blockDevice)),
            .working(.synchronizing, done: 1, total: .max),
            .committed(Generation(3), counts),
            .refused(Refusal(code: .tryLater, text: "another push is under way")),
            .archive([UInt8](repeating: 7, count: Limits.run)), .archive([]),
            .leftOut(Path([longest])), .declined(RestoreRefusal(.notFound, "/no is in no night")),
            .damaged(RestoreSummary.Damage(path: Path(["a"]), reason: "its content is another", goodNights: [0, 6])),
            .restored(summary),
        ] + findings.map { .finding($0) } + QueryOutcome.allCases.map { .answered($0) }
}
