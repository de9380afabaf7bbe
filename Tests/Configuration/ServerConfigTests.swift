import Model
import Testing

@testable import Configuration

@Suite struct `The server's config` {
    private func read(_ text: String) throws -> ServerConfig {
        try ServerConfig(Array(text.utf8), file: Array("server.conf".utf8))
    }

    @Test func `has a default for every key`() throws {
        let config = try read("# nothing\n")
        #expect(config.data == Path(["data"]))
        #expect(config.reserve == 1 << 30)
        #expect(config.warnings.isEmpty)
    }

    @Test(arguments: [("4096", UInt64(4096)), ("2K", 2048), ("3M", 3 << 20), ("1g", 1 << 30), ("0", 0)])
    func `knows sizes with a letter`(text: String, bytes: UInt64) throws {
        #expect(try read("reserve=\(text)\n").reserve == bytes)
    }

    @Test(arguments: ["data=srv", "reserve=much", "reserve=99999999999999T", "reserve=-1", "## ENTRY /etc", "oops"])
    func `names the line that is wrong`(line: String) {
        let error = #expect(throws: ConfigError.self) { try read("data=/srv\n\n\(line)\n") }
        #expect(error?.problems.map(\.line) == [3])
    }

    @Test func `warns of a key that it does not know`() throws {
        #expect(try read("dta=/srv\n").warnings.map(\.line) == [1])
    }
}
