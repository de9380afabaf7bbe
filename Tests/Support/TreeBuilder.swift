import Glibc
import Model

extension TreeLiteral {
    /// Makes the tree below an existing directory. Hard links come last, then, from the leaves up, modes and times.
    package func build(in path: String) throws { try build(in: Array(path.utf8)) }

    package func build(in path: [UInt8]) throws {
        try make(in: path)
        try link(in: path, from: path)
        try finish(in: path)
    }

    private func make(in path: [UInt8]) throws {
        let directory = try Handle(directory: path)
        for (name, node) in entries {
            try directory.make(name.bytes, node)
            if case .directory(let tree) = node.content { try tree.make(in: path.appending(name.bytes)) }
        }
    }

    private func link(in path: [UInt8], from root: [UInt8]) throws {
        for (name, node) in entries {
            let place = path.appending(name.bytes)
            switch node.content {
            case .directory(let tree): try tree.link(in: place, from: root)
            case .hardLink(let target):
                let source = root.appending(target)
                try call("link", place) { source.withPath { from in place.withPath { Glibc.link(from, $0) } } }
            default: break
            }
        }
    }

    private func finish(in path: [UInt8]) throws {
        let directory = try Handle(directory: path)
        for (name, node) in entries {
            if case .directory(let tree) = node.content { try tree.finish(in: path.appending(name.bytes)) }
            try directory.finish(name.bytes, node, path: path.appending(name.bytes))
        }
    }
}

extension Handle {
    func write(_ bytes: [UInt8], at offset: Int64) throws {
        var done = 0
        while done < bytes.count {
            done += try call("write") {
                bytes.withUnsafeBytes {
                    pwrite(raw, $0.baseAddress! + done, $0.count - done, off_t(offset) + off_t(done))
                }
            }
        }
    }

    fileprivate func make(_ name: [UInt8], _ node: TreeNode) throws {
        switch node.content {
        case .file(let data, let length):
            let file = try file(name, O_WRONLY | O_CREAT | O_EXCL)
            for piece in data { try file.write(piece.bytes, at: piece.offset) }
            try call("ftruncate", name) { ftruncate(file.raw, off_t(length)) }
            try call("fchmod", name) { fchmod(file.raw, 0o644) }
        case .directory:
            try call("mkdir", name) { name.withPath { mkdirat(raw, $0, 0o755) } }
        case .symlink(let target):
            try call("symlink", name) { target.withPath { to in name.withPath { symlinkat(to, raw, $0) } } }
        case .fifo: try special(S_IFIFO, name)
        case .socket: try special(S_IFSOCK, name)
        case .device(let kind, let major, let minor):
            try special(kind == .blockDevice ? S_IFBLK : S_IFCHR, name, device(major, minor))
        case .hardLink: break
        }
    }

    private func special(_ kind: mode_t, _ name: [UInt8], _ device: dev_t = 0) throws {
        try call("mknod", name) { name.withPath { mknodat(raw, $0, kind | 0o644, device) } }
    }

    fileprivate func finish(_ name: [UInt8], _ node: TreeNode, path: [UInt8]) throws {
        if case .hardLink = node.content { return }
        if let (owner, group) = node.owner {
            try call("chown", name) { name.withPath { fchownat(raw, $0, owner, group, AT_SYMLINK_NOFOLLOW) } }
        }
        if let mode = node.mode {
            try call("chmod", name) { name.withPath { fchmodat(raw, $0, mode_t(mode), 0) } }
        }
        for attribute in node.attributes {
            try setAttribute(attribute.name, attribute.value, of: path)
        }
        if let list = node.accessList { try setAccessList(list, of: path) }
        if let list = node.defaultList { try setDefaultList(list, of: path) }
        if let capability = node.capability {
            try Command([Array("setcap".utf8), Array(capability.utf8), path]).check()
        }
        if let modified = node.modified { try setModified(name, modified) }
    }

    /// Sets the time of last change, of a symlink itself too.
    func setModified(_ name: [UInt8], _ time: Timestamp) throws {
        let moment = timespec(tv_sec: Int(time.seconds), tv_nsec: Int(time.nanoseconds))
        try call("utimensat", name) { name.withPath { utimensat(raw, $0, [moment, moment], AT_SYMLINK_NOFOLLOW) } }
    }
}

/// The kernel's number of a device; Glibc's `makedev` is a macro that Swift does not see.
private func device(_ major: UInt32, _ minor: UInt32) -> dev_t {
    let (major, minor) = (dev_t(major), dev_t(minor))
    return (major & 0xFFF) << 8 | (major & ~0xFFF) << 32 | (minor & 0xFF) | (minor & ~0xFF) << 12
}

func setAttribute(_ name: String, _ value: String, of path: [UInt8]) throws {
    try Command(["setfattr", "-h", "-n", name, "-v", value, "--"].map { Array($0.utf8) } + [path]).check()
}

func setAccessList(_ list: String, of path: [UInt8]) throws {
    try Command(["setfacl", "-m", list, "--"].map { Array($0.utf8) } + [path]).check()
}

func setDefaultList(_ list: String, of path: [UInt8]) throws {
    try Command(["setfacl", "-d", "-m", list, "--"].map { Array($0.utf8) } + [path]).check()
}
