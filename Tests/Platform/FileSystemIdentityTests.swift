import Model
import Platform
import Support
import Testing

@Suite(.temporaryDirectory) struct `The identity of a file system` {
    @Test func `is one for all directories of it`() throws {
        let place = try TemporaryDirectory.current
        try place.directory.makeDirectory("d", mode: 0o755)
        #expect(
            try place.directory.fileSystemIdentity() == place.directory.openDirectory("d").fileSystemIdentity())
    }

    @Test func `is no number where none lasts`() throws {
        let proc = try Directory.open(Array("/proc".utf8)).fileSystemIdentity()
        #expect(proc == FileSystemIdentity(kind: 0x9FA0, number: 0))
        #expect(try proc.differs(from: TemporaryDirectory.current.directory.fileSystemIdentity()))
    }

    @Test(
        .enabled(if: mayMountImages, "mounting images needs root, and loop devices"),
        arguments: ["ext4", "xfs", "btrfs"])
    func `is another for each, and the same when it is mounted anew`(kind: String) throws {
        let place = try TemporaryDirectory.current
        func identity(of image: String) throws -> FileSystemIdentity {
            try Command("mount", "-o", "loop", "\(place.path)/\(image)", "\(place.path)/mounted").check()
            defer { _ = try? Command("umount", "\(place.path)/mounted").check() }
            return try place.directory.openDirectory("mounted").fileSystemIdentity()
        }
        try place.directory.makeDirectory("mounted", mode: 0o755)
        for image in ["one", "two"] {
            try makeImage("\(place.path)/\(image)", kind, size: "320M")
        }
        let (one, two, again) = (try identity(of: "one"), try identity(of: "two"), try identity(of: "one"))
        #expect(one == again && one.number != 0)
        #expect(one.differs(from: two))
    }
}
