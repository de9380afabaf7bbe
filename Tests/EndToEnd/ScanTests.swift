import Platform
import Support
import Testing

/// The walk goes through a disk as it lies there, with as many threads as it bears.
@Suite(.serialized) struct `The scan` {
    /// Names made in an order that is not theirs, so that their inodes have another.
    private static let names = (0..<60).map { "n\($0 * 37 % 60 + 100)" }

    private static let liesOnDisk =
        (try? Directory.open(Array("/var/tmp".utf8)).fileSystem().inodesLieInOrder) == true

    /// With which of these names a run makes system calls, in the order in which it makes them.
    private func names(in calls: String, of jail: Jail, bound: [String] = []) throws -> [String] {
        try jail.trace(calls, under: bound).compactMap { $0.quoted.first.map(String.init) }.filter(Self.names.contains)
    }

    /// As the file system has them.
    private func byInode(below directory: String) throws -> [String] {
        let listed = try Command(["stat", "-c", "%i %n"] + Self.names.map { "\(directory)/\($0)" }).check().lines
        return listed.map { $0.split(separator: " ") }.sorted { (Int($0[0]) ?? 0) < (Int($1[0]) ?? 0) }
            .map { String($0[1].split(separator: "/").last ?? "") }
    }

    @Test(.enabled(if: isInstalled("strace") && liesOnDisk, "needs strace, and /var/tmp on a disk"))
    func `looks at the names of a directory in the order of their inodes`() throws {
        let place = try Scratch("scan", in: "/var/tmp")
        let jail = try Jail(on: BackupServer())
        jail.entries = [place.path]
        for name in Self.names { try place.write(name, "") }
        let expected = try byInode(below: place.path)
        try #require(expected != expected.sorted())
        #expect(try names(in: "statx", of: jail).prefix(60) == expected[...])
        try expectSameTree(place.path, jail.newest + place.path)
    }

    // In memory, and bound to one processor, a single thread walks: no other comes in between.
    @Test(.enabled(if: isInstalled("strace") && Scratch.inMemory != nil, "needs strace and memory"))
    func `takes the directories below one in the order of their inodes`() throws {
        let place = try Scratch("scan", in: try #require(Scratch.inMemory))
        let jail = try Jail(on: BackupServer())
        jail.entries = [place.path]
        for name in Self.names { try place.directory(name) }
        let expected = try byInode(below: place.path)
        try #require(expected != expected.sorted())
        let status = try Command("cat", "/proc/self/status").check().lines
        let processors = try #require(status.first { $0.hasPrefix("Cpus_allowed_list:") })
        let first = processors.drop { !$0.isNumber }.prefix(while: \.isNumber)
        let bound = ["taskset", "-c", String(first)]
        #expect(try names(in: "openat2,openat", of: jail, bound: bound).prefix(60) == expected[...])
    }

    @Test(.enabled(if: LoopFileSystem.mayTurn, "needs root and loop devices"))
    func `has two threads on a disk that turns, and more on any other`() throws {
        let disk = try LoopFileSystem(.ext4, size: "100M")
        let jail = try Jail(on: BackupServer())
        jail.entries = [disk.path]
        try disk.setRotational("1")
        #expect(try PushRecord(jail.push("--json"))["walkers"] == 2)
        jail.entries.append(jail.source)
        #expect(try PushRecord(jail.push("--json"))["walkers"] == 2, "whatever else there is")
        try disk.setRotational("0")
        jail.entries = [disk.path]
        let walkers = try PushRecord(jail.push("--json"))["walkers"]
        #expect(walkers == 8 || walkers == 4, "\(String(describing: walkers))")
    }
}
