import Configuration
import Glibc
import Model
import Platform

/// A config that nobody else edits for as long as this object lives.
///
/// Beside the config lie its lock, at times a draft and a file that is about to become the config, all of them for its
/// owner alone, and what the config was before. Whatever is cut at any moment, the config is the old one or the new one,
/// whole.
package struct EditableConfig: ~Copyable {
    private let directory: Directory
    private let name: Name
    private let draftName: Name
    private let temporary: Name
    private let lock: Lock
    /// As the caller named it, raw.
    package let path: [UInt8]
    /// Of the draft: what an editor is given. Never looks like an option.
    package let draftPath: [UInt8]

    /// Takes the lock at once or not at all.
    ///
    /// - Parameter holder: who asks, to be told to whoever comes meanwhile.
    package static func open(_ path: [UInt8], holder: String) throws(EditingError) -> EditableConfig {
        let slash = path.lastIndex(of: UInt8(ascii: "/"))
        let parent = slash.map { $0 == 0 ? [] : Array(path[..<$0]) } ?? [UInt8(ascii: ".")]
        func beside(_ name: Name, _ suffix: String) throws(EditingError) -> Name {
            guard let name = Name([UInt8(ascii: ".")] + name.bytes + Array(suffix.utf8)) else { throw .unusableName }
            return name
        }
        guard let name = Name(path[(slash.map { $0 + 1 } ?? 0)...]) else { throw .unusableName }
        let draft = try beside(name, ".draft")
        let isPlain = parent.isEmpty || parent.first == UInt8(ascii: "/")
        let draftPath = (isPlain ? [] : Array("./".utf8)) + parent + [UInt8(ascii: "/")] + draft.bytes
        let temporary = try beside(name, ".new")
        let lockName = try beside(name, ".lock")
        do throws(LockError) {
            let directory: Directory
            do throws(SystemError) {
                directory = try Directory.open(parent.isEmpty ? [UInt8(ascii: "/")] : parent)
            } catch {
                throw .failed(error)
            }
            let lock = try Lock.acquire(lockName, in: directory, holder: holder)
            return EditableConfig(
                directory: directory, name: name, draftName: draft, temporary: temporary, lock: lock, path: path,
                draftPath: draftPath)
        } catch {
            switch error {
            case .held(let holder): throw .busy(holder: holder)
            case .failed(let error): throw .failed(error)
            }
        }
    }

    /// What the config is now; nil if there is none.
    ///
    /// - Throws: `ConfigError` where it cannot be read or trusted; `EditingError`.
    package func read() throws -> [UInt8]? { try isThere(name) ? ConfigFile.read(path) : nil }

    // MARK: The draft

    /// What the draft is now; nil if there is none.
    ///
    /// - Throws: as `read()`.
    package func draft() throws -> [UInt8]? {
        try isThere(draftName) ? ConfigFile.read(draftPath, choice: nil) : nil
    }

    /// When the draft was written last; nil if there is none.
    package func draftTime() throws(EditingError) -> Timestamp? {
        try answered { () throws(SystemError) in
            try directory.statusIfPresent(of: draftName)?.stamp.metadata.modified
        }
    }

    /// Makes a draft anew, for the owner alone. One that was there goes.
    package func makeDraft(_ text: [UInt8]) throws(EditingError) {
        try removeDraft()
        try answered { () throws(SystemError) in try directory.createFile(draftName).write(text) }
    }

    /// Nothing happens where there is none.
    package func removeDraft() throws(EditingError) { try remove(draftName) }

    // MARK: Installing

    /// What was done beside replacing the config.
    package struct Installed: Hashable, Sendable {
        /// The name of what it was before; nil where it was nothing.
        package let version: Name?
        /// What could not be done: metadata of the old file that the new one lacks, versions that do not go. Fit to be
        /// shown.
        package let remarks: [String]
    }

    /// Makes this text the config, in one step, and durable, with owner, mode, ACL and attributes as they were; keeps
    /// what the config was under the next number.
    ///
    /// Somebody who replaces the file himself, without `vb`, in the instant between the last look at it and the rename is
    /// not noticed.
    ///
    /// - Parameters:
    ///   - base: what the config was when the editing began; nil if there was none.
    ///   - now: becomes the time of modification.
    /// - Throws: `EditingError.changed` if it is another by now; else as `read()`.
    package func install(_ text: [UInt8], over base: [UInt8]?, now: Timestamp) throws -> Installed {
        guard try read() == base else { throw EditingError.changed }
        // Left by a run that was cut.
        try remove(temporary)
        do {
            return try answered { () throws(SystemError) in try replace(with: text, isFirst: base == nil, now) }
        } catch {
            try? directory.unlink(temporary)
            throw error
        }
    }

    private func replace(with text: [UInt8], isFirst: Bool, _ now: Timestamp) throws(SystemError) -> Installed {
        let file = try directory.createFile(temporary)
        try file.write(text)
        if isFirst {
            try file.setMode(0o644)
            try file.sync()
            try directory.rename(temporary, to: directory, as: name)
            try directory.sync()
            return Installed(version: nil, remarks: [])
        }
        var metadata = try directory.status(of: name).stamp.metadata
        metadata.modified = now
        let attributes = try directory.attributes(of: name, kind: .regular)
        let lacking = try file.apply(metadata, attributes.attributes, exactly: true) + attributes.unsupported
        try file.sync()
        let version = try keep()
        try directory.rename(temporary, to: directory, as: name, .replace)
        try directory.sync()
        return Installed(version: version, remarks: lacking.map { "it no longer has: \($0)" } + prune())
    }

    /// Gives what the config is a second name: the very inode, so nothing of it can be lost. A run that was cut behind
    /// this has done it already.
    private func keep() throws(SystemError) -> Name {
        let inode = try directory.status(of: name).stamp.inode
        let kept = try versions()
        if let last = kept.versions.last, try directory.status(of: last).stamp.inode == inode { return last }
        guard let next = kept.next else {
            throw SystemError(operation: "linkat", code: ENAMETOOLONG, subject: name.bytes)
        }
        try directory.link(name, to: directory, as: next)
        return next
    }

    /// Removes versions that are too many; nothing that is amiss with them takes back what was installed.
    private func prune() -> [String] {
        ((try? versions())?.obsolete ?? []).compactMap { old in
            do throws(SystemError) {
                try directory.unlink(old)
                return nil
            } catch {
                return "an old version stays: \(error)"
            }
        }
    }

    // MARK: Parts

    private func versions() throws(SystemError) -> KeptVersions {
        KeptVersions(of: name, among: try directory.entries())
    }

    private func isThere(_ name: Name) throws(EditingError) -> Bool {
        try answered { () throws(SystemError) in try directory.statusIfPresent(of: name) != nil }
    }

    private func remove(_ name: Name) throws(EditingError) {
        try answered { () throws(SystemError) in
            do throws(SystemError) {
                try directory.unlink(name)
            } catch  where error.code == ENOENT {}
        }
    }

    private func answered<Answer>(_ call: () throws(SystemError) -> Answer) throws(EditingError) -> Answer {
        do throws(SystemError) {
            return try call()
        } catch {
            throw .failed(error)
        }
    }
}
