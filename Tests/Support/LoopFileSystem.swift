import Glibc

/// A file system of a test's own in a file, mounted by a loop device; root only. Unmounted with the last reference.
package final class LoopFileSystem: Sendable {
    private let scratch: Scratch
    /// Where it is mounted.
    package let path: String

    package enum Kind: String, Sendable, CaseIterable, CustomStringConvertible {
        case ext4, xfs, btrfs

        package var description: String { rawValue }
        fileprivate var maker: [String] { ["mkfs.\(rawValue)", "-q"] + (self == .ext4 ? ["-F"] : ["-f"]) }
    }

    /// - Parameters:
    ///   - size: as truncate(1) takes it; an xfs wants 300M, a btrfs 150M.
    ///   - options: more for its mkfs.
    ///   - place: a directory over which it is mounted; nil for one of its own.
    package init(_ kind: Kind, size: String, options: [String] = [], on place: String? = nil) throws {
        scratch = try Scratch(kind.rawValue, in: Scratch.inMemory ?? "/tmp")
        path = try place ?? scratch.directory("mounted")
        try Command("truncate", "-s", size, scratch["image"]).check()
        try Command(kind.maker + options + [scratch["image"]]).check()
        try mount()
    }

    /// Keeps it as it is now for `rewind`. Nothing may be open in it.
    package func keep() throws { try copy(scratch["image"], to: scratch["kept"]) }

    /// Makes it what it was when `keep` was called: the same inodes, under the same path.
    package func rewind() throws { try copy(scratch["kept"], to: scratch["image"]) }

    /// Makes other bytes, as many, of these on its disk, wherever they stand, and mounts it again: no file knows of it.
    /// - Returns: in how many places. Nothing may be open in it.
    @discardableResult
    package func damage(_ bytes: String, into others: String) throws -> Int {
        try Command("umount", path).check()
        let program = """
            import sys
            name, old, new = sys.argv[1], sys.argv[2].encode(), sys.argv[3].encode()
            assert len(old) == len(new)
            image = open(name, "r+b")
            content = image.read()
            at = content.find(old)
            while at >= 0:
                image.seek(at); image.write(new); print(at)
                at = content.find(old, at + 1)
            """
        let places = try Command("python3", "-c", program, scratch["image"], bytes, others).check().lines.count
        try mount()
        return places
    }

    /// Has the kernel take its disk for one that turns (`1`) or not (`0`).
    package func setRotational(_ word: String) throws {
        let device = try Command("findmnt", "-n", "-o", "SOURCE", path).check().text
        let name = device.split(separator: "/").last.map { String($0.filter { !$0.isWhitespace }) } ?? ""
        try Command("sh", "-c", "echo \(word) > /sys/block/\(name)/queue/rotational").check()
    }

    /// Whether the kernel may be told that here: in a container `/sys` may be for reading only.
    package static let mayTurn: Bool =
        isPossible(.ext4) && (try? LoopFileSystem(.ext4, size: "16M").setRotational("0")) != nil

    private func copy(_ image: String, to other: String) throws {
        try Command("umount", path).check()
        try Command("cp", "--sparse=always", image, other).check()
        try mount()
    }

    private func mount() throws { try Command("mount", "-o", "loop", scratch["image"], path).check() }

    deinit {
        // Something may still be looking at it.
        _ = try? Command("umount", "-l", path).run()
    }

    /// Whether this machine lets a test make and mount file systems of these kinds; tried once.
    package static func isPossible(_ kinds: Kind...) -> Bool { kinds.allSatisfy { possible[$0] == true } }

    private static let possible: [Kind: Bool] = Dictionary(
        uniqueKeysWithValues: Kind.allCases.map { kind in
            guard testsRunAsRoot, isInstalled("mkfs.\(kind)") else { return (kind, false) }
            return (kind, (try? LoopFileSystem(kind, size: "300M")) != nil)
        })
}
