import Catalog
import Housekeeping
import Model
import Support
import Testing

/// From the jail's files to the reasons: pushed by the real programs, counted by the catalog.
@Suite struct `What a push left` {
    private let jail: Jail

    init() throws { jail = try Jail("brake", on: BackupServer()) }

    private func source(_ script: String) throws {
        try Command("sh", "-ec", "cd '\(jail.source)'\n\(script)").check()
    }

    /// Why the second push may not become a night after the first.
    private func reasons() throws -> [BrakeReason.Kind] {
        let file = "\(jail.server.data)/\(jail.name)/.nightjar/catalog.sqlite"
        let catalog = try Catalog(path: file, access: .reading)
        let changes = try catalog.entryChanges(from: Generation(1), to: Generation(2))
        #expect(!changes.isEmpty)
        return brake(changes, BrakeLimits(shrink: 50, change: 80)).map(\.kind)
    }

    @Test func `may rotate after a day's work`() throws {
        try source("mkdir d; for i in 1 2 3 4; do echo $i > d/$i; done")
        try jail.push()
        try source("echo more >> d/1; rm d/2; mv d e; echo new > e/new")
        try jail.push()
        #expect(try reasons() == [])
    }

    @Test func `may not after most of it was deleted`() throws {
        try source("mkdir d; for i in 1 2 3 4; do echo $i > d/$i; done")
        try jail.push()
        try source("rm d/1 d/2 d/3")
        try jail.push()
        #expect(try reasons() == [.fewerFiles, .fewerBytes])
    }

    @Test func `may not after 1,200 files were encrypted where they lay`() throws {
        try source("mkdir d; seq 1200 | split -l 1 -a 4 - d/")
        try jail.push()
        try source("for f in d/*; do tr 0-9 a-j < $f > t; mv t $f; done")
        try jail.push()
        #expect(try reasons() == [.altered])
    }

    @Test func `may not after an entry was taken out of the config`() throws {
        try source("echo 1 > file")
        jail.entries.append(try jail.scratch.directory("other"))
        try Command("sh", "-ec", "echo 2 > '\(jail.scratch["other"])/file'").check()
        try jail.push()
        jail.entries.removeLast()
        try jail.push()
        #expect(try reasons() == [.gone])
    }

    @Test(.enabled(if: mayMountImages, "mounting images needs root, and loop devices"))
    func `may not while a disk is not mounted`() throws {
        try makeImage(jail.scratch["disk"], "ext4", size: "8M")
        try Command("mount", "-o", "loop", jail.scratch["disk"], jail.source).check()
        defer { _ = try? Command("umount", jail.source).run() }
        try source("echo precious > file")
        try jail.push()
        try Command("umount", jail.source).check()
        try jail.push()
        #expect(try reasons() == [.fileSystem, .empty])
    }
}
