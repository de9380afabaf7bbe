import Glibc
import Model

// The single changes. Each works on paths of the test's own tree, which are short.
extension RandomChanges {
    /// A regular file, opened. An earlier change of the same round may have put a fifo under the path, whose opening would
    /// wait for a reader for ever, or a device, whose opening may do anything: those are passed over.
    private func opened(_ path: [UInt8], _ flags: Int32) throws -> Handle {
        if flags & O_EXCL == 0, try status(path).kind != S_IFREG {
            throw FixtureError("open", code: EINVAL)
        }
        return Handle(
            try call("open", path) { path.withPath { open($0, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o644) } })
    }

    private func status(_ path: [UInt8]) throws -> stat {
        var status = stat()
        try call("stat", path) { path.withPath { lstat($0, &status) } }
        return status
    }

    private func setTime(_ path: [UInt8], _ time: timespec) throws {
        try call("utimensat", path) {
            path.withPath { utimensat(AT_FDCWD, $0, [time, time], AT_SYMLINK_NOFOLLOW) }
        }
    }

    mutating func create(_ path: [UInt8]) throws {
        let file = try opened(path, O_WRONLY | O_CREAT | O_EXCL)
        let size = random.below(10) == 0 ? random.below(400_000) : random.below(6_000)
        try file.write(random.bytes(size), at: 0)
    }

    mutating func makeDirectories(below path: [UInt8]) throws {
        var here = path
        for _ in 0...random.below(4) {
            here = here.appending(freshName())
            try call("mkdir", here) { here.withPath { mkdir($0, 0o755) } }
            for _ in 0..<random.below(4) { try create(here.appending(freshName())) }
        }
    }

    /// The edit that rsync's quick check does not see: the same size, and the same time of last change.
    mutating func rewriteSameSize(_ path: [UInt8], keepTime: Bool) throws {
        let before = try status(path)
        let file = try opened(path, O_WRONLY)
        try file.write(random.bytes(min(Int(before.st_size), 100_000)), at: 0)
        if keepTime { try setTime(path, before.st_mtim) }
    }

    mutating func append(_ path: [UInt8]) throws {
        let file = try opened(path, O_WRONLY)
        try file.write(random.bytes(1 + random.below(3_000)), at: Int64(status(path).st_size))
    }

    /// Cuts a file, or lets it begin again beyond a hole.
    mutating func truncateOrSpread(_ path: [UInt8]) throws {
        let size = Int(try status(path).st_size)
        let file = try opened(path, O_WRONLY)
        if random.below(2) == 0 {
            try call("ftruncate", path) { ftruncate(file.raw, off_t(random.below(size + 1))) }
        } else {
            try file.write(random.bytes(100), at: Int64(size + random.below(3_000_000)))
        }
    }

    mutating func changeMode(_ path: [UInt8]) throws {
        // Root reads all; another user must still be able to read what is to be compared.
        let mode = mode_t(random.below(0o10000)) | (keepsToUser ? 0o700 : 0)
        guard try status(path).kind != S_IFLNK else { return }
        try call("chmod", path) { path.withPath { chmod($0, mode) } }
    }

    mutating func changeOwner(_ path: [UInt8]) throws {
        if keepsToUser { return }
        let (owner, group) = (uid_t(random.below(70_000)), gid_t(random.below(70_000)))
        try call("chown", path) { path.withPath { lchown($0, owner, group) } }
    }

    mutating func changeAttributes(_ path: [UInt8]) throws {
        let kind = try status(path).kind
        guard kind == S_IFREG || kind == S_IFDIR, testsRunAsRoot || access(path) else { return }
        if random.below(4) == 0 {
            _ = try Command([Array("setfattr".utf8), Array("-x".utf8), Array("user.a".utf8), path]).run()
        } else {
            try setAttribute("user.\(["a", "b", "c"][random.below(3)])", "value \(random.below(100))", of: path)
        }
    }

    mutating func changeAccess(_ path: [UInt8]) throws {
        let kind = try status(path).kind
        guard kind == S_IFREG || kind == S_IFDIR, testsRunAsRoot || access(path) else { return }
        let list = "u:\(1_000 + random.below(5)):\(["r", "rw", "rwx", "-"][random.below(4)])"
        switch random.below(4) {
        case 0: _ = try Command([Array("setfacl".utf8), Array("-b".utf8), path]).run()
        case 1 where kind == S_IFDIR: try setDefaultList(list, of: path)
        default: try setAccessList(list, of: path)
        }
    }

    private func access(_ path: [UInt8]) -> Bool { path.withPath { Glibc.access($0, W_OK) == 0 } }

    func rename(_ path: [UInt8], to other: [UInt8]) throws {
        try call("rename", path) { path.withPath { from in other.withPath { Glibc.rename(from, $0) } } }
    }

    func link(_ path: [UInt8], as other: [UInt8]) throws {
        try call("link", path) { path.withPath { from in other.withPath { Glibc.link(from, $0) } } }
    }

    /// The same content under the same name, in an inode of its own.
    mutating func breakLink(_ path: [UInt8]) throws {
        let copy = path + Array(".copy".utf8)
        _ = try Command([Array("cp".utf8), Array("-a".utf8), Array("--".utf8), path, copy]).run()
        try rename(copy, to: path)
    }

    mutating func makeSymlink(_ path: [UInt8]) throws {
        _ = try? remove(path)
        let target = random.bytes(1 + random.below(40)).map { $0 == 0 ? 1 : $0 }
        try call("symlink", path) { target.withPath { to in path.withPath { symlink(to, $0) } } }
    }

    mutating func makeNode(_ path: [UInt8]) throws {
        let kinds = keepsToUser ? [S_IFIFO, S_IFSOCK] : [S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK]
        let kind = kinds[random.below(kinds.count)]
        let device: dev_t = kind == S_IFCHR || kind == S_IFBLK ? dev_t(random.below(0xFFFF)) : 0
        try call("mknod", path) { path.withPath { mknod($0, kind | 0o644, device) } }
    }

    /// The same name, something else.
    mutating func changeKind(_ path: [UInt8]) throws {
        try removeAll(path)
        switch random.below(4) {
        case 0: try create(path)
        case 1: try makeSymlink(path)
        case 2: try makeNode(path)
        default:
            try call("mkdir", path) { path.withPath { mkdir($0, 0o755) } }
            try create(path.appending(freshName()))
        }
    }

    mutating func touch(_ path: [UInt8]) throws {
        try setTime(
            path, timespec(tv_sec: random.below(5_000_000_000) - 500_000_000, tv_nsec: random.below(1_000_000_000)))
    }

    func remove(_ path: [UInt8]) throws {
        try call("unlink", path) { path.withPath { unlink($0) } }
    }

    func removeAll(_ path: [UInt8]) throws {
        guard path != root else { return }
        try Command(["rm", "-rf", "--"].map { Array($0.utf8) } + [path]).check()
    }
}
