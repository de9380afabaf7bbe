import Glibc
import Model
import Platform

/// The file itself: where it is, and whether it can be trusted. Whoever may write it decides what the agent, which is
/// root, reads and runs.
package enum ConfigFile {
    /// Where it is if nothing says otherwise.
    package static let usualPlace = Array("/usr/local/sbin/backup.config".utf8)
    /// 100,000 entries take a tenth of it.
    package static let largest = 64 << 20

    /// `--config`, else `$NIGHTJAR_CONFIG`, else the usual place.
    package static func find(option: [UInt8]?, environment: [UInt8]?) -> [UInt8] {
        if let option { return option }
        if let environment, !environment.isEmpty { return environment }
        return usualPlace
    }

    /// Reads the file, after looking at the very descriptor that is read.
    ///
    /// - Parameter choice: how another is named, for whoever has to; nil where none can be.
    /// - Throws: if it is missing, no regular file, too large, or somebody else than root and the caller could have
    ///   written it.
    package static func read(
        _ file: [UInt8], choice: String? = "--config or $NIGHTJAR_CONFIG"
    ) throws(ConfigError) -> [UInt8] {
        func failure(_ message: String, _ remedy: String? = nil) -> ConfigError {
            ConfigError(file: file, problems: [ConfigProblem(message, remedy: remedy)])
        }
        let slash = file.lastIndex(of: UInt8(ascii: "/"))
        guard let name = Name(file[(slash.map { $0 + 1 } ?? 0)...]) else { throw failure("is not the path of a file") }
        let parent = slash.map { $0 == 0 ? [UInt8(ascii: "/")] : Array(file[..<$0]) } ?? [UInt8(ascii: ".")]
        func answered<Answer: ~Copyable>(_ call: () throws(SystemError) -> Answer) throws(ConfigError) -> Answer {
            do throws(SystemError) {
                return try call()
            } catch {
                throw failure(
                    error.reason, error.isMissing ? choice.map { "write one, or name another with \($0)" } : nil)
            }
        }
        let directory = try answered { () throws(SystemError) in try Directory.open(parent) }
        // Looked at before it is opened, which could set off a device.
        let kind = try answered { () throws(SystemError) in try directory.status(of: name).kind }
        if kind == .symlink {
            throw failure("is a symlink", choice.map { "name the file itself with \($0)" } ?? "remove it")
        }
        guard kind == .regular else { throw failure("is not a regular file") }
        let descriptor = try answered { () throws(SystemError) in try directory.openFile(name) }
        let status = try answered { () throws(SystemError) in try descriptor.status() }
        if let problem = distrust(status, caller: currentUser(), file: file) { throw failure(problem.0, problem.1) }
        if status.stamp.metadata.size > UInt64(largest) { throw failure("is larger than \(largest >> 20) MiB") }
        return try answered { () throws(SystemError) in try descriptor.readAll(atMost: largest) }
    }

    /// Reads the file and what it means.
    package static func load(_ file: [UInt8]) throws(ConfigError) -> BackupConfig {
        try BackupConfig.parse(read(file), file: file)
    }

    /// Why the file cannot be trusted, and what to do.
    static func distrust(_ status: FileStatus, caller: UInt32, file: [UInt8]) -> (String, String)? {
        let metadata = status.stamp.metadata
        let mode = String(metadata.mode, radix: 8)
        guard metadata.kind == .regular else { return ("is not a regular file", "put a file there") }
        if metadata.owner != 0, metadata.owner != caller {
            return ("belongs to user \(metadata.owner), who could change it", "run: chown root \(escaped(file))")
        }
        if metadata.mode & 0o022 != 0 {
            return ("may be written by others (mode \(mode))", "run: chmod go-w \(escaped(file))")
        }
        return nil
    }
}
