import Glibc
import Model
import Platform
import Testing

/// A directory of a test's own, removed with all that is in it when the last reference goes.
package final class TemporaryDirectory: Sendable {
    package let directory: Directory
    /// Absolute.
    package let path: String
    private let parent: Directory
    private let name: Name

    /// - Parameter place: on which file system; `TMPDIR` or `/tmp` if nil.
    package init(in place: String? = nil) throws {
        let place = place ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let random = try randomBytes(8).map { String($0, radix: 16) }.joined()
        guard let name = Name(Array("nightjar-test.\(random)".utf8)) else { throw NoName() }
        self.name = name
        path = "\(place)/nightjar-test.\(random)"
        parent = try Directory.open(Array(place.utf8))
        try parent.makeDirectory(name, mode: 0o755)
        directory = try parent.openDirectory(name)
    }

    deinit { try? parent.removeTree(name) }

    /// The current test's, where the test has the trait `.temporaryDirectory`.
    package static var current: TemporaryDirectory {
        get throws {
            guard let current = scoped else { throw NoTrait() }
            return current
        }
    }

    @TaskLocal fileprivate static var scoped: TemporaryDirectory?

    private struct NoName: Error {}
    private struct NoTrait: Error, CustomStringConvertible {
        var description: String { "the test lacks the trait .temporaryDirectory" }
    }

    /// Writes a file with this content below the directory, and gives its name.
    @discardableResult
    package func write(_ name: Name, _ content: String, mode: UInt16 = 0o644) throws -> Name {
        try write(name, Array(content.utf8), mode: mode)
    }

    /// Writes a file with this content below the directory, and gives its name.
    @discardableResult
    package func write(_ name: Name, _ content: [UInt8], mode: UInt16 = 0o644) throws -> Name {
        try directory.createFile(name, mode: mode).write(content)
        return name
    }

    /// The content of a file below the directory.
    package func read(_ name: Name) throws -> [UInt8] { try directory.openFile(name).readAll(atMost: 1 << 30) }
}

/// Gives each test a `TemporaryDirectory.current` of its own.
package struct TemporaryDirectoryTrait: TestTrait, SuiteTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        try await TemporaryDirectory.$scoped.withValue(directory) { try await function() }
    }
}

extension Trait where Self == TemporaryDirectoryTrait {
    package static var temporaryDirectory: Self { TemporaryDirectoryTrait() }
}
