import Glibc
import Model
import Platform
import Support
import Testing

@testable import Configuration

@Suite(.temporaryDirectory) struct ConfigFileTests {
    private func refusal(
        of name: String, choice: String? = "--config or $NIGHTJAR_CONFIG"
    ) throws -> String {
        let file = "\(try TemporaryDirectory.current.path)/\(name)"
        let error = try #require(throws: ConfigError.self) { try ConfigFile.read(Array(file.utf8), choice: choice) }
        return error.description.replacing(file, with: "FILE")
    }

    @Test func `a file that only its owner may write is read`() throws {
        try TemporaryDirectory.current.write("c", "backupdir=/d\nserver=h\n## ENTRY /etc\n")
        let file = Array("\(try TemporaryDirectory.current.path)/c".utf8)
        #expect(try ConfigFile.load(file).entries.count == 1)
    }

    @Test(arguments: [0o664, 0o646] as [mode_t]) func `one that others may write is refused`(mode: mode_t) throws {
        try TemporaryDirectory.current.write("c", "")
        #expect(chmod("\(try TemporaryDirectory.current.path)/c", mode) == 0)
        let octal = String(mode, radix: 8)
        #expect(try refusal(of: "c") == "FILE: may be written by others (mode \(octal)); run: chmod go-w FILE")
    }

    @Test(.enabled(if: isRoot(), "only root can give a file away")) func `one of another user is refused`() throws {
        try TemporaryDirectory.current.write("c", "")
        #expect(chown("\(try TemporaryDirectory.current.path)/c", 1234, 1234) == 0)
        #expect(try refusal(of: "c") == "FILE: belongs to user 1234, who could change it; run: chown root FILE")
    }

    @Test func `what is no regular file is refused, without waiting for it`() throws {
        let directory = try TemporaryDirectory.current.directory
        try directory.makeSymlink("link", target: Array("c".utf8))
        try directory.makeNode("fifo", kind: .fifo, mode: 0o600)
        try directory.makeDirectory("dir")
        let remedy = "name the file itself with --config or $NIGHTJAR_CONFIG"
        #expect(try refusal(of: "link") == "FILE: is a symlink; \(remedy)")
        #expect(try refusal(of: "fifo") == "FILE: is not a regular file")
        #expect(try refusal(of: "dir") == "FILE: is not a regular file")
        let missing = "FILE: No such file or directory; write one, or name another with --config or $NIGHTJAR_CONFIG"
        #expect(try refusal(of: "none") == missing)
        #expect(try refusal(of: "none/c") == missing)
    }

    @Test(
        arguments: [
            (
                "$NIGHTJAR_SERVER_CONFIG", "; name the file itself with $NIGHTJAR_SERVER_CONFIG",
                "; write one, or name another with $NIGHTJAR_SERVER_CONFIG"
            ),
            (nil, "; remove it", ""),
        ] as [(String?, String, String)])
    func `what to do instead is what the caller can`(choice: String?, link: String, missing: String) throws {
        try TemporaryDirectory.current.directory.makeSymlink("link", target: Array("c".utf8))
        #expect(try refusal(of: "link", choice: choice) == "FILE: is a symlink" + link)
        #expect(try refusal(of: "none", choice: choice) == "FILE: No such file or directory" + missing)
    }

    @Test func `where the config is looked for`() {
        #expect(ConfigFile.find(option: [1], environment: [2]) == [1])
        #expect(ConfigFile.find(option: nil, environment: [2]) == [2])
        #expect(ConfigFile.find(option: nil, environment: []) == ConfigFile.usualPlace)
    }
}
