/// Whether this process may mount an image of a file system: root in a container often may not.
package let mayMountImages: Bool = {
    let programs = ["mkfs.ext4", "mkfs.xfs", "mkfs.btrfs"]
    guard testsRunAsRoot, programs.allSatisfy(isInstalled), let scratch = try? Scratch("image") else { return false }
    do {
        let point = try scratch.directory("mounted")
        try makeImage(scratch["image"], "ext4", size: "8M")
        try Command("mount", "-o", "loop", scratch["image"], point).check()
        try Command("umount", point).check()
        return true
    } catch {
        return false
    }
}()

/// Makes a file that holds an empty file system.
///
/// - Parameter size: as truncate(1) takes it; xfs wants 300M at least.
package func makeImage(_ path: String, _ kind: String, size: String) throws {
    try Command("truncate", "-s", size, path).check()
    try Command("mkfs.\(kind)", "-q", path).check()
}
