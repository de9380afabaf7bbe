/// A small file system of its own in a file, mounted for a test. Root only.
package final class LoopMount {
    private let scratch: Scratch
    private let place: String

    /// - Parameters:
    ///   - maker: what makes it, with options; it is given the image's path: `mkfs.ext4 -q`.
    ///   - place: the directory over which it is mounted.
    package init(_ maker: [String], megabytes: Int = 64, on place: String) throws {
        scratch = try Scratch("loop")
        self.place = place
        try Command("truncate", "-s", "\(megabytes)M", scratch["image"]).check()
        try Command(maker + [scratch["image"]]).check()
        try Command("mount", "-o", "loop", scratch["image"], place).check()
    }

    deinit { _ = try? Command("umount", "--lazy", place).run() }

    /// Whether this machine lets us mount one; a container often does not.
    package static let isPossible: Bool = {
        guard testsRunAsRoot, isInstalled("mkfs.ext4"), let scratch = try? Scratch("mount") else { return false }
        return (try? LoopMount(["mkfs.ext4", "-q"], on: scratch.path)) != nil
    }()
}
