import Support
import Testing

/// What a first push of many small files costs beside the files themselves, counted on both sides together.
@Suite(.enabled(if: isInstalled("strace"), "needs strace")) struct `Many small files` {
    private static let files = 400
    private let jail: Jail
    private let calls: [TracedCall]

    /// A push of files in twenty directories, each in one of its own, below the entry.
    init() throws {
        jail = try Jail(on: BackupServer())
        let script = """
            for d in $(seq 20); do
                mkdir -p place-$d/deep-$d
                for f in $(seq 20); do echo "$d $f" > place-$d/deep-$d/small-$f; done
            done
            """
        try Command("sh", "-ec", "cd '\(jail.source)'; \(script)").check()
        calls = try jail.trace(
            "openat,openat2,statx,mkdirat,linkat,renameat,renameat2,unlinkat,getdents64,pwrite64,sendto,"
                + "fsync,fdatasync,sync_file_range,msync,syncfs")
        try expectSameTree(jail.source, jail.copy)
    }

    /// Calls in which a descriptor is of this place, or lies below it.
    private func calls(_ names: Set<Substring>, at place: String) -> [TracedCall] {
        calls.filter { names.contains($0.name) && $0.description.contains("<\(place)") }
    }

    @Test func `are synchronized all together, and none by itself`() {
        let alone = calls.filter { ["fsync", "fdatasync", "sync_file_range", "msync"].contains($0.name) }
        // SQLite synchronizes its files, and the directory that has them.
        let others = alone.filter { !$0.description.contains(".sqlite") && !$0.description.contains("/.nightjar>") }
        #expect(!alone.isEmpty && others.isEmpty, "\(others.prefix(5))")
        // What is staged, the tree that becomes 0, and the names that change places.
        #expect(calls.count { $0.name == "syncfs" } == 3)
    }

    @Test func `are reached by one name at a time, below directories that are open already`() {
        let ways: Set<Substring> = [
            "openat", "openat2", "statx", "mkdirat", "linkat", "renameat", "renameat2", "unlinkat",
        ]
        let names = calls.filter { ways.contains($0.name) }.map(\.quoted).joined()
            .filter { ["place-", "deep-", "small-"].contains(where: $0.contains) }
        #expect(names.count >= 2 * Self.files && !names.contains { $0.contains("/") }, "\(names.count)")
    }

    @Test func `are opened once on the jail, and each directory is read once`() {
        let opened = calls(["openat", "openat2"], at: jail.source)
        #expect(opened.count { $0.quoted.first?.hasPrefix("small-") == true } == Self.files)
        #expect(opened.count { $0.quoted.first?.hasPrefix("deep-") == true } == 20)
        // The second of two calls finds that there is no more.
        #expect(calls(["getdents64"], at: "\(jail.source)/place-7/deep-7").count == 2)
    }

    @Test func `are read by several threads at once, and written by several`() {
        let readers = calls(["openat"], at: jail.source).filter {
            $0.quoted.first?.hasPrefix("small-") == true
        }
        #expect(Set(readers.map(\.thread)).count > 1)
        let writers = calls(["pwrite64"], at: "\(jail.server.data)/\(jail.name)/.nightjar/incoming/")
        #expect(writers.count == Self.files && Set(writers.map(\.thread)).count > 1, "\(writers.count)")
    }

    @Test func `cross the wire many at a time, both ways`() {
        let sends = calls.filter { $0.name == "sendto" }
        #expect(!sends.isEmpty && sends.count < Self.files, "\(sends.count)")
    }
}
