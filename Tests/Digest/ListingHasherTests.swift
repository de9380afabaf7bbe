import Digest
import Model
import Testing

struct ListingHasherTests {
    private static let stamp = Stamp(
        metadata: Metadata(
            kind: .regular, mode: 0o644, owner: 1, group: 2, size: 3, modified: Timestamp(seconds: 4, nanoseconds: 5),
            device: DeviceNumber(major: 1, minor: 2)),
        inode: 6, links: 1, changed: Timestamp(seconds: 7, nanoseconds: 8))

    private static let changes: [(String, @Sendable (inout Stamp) -> Void)] = [
        ("kind", { $0.metadata.kind = .fifo }), ("mode", { $0.metadata.mode += 1 }),
        ("owner", { $0.metadata.owner += 1 }), ("group", { $0.metadata.group += 1 }),
        ("size", { $0.metadata.size += 1 }), ("mtime", { $0.metadata.modified.seconds += 1 }),
        ("mtime ns", { $0.metadata.modified.nanoseconds += 1 }), ("major", { $0.metadata.device.major += 1 }),
        ("minor", { $0.metadata.device.minor += 1 }), ("inode", { $0.inode += 1 }), ("links", { $0.links += 1 }),
        ("ctime", { $0.changed.seconds += 1 }), ("ctime ns", { $0.changed.nanoseconds += 1 }),
    ]

    private static func digest(own: Stamp = stamp, seed: UInt64 = 1, _ entries: [(Name, Stamp)]) -> ListingDigest {
        var hasher = ListingHasher(seed: seed)
        hasher.begin(own: own)
        for (name, stamp) in entries { hasher.add(name: name, stamp: stamp) }
        return hasher.finish()
    }

    @Test func `every part of an entry's stamp counts`() {
        let before = Self.digest([("a", Self.stamp)])
        for (part, change) in Self.changes {
            var stamp = Self.stamp
            change(&stamp)
            #expect(Self.digest([("a", stamp)]) != before, "\(part)")
        }
    }

    @Test func `of a child directory only kind, name and inode count`() {
        var child = Self.stamp
        child.metadata.kind = .directory
        let before = Self.digest([("a", child)])
        for (part, change) in Self.changes where part != "kind" {
            var stamp = child
            change(&stamp)
            #expect((Self.digest([("a", stamp)]) != before) == (part == "inode"), "\(part)")
        }
    }

    @Test func `of the directory itself neither size, links nor device count`() {
        let before = Self.digest(own: Self.stamp, [])
        for (part, change) in Self.changes {
            var stamp = Self.stamp
            change(&stamp)
            let counts = !["kind", "size", "links", "major", "minor"].contains(part)
            #expect((Self.digest(own: stamp, []) != before) == counts, "\(part)")
        }
    }

    @Test func `names, their number and the seed count`() {
        let digests = [
            Self.digest([]), Self.digest([("a", Self.stamp)]), Self.digest([("b", Self.stamp)]),
            Self.digest([("a", Self.stamp), ("b", Self.stamp)]), Self.digest(seed: 2, []),
        ]
        #expect(Set(digests).count == digests.count)
    }

    @Test func `a listing longer than the buffer has the digest of all of it, and the next starts anew`() {
        let long = (0..<5000).compactMap { Name(Array("a name of some length, number \($0 + 10000)".utf8)) }
        let entries = long.map { ($0, Self.stamp) }
        var hasher = ListingHasher(seed: 1)
        for _ in 0..<2 {
            hasher.begin(own: Self.stamp)
            for (name, stamp) in entries { hasher.add(name: name, stamp: stamp) }
            #expect(hasher.finish() == Self.digest(entries))
        }
        #expect(Self.digest(Array(entries.dropLast())) != Self.digest(entries))
    }

    @Test func `the digest is what it was: catalogs keep it`() {
        #expect(Self.digest([("a", Self.stamp)]) == ListingDigest(rawValue: 10_350_636_917_660_972_303))
    }
}
