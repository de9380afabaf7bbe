import Catalog
import Digest
import Model
import Platform
import Server
import Storage
import Support
import Testing
import Wire

/// Sessions with an agent that keeps to the protocol.
@Suite(.temporaryDirectory) struct `A session` {
    private func root() throws -> DataRoot {
        try DataRoot.make(try #require(Path(absolute: Array(TemporaryDirectory.current.path.utf8))))
    }

    @Test func `asks once for what has several names, and links the others`() throws {
        let peer = try Peer(in: try root())
        var reader = try peer.greet()
        let seen = file(inode: 5, links: 3)
        try peer.send(.listing(listing(["a": seen, "b": seen, "c": file(inode: 6)])))
        #expect(try reader.requests()?.items.map(\.ordinal) == [0, 1, 3])
        try peer.send(.answer(directoryAnswer), .answer(answer(1, seen)), .answer(answer(3, file(inode: 6))))
        try peer.complete(listings: 1, answers: 3)
        #expect(try reader.committed() == Generation(1))
        #expect(peer.hangUp().map(isCommitted) == true)
        let tree = try peer.newest()
        let inodes = try ["a", "b", "c"].map { try tree.status(of: $0).stamp.inode }
        #expect(inodes[0] == inodes[1])
        #expect(inodes[0] != inodes[2])
    }

    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func `asks again for an inode that has become another file's since it was read`(isAnothers: Bool) throws {
        let peer = try Peer(in: try root())
        var reader = try peer.greet()
        let seen = file(inode: 5, links: 2)
        var later = seen
        if isAnothers { later.changed = Timestamp(seconds: 2) }
        var (first, second) = (listing(["a": seen]), listing(["b": later]))
        first.tail = nil
        second.head = nil
        try peer.send(.listing(first))
        #expect(try reader.requests()?.items.map(\.ordinal) == [0, 1])
        try peer.send(.answer(directoryAnswer), .answer(answer(1, seen)))
        // What has arrived is noted with each message, and written while the agent is silent.
        let kept = try #require(try peer.backupdir.catalogForReading())
        while try kept.row(at: Place(.root, "a"), at: Generation(1)) == nil {
            try peer.send(.progress(entries: 1, bytes: 0))
            pause(seconds: 0.3)
        }
        try peer.send(.listing(second))
        #expect(try reader.requests()?.items.map(\.ordinal) == (isAnothers ? [2] : []))
        if isAnothers { try peer.send(.answer(answer(2, later))) }
        try peer.complete(listings: 1, answers: isAnothers ? 3 : 2)
        #expect(try reader.committed() == Generation(1))
        #expect(peer.hangUp().map(isCommitted) == true)
        let tree = try peer.newest()
        let inodes = try ["a", "b"].map { try tree.status(of: $0).stamp.inode }
        #expect((inodes[0] != inodes[1]) == isAnothers)
    }

    /// Sends two names of one inode, the second once the first has come; and then what both are by now.
    /// - Parameters:
    ///   - first: what the listing and the answer say of the first one.
    ///   - second: the same of the second one, for which the server has to ask.
    /// - Returns: whether they are one inode in tree `0`.
    private func areOne(
        _ first: (seen: Stamp, read: Stamp), _ second: (seen: Stamp, read: Stamp), now: Stamp, in root: DataRoot
    ) throws -> Bool {
        let peer = try Peer(in: root)
        var reader = try peer.greet()
        var (before, after) = (listing(["a": first.seen]), listing(["b": second.seen]))
        before.tail = nil
        after.head = nil
        try peer.send(.listing(before), .answer(directoryAnswer), .answer(answer(1, first.read)))
        #expect(try reader.requests()?.items.map(\.ordinal) == [0, 1])
        let kept = try #require(try peer.backupdir.catalogForReading())
        while try kept.row(at: Place(.root, "a"), at: Generation(1)) == nil {
            try peer.send(.progress(entries: 1, bytes: 0))
            pause(seconds: 0.3)
        }
        try peer.send(.listing(after))
        #expect(try reader.requests()?.items.map(\.ordinal) == [2])
        try peer.send(.answer(answer(2, second.read)))
        try peer.complete(listings: 1, answers: 3)
        #expect(try reader.committed() == Generation(1))
        _ = peer.hangUp()

        let next = try Peer(in: root)
        reader = try next.greet()
        try next.send(.listing(listing(["a": now, "b": now])))
        let asked = try reader.requests()?.items ?? []
        for item in asked {
            var same = answer(item.ordinal, now)
            same.body = .known(ContentHasher.digest(of: content))
            try next.send(.answer(same))
        }
        try next.complete(listings: 1, answers: UInt64(asked.count))
        #expect(try reader.committed() == Generation(2))
        _ = next.hangUp()
        let tree = try next.newest()
        return try tree.status(of: "a").stamp.inode == tree.status(of: "b").stamp.inode
    }

    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func `makes two names of an inode one, at the latest in the next push, if it changed between them`(
        isListedBefore: Bool
    ) throws {
        let old = file(inode: 5, links: 2)
        var new = old
        new.changed = Timestamp(seconds: 2)
        // Of the second name the listing may be older than what was read under the first.
        let areOne =
            isListedBefore
            ? try areOne((new, new), (old, new), now: new, in: try root())
            : try areOne((old, old), (new, new), now: new, in: try root())
        #expect(areOne)
    }

    @Test func `names what could not follow a file that could not be read`() throws {
        let peer = try Peer(in: try root())
        var reader = try peer.greet()
        let seen = file(inode: 5, links: 2)
        try peer.send(.listing(listing(["a": seen, "b": seen])))
        try peer.send(
            .answer(directoryAnswer), .unavailable(Inquiry(directory: .root, ordinal: 1), .vanished, RunCount()))
        try peer.complete(listings: 1, answers: 1)
        var issues: [Model.Issue] = []
        while let message = try reader.nextFromServer() {
            if case .issue(let issue) = message { issues.append(issue) }
            if case .committed(_, let counts) = message {
                #expect(counts.leftOut == 1)
                break
            }
        }
        #expect(issues.map(\.path) == [Array("/b".utf8)])
        #expect(peer.hangUp().map(isCommitted) == true)
    }

    @Test(.timeLimit(.minutes(1)))
    func `lets others write to the catalog while it waits for the agent, and can be continued from there`() throws {
        let peer = try Peer(in: try root())
        var reader = try peer.greet()
        try peer.send(.listing(listing(["a": file(inode: 5), "b": file(inode: 6)])))
        #expect(try reader.requests()?.items.count == 3)
        try peer.send(.answer(directoryAnswer), .answer(answer(1, file(inode: 5))))
        // Whoever works on the trees; the agent says nothing more until he is done.
        let locked = try peer.backupdir.lock(holder: "test")
        for number in 1...5 {
            try locked.catalog.restartInterval(at: Moment(time: Timestamp(seconds: Int64(number))))
        }
        let kept = try #require(try peer.backupdir.catalogForReading())
        while try kept.row(of: .root, at: Generation(1)) == nil { pause(seconds: 0.01) }
        try peer.send(.answer(answer(2, file(inode: 6))))
        try peer.complete(listings: 1, answers: 3)
        // The commit waits for him.
        pause(seconds: 0.3)
        #expect(try kept.committed() == .empty)
        withExtendedLifetime(locked) {}
        _ = consume locked
        #expect(try reader.committed() == Generation(1))
        #expect(peer.hangUp().map(isCommitted) == true)
    }

    @Test func `goes on where the last one broke off`() throws {
        let root = try root()
        let names: [Name: Stamp] = ["a": file(inode: 5), "b": file(inode: 6)]
        let first = try Peer(in: root)
        var reader = try first.greet()
        try first.send(.listing(listing(names)), .answer(directoryAnswer), .answer(answer(1, file(inode: 5))))
        #expect(try reader.requests()?.items.count == 3)
        #expect(first.hangUp().map(isCommitted) == false)

        let second = try Peer(in: root)
        reader = try second.greet()
        try second.send(.listing(listing(names)))
        #expect(try reader.requests()?.items.map(\.ordinal) == [2])
        try second.send(.answer(answer(2, file(inode: 6))))
        try second.complete(listings: 1, answers: 1)
        #expect(try reader.committed() == Generation(1))
        #expect(second.hangUp().map(isCommitted) == true)
        #expect(try second.newest().entries().sorted() == ["a", "b"])
    }

    @Test(arguments: [true, false])
    func `goes on with the further names of a file that is there, unless it has changed since`(isSame: Bool) throws {
        let root = try root()
        var seen = file(inode: 5, links: 2)
        let first = try Peer(in: root)
        var reader = try first.greet()
        try first.send(.listing(listing(["a": seen])), .answer(directoryAnswer), .answer(answer(1, seen)))
        #expect(try reader.requests()?.items.count == 2)
        #expect(first.hangUp().map(isCommitted) == false)

        let second = try Peer(in: root)
        reader = try second.greet()
        let before = seen
        if !isSame { seen.changed = Timestamp(seconds: 2) }
        try second.send(.listing(listing(["a": before, "b": seen])))
        #expect(try reader.requests()?.items.map(\.ordinal) == (isSame ? [] : [2]))
        if !isSame { try second.send(.answer(answer(2, seen))) }
        try second.complete(listings: 1, answers: isSame ? 0 : 1)
        #expect(try reader.committed() == Generation(1))
        #expect(second.hangUp().map(isCommitted) == true)
        let tree = try second.newest()
        let inodes = try ["a", "b"].map { try tree.status(of: $0).stamp.inode }
        #expect((inodes[0] == inodes[1]) == isSame)
    }

    /// A first push of one file, committed and ended.
    private func pushedOnce(in root: DataRoot) throws -> Peer {
        let first = try Peer(in: root)
        var reader = try first.greet()
        try first.send(
            .listing(listing(["a": file(inode: 5)])), .answer(directoryAnswer), .answer(answer(1, file(inode: 5))))
        try first.complete(listings: 1, answers: 2)
        #expect(try reader.committed() == Generation(1))
        _ = first.hangUp()
        return first
    }

    @Test func `asks for nothing that it has, and leaves the tree where it is`() throws {
        let root = try root()
        let first = try pushedOnce(in: root)
        let before = try first.newest().status().stamp.inode

        let second = try Peer(in: root)
        var reader = try second.greet()
        try second.send(.listing(listing(["a": file(inode: 5)])))
        #expect(try reader.requests()?.items == [])
        try second.complete(listings: 1, answers: 0)
        #expect(try reader.committed() == Generation(2))
        _ = second.hangUp()
        #expect(try second.newest().status().stamp.inode == before)
    }

    @Test func `asks in a directory that is verified for what it has, and takes only what is of its share`() throws {
        let root = try root()
        _ = try pushedOnce(in: root)

        var verified = listing(["a": file(inode: 5)])
        verified.head?.verifies = true
        // The root is 1, and this would be generation 2.
        let second = try Peer(in: root)
        _ = try second.greet(share: VerifyShare(rawValue: 2))
        try second.send(.listing(verified))
        guard case .refused(let refusal)? = second.hangUp() else {
            Testing.Issue.record("the session was not refused")
            return
        }
        #expect(refusal.text.contains("not of the share"), "it said: \(refusal.text)")

        let third = try Peer(in: root)
        var reader = try third.greet(share: .all)
        try third.send(.listing(verified))
        let digest = ContentHasher.digest(of: content)
        #expect(try reader.requests()?.items == [Requests.Item(ordinal: 1, want: .contentUnless(digest))])
        var same = answer(1, file(inode: 5))
        same.body = .known(digest)
        try third.send(.answer(same))
        try third.complete(listings: 1, answers: 1)
        guard case .committed(_, let counts)? = try reader.last() else { return }
        #expect(counts.changed == 0 && counts.notes == 0)
        _ = third.hangUp()
    }

    @Test func `keeps a file's last good copy when it cannot be read`() throws {
        let root = try root()
        _ = try pushedOnce(in: root)

        let second = try Peer(in: root)
        var reader = try second.greet()
        try second.send(
            .listing(listing(["a": file(inode: 9)])),
            .unavailable(Inquiry(directory: .root, ordinal: 1), .kept, RunCount()))
        try second.complete(listings: 1, answers: 0)
        #expect(try reader.committed() == Generation(2))
        _ = second.hangUp()
        #expect(try second.newest().openFile("a").readAll(atMost: 100) == content)
    }

    @Test func `gives signs of life for as long as a push lasts, though nothing moves`() throws {
        let peer = try Peer(in: try root(), signsEvery: 50)
        var reader = try peer.greet()
        for _ in 0..<3 {
            guard case .working(.receiving, done: 0, total: 0) = try reader.nextFromServer() else {
                Testing.Issue.record("another word than a sign of life")
                return
            }
        }
        try peer.send(.listing(listing([:])), .answer(directoryAnswer))
        try peer.complete(listings: 1, answers: 1)
        #expect(try reader.committed() == Generation(1))
        #expect(try reader.nextFromServer() == nil, "a sign of life after the last word")
        #expect(peer.hangUp().map(isCommitted) == true)
    }

    @Test func `rehearses without making anything`() throws {
        let peer = try Peer(in: try root())
        var reader = try peer.greet(.dryRun)
        try peer.send(.listing(listing(["a": file(inode: 5)])))
        #expect(try reader.requests()?.items.map(\.want) == [.attributes, .content])
        try peer.complete(listings: 1, answers: 0)
        _ = try reader.committed()
        _ = peer.hangUp()
        let backupdir = try Directory.open(peer.backupdir.path)
        #expect(try backupdir.statusIfPresent(of: "0") == nil)
    }

    @Test func `says in a dry run what would go, before it asks for anything`() throws {
        let root = try root()
        let first = try Peer(in: root)
        var reader = try first.greet()
        let seen = file(inode: 5)
        try first.send(
            .listing(listing(["a": seen, "b": file(inode: 6)])), .answer(directoryAnswer), .answer(answer(1, seen)),
            .answer(answer(2, file(inode: 6))))
        try first.complete(listings: 1, answers: 3)
        #expect(try reader.committed() == Generation(1))
        _ = first.hangUp()
        let second = try Peer(in: root)
        reader = try second.greet(.dryRun)
        try second.send(.listing(listing(["a": seen])))
        let gone = ServerMessage.gone(Departed(directory: .root, name: "b", kind: .regular))
        #expect(try reader.nextFromServer() == gone)
        #expect(try reader.requests()?.items == [])
        _ = second.hangUp()
    }

    @Test func `is refused while another holds the lock`() throws {
        let root = try root()
        let first = try Peer(in: root)
        _ = try first.greet()
        let second = try Peer(in: root)
        #expect(throws: Refusal.Code.tryLater) { try second.refusal() }
        _ = first.hangUp()
        _ = second.hangUp()
    }

    @Test func `is refused where the config names another backupdir than the key's`() throws {
        let peer = try Peer(in: try root())
        #expect(throws: Refusal.Code.configuration) { try peer.refusal(backupdir: Array("/data/other".utf8)) }
        _ = peer.hangUp()
    }
}

private func isCommitted(_ outcome: Session.Outcome) -> Bool {
    if case .committed = outcome { true } else { false }
}
