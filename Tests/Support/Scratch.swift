import Glibc
import Platform

/// A directory of a test, removed with everything in it when the last reference goes, however deep or locked it is.
package final class Scratch: Sendable {
    /// Absolute, short, without a symlink or a space.
    package let path: String

    package init(_ name: String = "test", in place: String = "/tmp") throws {
        var template = Array("\(place)/nightjar-\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FixtureError("mkdtemp", code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        if getenv("NIGHTJAR_KEEP") != nil { return }
        if getuid() != 0 { _ = try? Command("chmod", "-R", "u+rwx", path).run() }
        _ = try? Command("rm", "-rf", path).run()
    }

    /// A file system without a disk and with room for images, where there is one: what is synchronized there costs nothing.
    package static let inMemory: String? = {
        let place = "/dev/shm"
        // In a container it may be a directory like any other.
        guard access(place, W_OK) == 0, let directory = try? Directory.open(Array(place.utf8)),
            (try? directory.fileSystem())?.isInMemory == true
        else { return nil }
        return (try? directory.freeSpace()).map { $0 >= 4 << 30 } == true ? place : nil
    }()

    package var bytes: [UInt8] { Array(path.utf8) }

    /// A path below; nothing is made there.
    package subscript(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a directory below, and its parents.
    @discardableResult
    package func directory(_ name: String) throws -> String {
        try Command("mkdir", "-p", self[name]).check()
        return self[name]
    }

    /// Writes a small file below, and answers its path.
    @discardableResult
    package func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let file = try Handle(directory: bytes).file(Array(name.utf8), O_WRONLY | O_CREAT | O_TRUNC)
        try file.write(Array(text.utf8), at: 0)
        try call("fchmod") { fchmod(file.raw, mode) }
        return self[name]
    }
}

/// Whether the tests run as root, and so may make devices and give files away.
package var testsRunAsRoot: Bool { getuid() == 0 }

/// Whether a program is installed.
package func isInstalled(_ program: String) -> Bool {
    ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin"].contains { access("\($0)/\(program)", X_OK) == 0 }
}
