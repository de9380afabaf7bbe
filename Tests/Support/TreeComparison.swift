import Glibc
import Model

/// Two trees compared name by name through descriptors.
///
/// At most one descriptor a side is held: the way up is `..`, so that depth has no limit. The trees are the test's own.
package struct TreeComparison {
    /// One line a difference, the path escaped; at most a hundred.
    package private(set) var differences: [String] = []

    private struct Inode: Hashable {
        var device: dev_t
        var number: ino_t
    }

    private struct Side {
        var directory: Handle
        /// The first path under which each inode with several names was met.
        var first: [Inode: [UInt8]] = [:]

        mutating func group(_ status: stat, _ path: () -> [UInt8]) -> [UInt8] {
            guard status.st_nlink > 1, !status.isDirectory else { return path() }
            let inode = Inode(device: status.st_dev, number: status.st_ino)
            if let known = first[inode] { return known }
            let own = path()
            first[inode] = own
            return own
        }
    }

    private var left: Side
    private var right: Side

    package init(_ original: String, _ copy: String) throws {
        left = Side(directory: try Handle(directory: Array(original.utf8)))
        right = Side(directory: try Handle(directory: Array(copy.utf8)))
        try compareMetadata([UInt8(ascii: ".")]) { [UInt8(ascii: ".")] }
        try walk()
    }

    /// Depth first, without recursion: 5,000 levels are no one's stack.
    private mutating func walk() throws {
        var path: [[UInt8]] = []
        var pending = [try names(at: path)]
        while var here = pending.popLast() {
            guard differences.count < 100 else { return }
            guard let name = here.popLast() else {
                if path.popLast() != nil {
                    left.directory = try left.directory.directory(Array("..".utf8))
                    right.directory = try right.directory.directory(Array("..".utf8))
                }
                continue
            }
            pending.append(here)
            guard try compareMetadata(name, path: { Self.join(path).appending(name) }) else { continue }
            left.directory = try left.directory.directory(name)
            right.directory = try right.directory.directory(name)
            path.append(name)
            pending.append(try names(at: path))
        }
    }

    private static func join(_ path: [[UInt8]]) -> [UInt8] { Array(path.joined(separator: [UInt8(ascii: "/")])) }

    /// The names that both sides have, the last first; the others are differences.
    private mutating func names(at path: [[UInt8]]) throws -> [[UInt8]] {
        let (ours, theirs) = (try left.directory.names(), try right.directory.names())
        if ours == theirs { return ours.reversed() }
        let place = Self.join(path)
        let (known, found) = (Set(ours), Set(theirs))
        for name in ours where !found.contains(name) { report(place.appending(name), "is missing") }
        for name in theirs where !known.contains(name) { report(place.appending(name), "is too many") }
        return ours.filter(found.contains).reversed()
    }

    /// Whether the name is a directory on both sides. Its path is long where a tree is deep, and hardly ever asked for.
    @discardableResult
    private mutating func compareMetadata(_ name: [UInt8], path: () -> [UInt8]) throws -> Bool {
        let (ours, theirs) = (try left.directory.status(name), try right.directory.status(name))
        guard ours.kind == theirs.kind else {
            report(path(), "is of another kind")
            return false
        }
        compare(path, "mode", ours.st_mode, theirs.st_mode)
        compare(path, "owner", ours.st_uid, theirs.st_uid)
        compare(path, "group", ours.st_gid, theirs.st_gid)
        compare(path, "modified s", ours.st_mtim.tv_sec, theirs.st_mtim.tv_sec)
        compare(path, "modified ns", ours.st_mtim.tv_nsec, theirs.st_mtim.tv_nsec)
        if !ours.isDirectory, max(ours.st_nlink, theirs.st_nlink) > 1 {
            compare(path, "link of", escaped(left.group(ours, path)), escaped(right.group(theirs, path)))
        }
        switch ours.kind {
        case S_IFREG:
            compare(path, "size", ours.st_size, theirs.st_size)
            if ours.st_size == theirs.st_size { try compareContent(name, path: path, ours, theirs) }
        case S_IFLNK:
            let targets = (try left.directory.target(name), try right.directory.target(name))
            compare(path, "target", escaped(targets.0), escaped(targets.1))
        case S_IFCHR, S_IFBLK: compare(path, "device", ours.st_rdev, theirs.st_rdev)
        default: break
        }
        return ours.isDirectory
    }

    private mutating func compareContent(
        _ name: [UInt8], path: () -> [UInt8], _ ours: stat, _ theirs: stat
    ) throws {
        let (one, other) = (try left.directory.file(name), try right.directory.file(name))
        // Where a hole begins and ends may be rounded; that half of all holes are gone is no rounding.
        let holes = ours.st_size - ours.st_blocks * 512
        if holes > 1 << 17, (theirs.st_blocks - ours.st_blocks) * 512 > holes / 2 {
            report(path(), "has lost its holes: \(theirs.st_blocks) blocks, not \(ours.st_blocks)")
        }
        for range in try one.data(upTo: ours.st_size) + other.data(upTo: ours.st_size) {
            var offset = range.lowerBound
            while offset < range.upperBound {
                let length = min(1 << 20, range.upperBound - offset)
                if try one.read(length, at: offset) != other.read(length, at: offset) {
                    return report(path(), "differs at or after byte \(offset)")
                }
                offset += length
            }
        }
    }

    private mutating func compare<Value: Equatable>(
        _ path: () -> [UInt8], _ what: String, _ ours: Value, _ theirs: Value
    ) {
        if ours != theirs { report(path(), "\(what) is \(theirs), not \(ours)") }
    }

    private mutating func report(_ path: [UInt8], _ what: String) {
        differences.append("\(escaped(path)) \(what)")
    }
}

extension Handle {
    /// Where data lies; what is between are holes.
    func data(upTo end: off_t) throws -> [Range<off_t>] {
        let (seekData, seekHole): (Int32, Int32) = (3, 4)
        var ranges: [Range<off_t>] = []
        var offset: off_t = 0
        while offset < end {
            let start = lseek(raw, offset, seekData)
            if start < 0 { break }
            let stop = try call("lseek") { lseek(raw, start, seekHole) }
            ranges.append(start..<min(stop, end))
            offset = stop
        }
        return ranges
    }

    func read(_ length: Int, at offset: off_t) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: length)
        let count = try call("read") { pread(raw, &bytes, length, offset) }
        return Array(bytes.prefix(Int(count)))
    }
}
