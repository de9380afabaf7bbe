import Model
import Options
import Platform

/// From what was written to what it means. Goes on after an error, so that one reading names them all.
struct ConfigReading {
    private let written: WrittenConfig
    private let file: [UInt8]
    private var errors: [ConfigProblem]
    private var warnings: [ConfigProblem]
    private(set) var settings: [String: WrittenConfig.Setting] = [:]

    private static let keys: Set = [
        "backupdir", "server", "user", "port", "identity", "known_hosts", "mailto", "sendmail", "receive", "ssh_config",
        "hang_after", "bwlimit", "nice", "verify-share", "compress", "customer-roots",
    ]

    init(_ written: WrittenConfig, file: [UInt8]) {
        self.written = written
        self.file = file
        errors = written.errors
        warnings = written.warnings
        collectSettings()
    }

    consuming func config() throws(ConfigError) -> BackupConfig {
        let backupdir = directory("backupdir", remedy: "write: backupdir=/data/JAIL")
        let server = address()
        let (entries, notes) = merged(written.entries.compactMap { entry($0) })
        let mailto = address("mailto")
        let identity = path("identity")
        let knownHosts = path("known_hosts")
        let sshConfig = path("ssh_config")
        let sendmail = command("sendmail")
        let receive = command("receive")
        let hangAfter = duration("hang_after")
        let customerRoots = customerRoots()
        let readRate = rate("bwlimit")
        let isNice = flag("nice")
        let verifyShare = share("verify-share")
        let compression = compression("compress")
        if written.entries.isEmpty, errors.isEmpty {
            warnings.append(ConfigProblem("there is no entry", remedy: "write: ## ENTRY /path"))
        }
        guard errors.isEmpty, let backupdir, let server else {
            throw ConfigError(file: file, problems: sorted(errors), warnings: sorted(warnings))
        }
        var config = BackupConfig(
            backupdir: backupdir, server: server, identity: identity, knownHosts: knownHosts, receive: receive,
            sshConfig: sshConfig, hangAfter: hangAfter, readRate: readRate?.bytes, entries: entries, notes: notes,
            warnings: sorted(warnings), file: file)
        if let mailto { config.mailto = mailto }
        if let sendmail { config.sendmail = sendmail }
        if let isNice { config.yieldsToOthers = isNice }
        if let verifyShare { config.verifyShare = verifyShare }
        if let compression { config.compression = compression }
        if let customerRoots { config.customerRoots = customerRoots }
        return config
    }

    private mutating func collectSettings() {
        for setting in written.settings {
            guard ConfigReading.keys.contains(setting.key) else {
                warnings.append(ConfigProblem(line: setting.line, "unknown key \(setting.key)"))
                continue
            }
            guard let earlier = settings[setting.key] else {
                settings[setting.key] = setting
                continue
            }
            if earlier.value == setting.value {
                warnings.append(ConfigProblem(line: setting.line, "\(setting.key) repeats line \(earlier.line)"))
            } else {
                fail(setting, "\(setting.key) has another value in line \(earlier.line)", remedy: "keep one of them")
            }
        }
    }

    mutating func fail(_ setting: WrittenConfig.Setting, _ message: String, remedy: String? = nil) {
        errors.append(ConfigProblem(line: setting.line, message, remedy: remedy))
    }

    private mutating func entry(_ written: WrittenConfig.Entry) -> Entry? {
        guard let path = absolute(written.path, line: written.line, what: "an entry") else { return nil }
        guard !written.options.isEmpty else { return Entry(path: path, line: written.line) }
        do throws(UsageError) {
            let options = try parseOptions(EntryOption.all, in: splitWords(written.options))
            var patterns: [ExcludePattern] = []
            for value in options.values(of: EntryOption.exclude) {
                do throws(ExcludePattern.Refusal) {
                    patterns.append(try ExcludePattern(value))
                } catch {
                    errors.append(ConfigProblem(line: written.line, "--exclude=\(escaped(value)): \(error.reason)"))
                }
            }
            return Entry(
                path: path, exclusion: Exclusion(patterns: patterns, depth: path.names.count),
                staysOnFileSystem: options.has(EntryOption.oneFileSystem), line: written.line)
        } catch {
            let subject = error.subject.isEmpty ? "" : "\(escaped(error.subject)): "
            let remedy = "an entry takes --exclude=PATTERN and --one-file-system"
            errors.append(ConfigProblem(line: written.line, subject + error.reason, remedy: remedy))
            return nil
        }
    }

