import Catalog
import Glibc
import Model
import Platform
import Support
import Testing

/// Two programs that write to one catalog: who takes in a push, and who works on the trees.
@Suite(.temporaryDirectory) struct `Two who write` {
    @Test(.timeLimit(.minutes(2))) func `take turns, though one of them would never stop`() throws {
        let push = try TemporaryDirectory.current.catalog()
        let other = try TemporaryDirectory.current.catalog()
        _ = try push.begin(at: someTime, boot: "boot")
        try push.put(directory(0, nil, 1))
        let turns = Monitor(0)
        let thread = try Platform.Thread.spawn("other") { [turns] in
            for seconds in 1...20 {
                try? other.restartInterval(at: Moment(time: Timestamp(seconds: Int64(seconds))))
                turns.with { $0 += 1 }
                usleep(3_000)
            }
        }
        // Each of its transactions is long, and the next one begins when it ends.
        var rounds = 0
        while turns.with({ $0 }) < 20, rounds < 1000 {
            rounds += 1
            try push.put(file(1, "a", object: Int64(rounds)))
            usleep(60_000)
            try push.flush()
        }
        // Without a gap some four hundred: it would have to be lucky.
        thread.join()
        #expect(rounds <= 150, "\(rounds) rounds")
        #expect(try other.lastRotation().rotated?.time == Timestamp(seconds: 20))
        #expect(try push.names() == ["1/a=\(rounds)"])
    }

    @Test func `find what the other wrote, also in the midst of reading`() throws {
        let push = try TemporaryDirectory.current.catalog()
        try push.generation([directory(0, nil, 1), file(1, "a", object: 1), file(1, "b", object: 2)])
        try push.generation([file(1, "a", object: 3), file(1, "b", object: 4)])
        let other = try TemporaryDirectory.current.catalog()
        _ = try push.begin(at: someTime, boot: "boot")
        var count = 0
        try other.differences(from: Generation(1), to: Generation(2)) { _ in
            count += 1
            try push.put(file(1, "c", object: Int64(10 + count)))
            try push.flush()
            if count == 2 { try push.noteRelinking(of: ObjectNumber(7)) }
            try other.noteRelinking(of: ObjectNumber(Int64(5 + count)))
        }
        #expect(count == 2)
        #expect(try push.relinkings() == [6, 7].map(ObjectNumber.init(_:)))
        #expect(try push.names() == ["1/a=3", "1/b=4", "1/c=12"])
    }

    @Test(.enabled(if: LoopFileSystem.isPossible(.ext4), "needs root, mkfs.ext4 and loop devices"))
    func `one that lost what it wrote writes nothing that builds on it`() throws {
        let disk = try LoopFileSystem(.ext4, size: "16M")
        let path = "\(disk.path)/catalog.sqlite"
        let push = try Catalog(path: path, access: .writing)
        _ = try push.begin(at: someTime, boot: "boot")
        try push.put(directory(0, nil, 1))
        try push.flush()
        let filled = try Command("dd", "if=/dev/zero", "of=\(disk.path)/filler", "bs=4096").run()
        #expect(filled.status == 1, "it has room yet: \(filled)")
        let errors = [
            #expect(throws: CatalogError.self) {
                for number in 1...20_000 {
                    try push.put(file(1, Name(Array("\(number)".utf8)) ?? "x", object: Int64(number)))
                }
                try push.flush()
            },
            #expect(throws: CatalogError.self) {
                try Command("rm", "\(disk.path)/filler").check()
                // There is room again; but what was put before is gone.
                try push.setListingDigest(ListingDigest(rawValue: 1), of: .root)
            }, #expect(throws: CatalogError.self) { try push.flush() },
        ]
        for error in errors { #expect(error?.problem == .noSpace, "\(String(describing: error))") }
        let after = try Catalog(path: path, access: .writing)
        #expect(try after.names() == [])
        var digests: [ListingDigest?] = []
        try after.index { digests.append($0.digest) }
        #expect(digests == [nil])
    }
}
