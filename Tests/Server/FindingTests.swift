import Catalog
import Model
import Storage
import Testing
import Wire

@testable import Server

/// What a listing says, against what the catalog holds.
@Suite struct `A listing against the rows` {
    let old = stamp(size: 10, changed: 1)

    @Test func `says nothing of names that have not moved`() throws {
        let found = try findings(
            in: [.init(name: "a", what: .file(old))], firstOrdinal: 1, against: [row("a", old)], inodesLast: true)
        #expect(found.isEmpty)
    }

    @Test func `asks for what is new, and ends what is gone`() throws {
        let held = row("b", old)
        let found = try findings(
            in: [.init(name: "a", what: .file(old)), .init(name: "c", what: .kept)], firstOrdinal: 7, against: [held],
            inodesLast: true)
        let lack = Lack(name: "a", ordinal: 7, seen: old, want: .content, held: nil)
        #expect(found == [.lacking(lack), .gone(held)])
    }

    @Test func `asks only for a digest where the size is what it was`() throws {
        let held = row("a", old)
        let touched = stamp(size: 10, changed: 2)
        let found = try findings(
            in: [.init(name: "a", what: .file(touched))], firstOrdinal: 1, against: [held], inodesLast: true)
        let want = Want.contentUnless(ContentDigest(low: 1, high: 2))
        #expect(found == [.lacking(Lack(name: "a", ordinal: 1, seen: touched, want: want, held: held))])
    }

    @Test func `asks for content that did not move where it is verified, and for nothing else`() throws {
        let held = row("a", old)
        let link = stamp(kind: .symlink, changed: 1)
        var undigested = row("b", old)
        undigested.digest = nil
        let found = try findings(
            in: [
                .init(name: "a", what: .file(old)), .init(name: "b", what: .file(old)),
                .init(name: "c", what: .file(link)),
            ], firstOrdinal: 1, against: [held, undigested, row("c", link)], inodesLast: true, verifies: true)
        let want = Want.contentUnless(ContentDigest(low: 1, high: 2))
        #expect(
            found == [
                .lacking(Lack(name: "a", ordinal: 1, seen: old, want: want, held: held, isVerification: true))
            ])
    }

    @Test func `calls a change no verification, in a directory that is verified`() throws {
        let touched = stamp(size: 10, changed: 2)
        let entries = [Listing.Entry(name: "a", what: .file(touched))]
        for verifies in [false, true] {
            let found = try findings(
                in: entries, firstOrdinal: 1, against: [row("a", old)], inodesLast: true, verifies: verifies)
            guard case .lacking(let lack)? = found.first else {
                Testing.Issue.record("it was not asked for")
                continue
            }
            #expect(!lack.isVerification)
        }
    }

    @Test func `takes a new inode for no change where inodes do not last`() throws {
        var renumbered = old
        renumbered.inode = 0
        let entries = [Listing.Entry(name: "a", what: .file(renumbered))]
        #expect(try findings(in: entries, firstOrdinal: 1, against: [row("a", old)], inodesLast: false).isEmpty)
        #expect(try findings(in: entries, firstOrdinal: 1, against: [row("a", old)], inodesLast: true).count == 1)
    }

    @Test func `keeps a row whose name could not be looked at`() throws {
        let found = try findings(
            in: [.init(name: "a", what: .kept)], firstOrdinal: 1, against: [row("a", old)], inodesLast: true)
        #expect(found.isEmpty)
    }

    @Test func `knows a directory by its number, and takes any other for a new one`() throws {
        var held = row("d", stamp(kind: .directory, changed: 1))
        held.child = DirectoryNumber(5)
        let same = [Listing.Entry(name: "d", what: .directory(DirectoryNumber(5)))]
        let other = [Listing.Entry(name: "d", what: .directory(DirectoryNumber(6)))]
        #expect(try findings(in: same, firstOrdinal: 1, against: [held], inodesLast: true).isEmpty)
        #expect(
            try findings(in: other, firstOrdinal: 1, against: [held], inodesLast: true)
                == [.newDirectory("d", DirectoryNumber(6), held: held)])
    }

    @Test func `refuses a directory that is listed as a file`() {
        let entries = [Listing.Entry(name: "a", what: .file(stamp(kind: .directory, changed: 1)))]
        #expect(throws: WireError.self) {
            try findings(in: entries, firstOrdinal: 1, against: [], inodesLast: true)
        }
    }
}