    /// An absolute path of plain names, or an error that says what is not.
    private mutating func absolute(_ bytes: [UInt8], line: Int, what: String) -> Path? {
        if let path = Path(absolute: bytes) { return path }
        let parts = bytes.split(separator: UInt8(ascii: "/"))
        let problem: (String, String?) =
            if bytes.isEmpty {
                ("\(what) wants a path", nil)
            } else if bytes.first != UInt8(ascii: "/") {
                ("\(what) wants an absolute path, not \(escaped(bytes))", "begin it with /")
            } else if parts.contains(where: { $0.elementsEqual([0x2E]) || $0.elementsEqual([0x2E, 0x2E]) }) {
                ("\(what) cannot have . or .. in its path: \(escaped(bytes))", "write the path without them")
            } else {
                ("a name in the path is longer than \(Name.longest) bytes: \(escaped(bytes))", nil)
            }
        errors.append(ConfigProblem(line: line, problem.0, remedy: problem.1))
        return nil
    }

    private mutating func required(_ key: String, remedy: String) -> WrittenConfig.Setting? {
        if let setting = settings[key], !setting.value.isEmpty { return setting }
        // What is wrong with its line was said.
        if written.brokenKeys.contains(key) { return nil }
        errors.append(ConfigProblem(line: settings[key]?.line, "\(key) is missing", remedy: remedy))
        return nil
    }

    private mutating func directory(_ key: String, remedy: String) -> Path? {
        guard let setting = required(key, remedy: remedy) else { return nil }
        warnOfDollar(setting)
        guard let path = absolute(setting.value, line: setting.line, what: key) else { return nil }
        if path.names.isEmpty { fail(setting, "\(key) cannot be /", remedy: remedy) }
        return path
    }

    private mutating func path(_ key: String) -> [UInt8]? {
        guard let setting = settings[key] else { return nil }
        warnOfDollar(setting)
        if setting.value.first == UInt8(ascii: "/") { return setting.value }
        fail(setting, "\(key) wants an absolute path, not \(escaped(setting.value))")
        return nil
    }

    private mutating func warnOfDollar(_ setting: WrittenConfig.Setting) {
        guard setting.value.contains(where: { $0 == UInt8(ascii: "$") || $0 == UInt8(ascii: "`") }) else { return }
        warnings.append(
            ConfigProblem(line: setting.line, "nothing is expanded here: \(escaped(setting.value)) is meant"))
    }

    private mutating func command(_ key: String) -> [[UInt8]]? {
        guard let setting = settings[key] else { return nil }
        let words = splitCommand(setting.value)
        if words.isEmpty { fail(setting, "\(key) wants a command") }
        return words
    }

    private mutating func duration(_ key: String) -> Int64? {
        guard let setting = settings[key] else { return nil }
        if let seconds = seconds(setting.value), seconds > 0 { return seconds }
        fail(setting, "\(key) wants a time", remedy: "write a number with s, m, h, d or w")
        return nil
    }

    private mutating func customerRoots() -> CustomerRoots? {
        guard let setting = settings["customer-roots"] else { return nil }
        do throws(PathPattern.Refusal) {
            return try CustomerRoots(setting.value)
        } catch {
            fail(setting, "customer-roots: \(error.reason)", remedy: "write: customer-roots=/mnt/data*/*-DIR")
            return nil
        }
    }

    private mutating func address(_ key: String) -> String? {
        guard let setting = settings[key] else { return nil }
        if let address = mailAddress(setting.value) { return address }
        fail(setting, "\(key) is no mail address: \(escaped(setting.value))")
        return nil
    }

    private mutating func address() -> ServerAddress? {
        guard let setting = required("server", remedy: "write: server=HOST") else { return nil }
        var line = setting.line
        do throws(ServerAddress.Refusal) {
            let address = try ServerAddress(setting.value)
            guard case .remote(let host, var user, var port) = address else { return address }
            if let key = settings["user"] {
                line = key.line
                let other = String(decoding: key.value, as: UTF8.self)
                _ = try ServerAddress(key.value + Array("@host".utf8))
                if let user, user != other { fail(key, "server names another user in line \(setting.line)") }
                user = other
            }
            if let key = settings["port"] {
                line = key.line
                let other = try ServerAddress.port(String(decoding: key.value, as: UTF8.self))
                if let port, port != other { fail(key, "server names another port in line \(setting.line)") }
                port = other
            }
            return .remote(host: host, user: user, port: port)
        } catch {
            errors.append(ConfigProblem(line: line, error.reason))
            return nil
        }
    }
}

/// In the order of the lines.
private func sorted(_ problems: [ConfigProblem]) -> [ConfigProblem] {
    problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) }
}

/// What may become a line of a mail's header; nil for anything else.
func mailAddress(_ bytes: [UInt8]) -> String? {
    guard !bytes.isEmpty, bytes.count <= 900, bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
}

/// What may stand behind the path of an `## ENTRY` line.
package enum EntryOption {
    package static let exclude = Option(
        long: "exclude", argument: "PATTERN", help: "Leave out what matches, and all below it")
    package static let oneFileSystem = Option(
        long: "one-file-system", help: "Leave out directories on other file systems")
    package static let all = [exclude, oneFileSystem]
}
