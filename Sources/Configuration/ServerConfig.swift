import Model
import Platform

/// What `/etc/nightjar/server.conf` says: the same lines as a jail's config, without entries. Every key has a default,
/// and so has the file.
package struct ServerConfig: Hashable, Sendable {
    /// The only place where it is looked for.
    package static let usualPlace = Array("/etc/nightjar/server.conf".utf8)

    /// The data root.
    package var data = Path(["data"])
    /// Bytes that a push leaves free on the data root's file system.
    package var reserve: UInt64 = 1 << 30
    /// What was read but perhaps not meant.
    package var warnings: [ConfigProblem] = []

    package init() {}

    /// Reads `$NIGHTJAR_SERVER_CONFIG`, else the usual place, where a missing file is no error.
    ///
    /// - Throws: if it cannot be read or trusted, or all that is wrong with it at once.
    package static func load() throws(ConfigError) -> ServerConfig {
        if let named = environmentVariable("NIGHTJAR_SERVER_CONFIG"), !named.isEmpty {
            return try ServerConfig(ConfigFile.read(named), file: named)
        }
        let isThere = (try? Directory.open(Path(["etc", "nightjar"])).statusIfPresent(of: "server.conf")) ?? nil
        guard isThere != nil else { return ServerConfig() }
        return try ServerConfig(ConfigFile.read(usualPlace), file: usualPlace)
    }

    init(_ bytes: [UInt8], file: [UInt8]) throws(ConfigError) {
        let written = WrittenConfig(bytes)
        var problems = written.errors
        warnings = written.warnings
        for entry in written.entries {
            problems.append(ConfigProblem(line: entry.line, "entries belong into a jail's backup.config"))
        }
        for setting in written.settings {
            switch setting.key {
            case "data":
                guard let path = Path(absolute: setting.value) else {
                    problems.append(ConfigProblem(line: setting.line, "data wants an absolute path"))
                    continue
                }
                data = path
            case "reserve":
                guard let bytes = size(setting.value) else {
                    let remedy = "write bytes, or a number with K, M, G or T"
                    problems.append(ConfigProblem(line: setting.line, "reserve wants a size", remedy: remedy))
                    continue
                }
                reserve = bytes
            default:
                warnings.append(ConfigProblem(line: setting.line, "unknown key \(escaped(setting.key))"))
            }
        }
        if !problems.isEmpty { throw ConfigError(file: file, problems: problems) }
    }
}

/// A size in bytes, or with one of the letters K, M, G, T for powers of 1,024.
private func size(_ bytes: [UInt8]) -> UInt64? {
    var digits = String(decoding: bytes, as: UTF8.self)
    guard let last = digits.last else { return nil }
    let power = ["K", "M", "G", "T"].firstIndex(of: last.uppercased()).map { $0 + 1 } ?? 0
    if power > 0 { digits.removeLast() }
    guard let number = UInt64(digits) else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: 1 << (10 * UInt64(power)))
    return overflow ? nil : product
}
