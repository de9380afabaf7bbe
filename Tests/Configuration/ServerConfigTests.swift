import Glibc
import Model
import Platform
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
        #expect(config.rotateInterval == 20 * 3600)
        #expect(config.brakeShrink == 50)
        #expect(config.brakeChange == 80)
        #expect(config.staleAfter == 36 * 3600)
        #expect(config.fullEvery == 7 * 86400)
        #expect(config.fullWalkEvery == 7 * 86400)
        #expect(config.mailto == "root")
        #expect(config.sendmail == ["/usr/sbin/sendmail", "-t", "-oi"].map { Array($0.utf8) })
        #expect(config.warnings.isEmpty)
    }

    @Test func `that cannot be looked at is not taken for one that is missing`() {
        let error = FaultPlan("open", .fail(EACCES)).during {
            #expect(throws: ConfigError.self) { try ServerConfig.load() }
        }
        #expect(error?.description == "/etc/nightjar/server.conf: Permission denied")
        let none = FaultPlan("open", .fail(ENOENT)).during { try? ServerConfig.load() }
        #expect(none == ServerConfig())
    }

    @Test(arguments: [("4096", UInt64(4096)), ("2K", 2048), ("3M", 3 << 20), ("1g", 1 << 30), ("0", 0)])
    func `knows sizes with a letter`(text: String, bytes: UInt64) throws {
        #expect(try read("reserve=\(text)\n").reserve == bytes)
    }

    @Test(arguments: [("90s", Int64(90)), ("15m", 900), ("20h", 72_000), ("7D", 604_800), ("2w", 1_209_600), ("0h", 0)])
    func `knows times with a letter`(text: String, seconds: Int64) throws {
        let config = try read(
            "rotate-interval=\(text)\nstale-after=\(text)\nfull-every=\(text)\nfull-walk-every=\(text)\n")
        #expect(
            [config.rotateInterval, config.staleAfter, config.fullEvery, config.fullWalkEvery]
                == [seconds, seconds, seconds, seconds])
    }

    @Test func `takes percentages, an address and a command`() throws {
        let config = try read(
            "brake-shrink=0%\nbrake-change=100\nmailto=\"staff@example.net\"\nsendmail=/bin/mta  -t\n")
        #expect([config.brakeShrink, config.brakeChange] == [0, 100])
        #expect(config.mailto == "staff@example.net")
        #expect(config.sendmail == ["/bin/mta", "-t"].map { Array($0.utf8) })
        #expect(config.warnings.isEmpty)
    }

    @Test(arguments: [
        "rotate-interval=20", "rotate-interval=h", "stale-after=-1h", "full-every=9223372036854775807w",
        "full-every=1.5d", "brake-shrink=101%", "brake-change=%", "brake-change=50%%", "brake-shrink=\u{DF}",
        "mailto=", "mailto=r\u{1}t", "sendmail=", "rotate-interval=1\u{663}h",
    ])
    func `names the line of a setting that is no value of its key`(line: String) {
        let error = #expect(throws: ConfigError.self) { try read("data=/srv\n\n\(line)\n") }
        #expect(error?.problems.map(\.line) == [3])
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
