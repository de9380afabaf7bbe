import Glibc

/// A small file system of a test's own on a loop device, unmounted when the last reference goes.
package final class LoopFileSystem {
    package static let kinds = ["ext4", "xfs", "btrfs"]

    private let scratch: Scratch
    /// Where it is mounted.
    package let path: String

    /// Throws `Unavailable` where this machine lets nobody mount, or has no mkfs for it.
    package init(_ kind: String, megabytes: Int = 400) throws {
        guard testsRunAsRoot else { throw Unavailable(reason: "only root may mount") }
        scratch = try Scratch("loop")
        path = try scratch.directory("mounted")
        let image = scratch["image"]
        try Command("truncate", "-s", "\(megabytes)M", image).check()
        let steps = [["mkfs.\(kind)", "-q", image], ["mount", "-o", "loop", image, path]]
        for step in steps {
            let outcome = try? Command(step).run()
            if outcome?.status != 0 {
                throw Unavailable(reason: "\(step[0]): \(outcome?.complaint ?? "not installed")")
            }
        }
    }

    deinit { _ = try? Command("umount", "--lazy", path).run() }

    package struct Unavailable: Error, CustomStringConvertible {
        let reason: String
        package var description: String { reason }
    }
}
