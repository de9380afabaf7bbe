import Model
import Platform

/// What `/etc/nightjar/server.conf` says: the same lines as a jail's config, without entries. Every key has a default,
/// and so has the file.
package struct ServerConfig: Hashable, Sendable {
    /// Where it is if `$NIGHTJAR_SERVER_CONFIG` names no other.
    package static let usualPlace = Array("/etc/nightjar/server.conf".utf8)

    /// The data root.
    package var data = Path(["data"])
    /// Bytes that a push leaves free on the data root's file system.
    package var reserve: UInt64 = 1 << 30
    /// Seconds between two rotations of a jail, at least.
    package var rotateInterval: Int64 = 20 * 3600
    /// Percent of an entry that may go, and that may change, from one night to the next before rotation stops.
    package var brakeShrink = 50
    package var brakeChange = 80
    /// Seconds after which a jail that did not push is told of.
    package var staleAfter: Int64 = 36 * 3600
    /// Seconds after which a rotation compares whole trees rather than trusting the catalog.
    package var fullEvery: Int64 = 7 * 86400
    /// Seconds after which an agent that is told what changed looks at everything all the same.
    package var fullWalkEvery: Int64 = 7 * 86400
    /// Where customers have their roots on the jails.
    package var customerRoots = CustomerRoots.usual
    /// Who is told of jails that stopped.
    package var mailto = "root"
    /// The command that takes the mails, in words.
    package var sendmail = ["/usr/sbin/sendmail", "-t", "-oi"].map { Array($0.utf8) }
    /// What was read but perhaps not meant.
    package var warnings: [ConfigProblem] = []
    /// Its path, raw, whether it is there or not.
    package private(set) var file = usualPlace

    package init() {}

    /// Reads `$NIGHTJAR_SERVER_CONFIG`, else the usual place, where a missing file is no error.
    ///
    /// - Throws: if it cannot be read or trusted, or all that is wrong with it at once.
    package static func load() throws(ConfigError) -> ServerConfig {
        if let named = environmentVariable("NIGHTJAR_SERVER_CONFIG"), !named.isEmpty {
            return try ServerConfig(at: named)
        }
        do throws(SystemError) {
            let isThere = try Directory.open(Path(["etc", "nightjar"])).statusIfPresent(of: "server.conf") != nil
            if !isThere { return ServerConfig() }
        } catch {
            // The defaults would be another data root, another reserve.
            if error.isMissing { return ServerConfig() }
            throw ConfigError(file: usualPlace, problems: [ConfigProblem(error.reason)])
        }
        return try ServerConfig(at: usualPlace)
    }

    private init(at file: [UInt8]) throws(ConfigError) {
        try self.init(ConfigFile.read(file, choice: "$NIGHTJAR_SERVER_CONFIG"), file: file)
    }

    init(_ bytes: [UInt8], file: [UInt8]) throws(ConfigError) {
        self.file = file
        let written = WrittenConfig(bytes)
        var problems = written.errors
        warnings = written.warnings
        for entry in written.entries {
            problems.append(ConfigProblem(line: entry.line, "entries belong into a jail's backup.config"))
        }
        for setting in written.settings {
            do throws(Refusal) {
                if try !take(setting) {
                    warnings.append(ConfigProblem(line: setting.line, "unknown key \(escaped(setting.key))"))
                }
            } catch {
                problems.append(
                    ConfigProblem(line: setting.line, "\(setting.key) wants \(error.wanted)", remedy: error.remedy))
            }
        }
        if !problems.isEmpty { throw ConfigError(file: file, problems: problems, warnings: warnings) }
    }

    /// - Returns: false if the key is unknown.
    private mutating func take(_ setting: WrittenConfig.Setting) throws(Refusal) -> Bool {
        let value = setting.value
        switch setting.key {
        case "data": data = try Path(absolute: value).orRefuse("an absolute path")
        case "reserve": reserve = try size(value).orRefuse("a size", "write bytes, or a number with K, M, G or T")
        case "rotate-interval": rotateInterval = try duration(value)
        case "brake-shrink": brakeShrink = try percentage(value)
        case "brake-change": brakeChange = try percentage(value)
        case "stale-after": staleAfter = try duration(value)
        case "full-every": fullEvery = try duration(value)
        case "full-walk-every": fullWalkEvery = try duration(value)
        case "customer-roots":
            do throws(PathPattern.Refusal) {
                customerRoots = try CustomerRoots(value)
            } catch {
                throw Refusal(wanted: "patterns of paths, with blanks between them: \(error.reason)")
            }
        case "mailto": mailto = try mailAddress(value).orRefuse("a mail address")
        case "sendmail":
            sendmail = splitCommand(value)
            if sendmail.isEmpty { throw Refusal(wanted: "a command") }
        default: return false
        }
        return true
    }
}

/// What a value is not.
private struct Refusal: Error {
    var wanted: String
    var remedy: String?
}

extension Optional {
    fileprivate func orRefuse(_ wanted: String, _ remedy: String? = nil) throws(Refusal) -> Wrapped {
        guard let self else { throw Refusal(wanted: wanted, remedy: remedy) }
        return self
    }
}

/// A size in bytes, or with one of the letters K, M, G, T for powers of 1,024.
private func size(_ bytes: [UInt8]) -> UInt64? {
    number(bytes, ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40], bare: 1)
}

private func duration(_ bytes: [UInt8]) throws(Refusal) -> Int64 {
    try seconds(bytes).orRefuse("a time", "write a number with s, m, h, d or w")
}

/// A time as a number with one of the letters s, m, h, d and w.
func seconds(_ bytes: [UInt8]) -> Int64? {
    let units: [Character: UInt64] = ["S": 1, "M": 60, "H": 3600, "D": 86400, "W": 604_800]
    return number(bytes, units, bare: nil).flatMap { Int64(exactly: $0) }
}

/// From 0 to 100; the sign may be left out.
private func percentage(_ bytes: [UInt8]) throws(Refusal) -> Int {
    let percent = number(bytes, ["%": 1], bare: 1).flatMap { $0 <= 100 ? Int($0) : nil }
    return try percent.orRefuse("a percentage", "write a number from 0% to 100%")
}

/// A decimal number and its unit, a letter of either case; nil for anything else, and for what is too large.
func number(_ bytes: [UInt8], _ units: [Character: UInt64], bare: UInt64?) -> UInt64? {
    var digits = bytes
    var unit = bare
    if let letter = bytes.last.flatMap({ Character(UnicodeScalar($0)).uppercased().first }), let known = units[letter] {
        digits.removeLast()
        unit = known
    }
    guard let unit, digits.allSatisfy({ (0x30...0x39).contains($0) }),
        let number = UInt64(String(decoding: digits, as: UTF8.self))
    else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit)
    return overflow ? nil : product
}