/// What an answer means for the trees.
@Suite struct `An answer` {
    let digest = ContentDigest(low: 1, high: 2)

    @Test(arguments: [
        // The ctime alone moved: the inode stays.
        (stamp(size: 10, changed: 2), Deed.keep),
        // chmod: what a tree carries is another inode's.
        (stamp(size: 10, mode: 0o600, changed: 2), .copy(.newest(Place(DirectoryNumber(1), "a")))),
        // Another inode of one name, the same in all: it may stand for it.
        (stamp(size: 10, changed: 2, inode: 77), .keep),
        // Another inode with a second name: two files that must not become one.
        (stamp(size: 10, changed: 2, inode: 77, links: 2), .copy(.newest(Place(DirectoryNumber(1), "a")))),
        (stamp(size: 10, changed: 2, links: 2), .keep),
    ])
    func `with the content that is held`(seen: Stamp, expected: Deed) throws {
        let answer = answer(seen, .known(digest))
        let held = row("a", stamp(size: 10, changed: 1))
        #expect(
            try deed(for: answer, held: held, origin: nil, asked: .contentUnless(digest), open: Generation(2))
                == expected)
    }

    @Test func `copies from the staging what this push has staged`() throws {
        var held = row("a", stamp(size: 10, changed: 1))
        held.since = Generation(2)
        let answer = answer(stamp(size: 10, mode: 0o600, changed: 2), .known(digest))
        #expect(
            try deed(for: answer, held: held, origin: nil, asked: .contentUnless(digest), open: Generation(2))
                == .copy(.staged(Place(DirectoryNumber(1), "a"))))
    }

    @Test func `cannot name a digest that it was not asked for`() {
        let answer = answer(stamp(size: 10, changed: 2), .known(ContentDigest(low: 9, high: 9)))
        #expect(throws: WireError.self) {
            try deed(
                for: answer, held: row("a", stamp(size: 10, changed: 1)), origin: nil, asked: .contentUnless(digest),
                open: Generation(2))
        }
    }

    @Test func `makes a symlink anew when its target moved`() throws {
        var held = row("a", stamp(kind: .symlink, size: 3, changed: 1))
        held.target = Array("old".utf8)
        let seen = stamp(kind: .symlink, size: 3, changed: 2)
        let make = { (target: String) in
            try deed(
                for: answer(seen, .target(Array(target.utf8))), held: held, origin: nil, asked: .attributes,
                open: Generation(2))
        }
        #expect(try make("new") == .make)
        #expect(try make("old") == .keep)
    }
}

private func stamp(
    kind: FileKind = .regular, size: UInt64 = 0, mode: UInt16 = 0o644, changed: Int64, inode: UInt64 = 42,
    links: UInt32 = 1
) -> Stamp {
    Stamp(
        metadata: Metadata(
            kind: kind, mode: mode, owner: 0, group: 0, size: size, modified: Timestamp(seconds: 1_000)),
        inode: inode, links: links, changed: Timestamp(seconds: changed))
}

private func row(_ name: Name, _ stamp: Stamp) -> Row {
    Row(
        directory: DirectoryNumber(1), name: name, since: Generation(1), stamp: stamp,
        digest: stamp.metadata.kind == .regular ? ContentDigest(low: 1, high: 2) : nil, object: ObjectNumber(9))
}

private func answer(_ stamp: Stamp, _ body: Answer.Body) -> Answer {
    Answer(
        place: Inquiry(directory: DirectoryNumber(1), ordinal: 1), stamp: stamp, attributes: .none, body: body,
        isUnsettled: false)
}
