import Glibc
import Model

/// What went wrong while a test built or looked at a tree: the call, the path, and what the system answered.
package struct FixtureError: Error, CustomStringConvertible {
    package var what: String
    /// Zero where no system call was concerned.
    package var code: Int32

    package init(_ what: String, code: Int32 = 0) {
        self.what = what
        self.code = code
    }

    package var description: String { code == 0 ? what : "\(what): \(String(cString: strerror(code)))" }
}

/// Runs a system call whose failure is a negative result; `subject` is named in the error.
@discardableResult
func call<Result: SignedInteger>(_ what: String, _ subject: [UInt8] = [], _ body: () -> Result) throws -> Result {
    let result = body()
    guard result < 0 else { return result }
    let code = errno
    throw FixtureError("\(what) \(escaped(subject))", code: code)
}

extension [UInt8] {
    /// The bytes with a NUL after them, for a system call.
    func withPath<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        try (self + [0]).withUnsafeBufferPointer { bytes in
            try bytes.withMemoryRebound(to: CChar.self) { try body($0.baseAddress!) }
        }
    }

    /// This path with a name below it.
    package func appending(_ name: [UInt8]) -> [UInt8] { isEmpty ? name : self + [UInt8(ascii: "/")] + name }
    package func appending(_ name: String) -> [UInt8] { appending(Array(name.utf8)) }
}

/// An open descriptor of a test; closed with its last reference.
final class Handle {
    let raw: Int32

    init(_ raw: Int32) { self.raw = raw }
    deinit { close(raw) }

    convenience init(directory path: [UInt8]) throws {
        self.init(try call("open", path) { path.withPath { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) } })
    }

    func directory(_ name: [UInt8]) throws -> Handle {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        return Handle(try call("open", name) { name.withPath { openat(raw, $0, flags) } })
    }

    func file(_ name: [UInt8], _ flags: Int32 = O_RDONLY) throws -> Handle {
        let flags = flags | O_NOFOLLOW | O_CLOEXEC
        return Handle(try call("open", name) { name.withPath { openat(raw, $0, flags, 0o600) } })
    }

    func status(_ name: [UInt8]) throws -> stat {
        var status = stat()
        try call("stat", name) { name.withPath { fstatat(raw, $0, &status, AT_SYMLINK_NOFOLLOW) } }
        return status
    }

    func target(_ name: [UInt8]) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = try call("readlink", name) {
            name.withPath { path in
                buffer.withUnsafeMutableBytes { readlinkat(raw, path, $0.baseAddress!, $0.count) }
            }
        }
        return Array(buffer.prefix(Int(count)))
    }

    /// The names in this directory, in the order of their bytes.
    func names() throws -> [[UInt8]] {
        let stream = fdopendir(try call("dup") { dup(raw) })
        guard let stream else { throw FixtureError("fdopendir", code: errno) }
        defer { closedir(stream) }
        rewinddir(stream)
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }
}

extension stat {
    var kind: mode_t { st_mode & S_IFMT }
    var isDirectory: Bool { kind == S_IFDIR }
}
