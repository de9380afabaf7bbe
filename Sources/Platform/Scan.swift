import CLinux
import Glibc
import Model

/// One name of a directory and what `statx` said of it, packed: a directory may hold millions.
package struct ScannedEntry: Sendable {
    private let inode: UInt64
    private let blocks: UInt64
    private let device: UInt64
    /// A regular file's or symlink's; a device node's number in its place.
    private let size: UInt64
    private let modified: Int64
    private let changed: Int64
    private let modifiedNanoseconds: UInt32
    private let changedNanoseconds: UInt32
    private let owner: UInt32
    private let group: UInt32
    private let links: UInt32
    private let offset: UInt32
    private let length: UInt16
    /// Kind and permissions, as `st_mode`.
    private let mode: UInt16
    private let errorCode: Int16
    private let isMountRoot: Bool
    private let isImmutable: Bool

    fileprivate init(_ listed: ListedName, _ found: linux_status, _ code: Int32) {
        (offset, length) = (UInt32(listed.offset), UInt16(listed.length))
        errorCode = Int16(truncatingIfNeeded: code)
        (inode, blocks, device, mode) = (
            found.inode, found.blocks, found.device, UInt16(truncatingIfNeeded: found.mode)
        )
        let kind = found.mode & 0o170000
        let isDevice = kind == 0o020000 || kind == 0o060000
        size = isDevice ? UInt64(found.major) << 32 | UInt64(found.minor) : found.size
        (modified, modifiedNanoseconds) = (found.modified, found.modified_ns)
        (changed, changedNanoseconds) = (found.changed, found.changed_ns)
        (owner, group, links) = (found.owner, found.group, found.links)
        (isMountRoot, isImmutable) = (found.is_mount_root != 0, found.is_immutable != 0)
    }

    /// Where the name lies in the scan's arena.
    package var nameOffset: Int { Int(offset) }
    package var nameLength: Int { Int(length) }

    /// The error of `statx`; 0 where there was none.
    package var code: Int32 { Int32(errorCode) }

    /// Nil where `statx` failed; `code` says why. A scan does not tell when an inode was made.
    package var status: FileStatus? {
        guard errorCode == 0 else { return nil }
        var found = linux_status()
        (found.inode, found.blocks, found.device, found.mode) = (inode, blocks, device, UInt32(mode))
        found.size = size
        (found.major, found.minor) = (UInt32(truncatingIfNeeded: size >> 32), UInt32(truncatingIfNeeded: size))
        (found.modified, found.modified_ns) = (modified, modifiedNanoseconds)
        (found.changed, found.changed_ns) = (changed, changedNanoseconds)
        (found.owner, found.group, found.links) = (owner, group, links)
        (found.is_mount_root, found.is_immutable) = (isMountRoot ? 1 : 0, isImmutable ? 1 : 0)
        return FileStatus(found)
    }
}

/// A whole directory, read once: every name with its status, in the order of the names' bytes.
///
/// A name that went between the listing and its `statx` is not there. One that came meanwhile may or may not be.
package struct Scan: Sendable {
    /// All names, one after the other, each with a NUL after it.
    package let arena: [UInt8]
    package let entries: [ScannedEntry]

    /// The name, checked: nil is possible only on a file system that hands out what no file system may.
    package func name(of entry: ScannedEntry) -> Name? {
        Name(arena[entry.nameOffset..<entry.nameOffset + entry.nameLength])
    }

    /// The name's bytes for the duration of a call, without a copy.
    @inline(__always)
    package func withName<Answer>(of entry: ScannedEntry, _ body: (UnsafeRawBufferPointer) -> Answer) -> Answer {
        arena.withUnsafeBytes {
            body(UnsafeRawBufferPointer(rebasing: $0[entry.nameOffset..<entry.nameOffset + entry.nameLength]))
        }
    }
}

extension Directory {
    /// Reads the directory from its beginning with the status of every name. One thread at a time may read one
    /// `Directory`.
    /// - Parameters:
    ///   - byInode: whether the names are looked at in the order of their inodes: so a disk of which nothing is in memory
    ///     is read from front to back, and each block of its inodes once.
    ///   - goingOn: is called now and then, as a sign that the file system answers; and with the name of each directory
    ///     before it is looked at, since another file system may begin there.
    package func scan(byInode: Bool = false, _ goingOn: (Name?) -> Void = { _ in }) throws(SystemError) -> Scan {
        let listing = try list { goingOn(nil) }
        return scan(listing.names, in: byInode ? listing.byInode : nil, listing.arena, goingOn)
    }

    /// The same for these names alone, in their order; the directory itself is not read.
    package func scan(of names: [Name], _ goingOn: (Name?) -> Void = { _ in }) -> Scan {
        var arena: [UInt8] = []
        let listed = names.map { name in
            defer { arena += name.bytes + [0] }
            return ListedName(asked: name, at: arena.count)
        }
        return scan(listed, in: nil, arena, goingOn)
    }

    // What a fault plan makes of a statx is that entry's error, as it would be in life.
    private func scan(
        _ names: [ListedName], in order: [UInt32]?, _ arena: [UInt8], _ goingOn: (Name?) -> Void
    ) -> Scan {
        let directory = raw
        var found = linux_status()
        var isInside = true
        var hasGone = false
        var entries = [ScannedEntry](unsafeUninitializedCapacity: names.count) { entries, count in
            arena.withUnsafeBytes { arena in
                guard let arena = arena.baseAddress, let entries = entries.baseAddress else { return }
                for turn in names.indices {
                    let position = order.map { Int($0[turn]) } ?? turn
                    let listed = names[position]
                    let mayLeave = listed.kind == .directory || listed.kind == nil
                    if mayLeave {
                        goingOn(Name(UnsafeRawBufferPointer(start: arena + listed.offset, count: listed.length)))
                    } else if !isInside || turn % 1_024 == 1_023 {
                        goingOn(nil)
                    }
                    isInside = !mayLeave
                    let name = (arena + listed.offset).assumingMemoryBound(to: CChar.self)
                    let code = FaultPlan.strike("statx") ?? -linux_status(directory, name, &found)
                    if code == ENOENT { hasGone = true }
                    (entries + position).initialize(to: ScannedEntry(listed, found, code))
                }
            }
            count = names.count
        }
        if hasGone { entries.removeAll { $0.code == ENOENT } }
        return Scan(arena: arena, entries: entries)
    }
}
