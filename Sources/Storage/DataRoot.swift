import Glibc
package import Model
internal import Platform

/// The directory that holds the backupdirs of all jails, `/data`.
///
/// It carries a marker file, and without that nothing is ever made in it: what looks like an empty data root is an
/// unmounted disk.
package struct DataRoot: Sendable {
    /// The file without which a directory is no data root.
    package static let marker: Name = ".nightjar-data"

    package let path: Path
    let directory: Directory

    /// Throws `.missing` if it, or its marker, is not there.
    package static func open(_ path: Path) throws -> DataRoot {
        do throws(SystemError) {
            let directory = try Directory.open(path)
            if try directory.statusIfPresent(of: marker)?.kind == .regular {
                return DataRoot(path: path, directory: directory)
            }
        } catch  where error.isMissing {
        } catch {
            throw StorageError(error, "data root \(path)")
        }
        throw StorageError(
            .missing,
            "\(path) is no data root: \(marker) is not in it; is its disk mounted?"
                + " Only where there never was one: nightjar-server enroll --init makes it")
    }

    /// Makes the directory (0755) unless it is there, and the marker.
    package static func make(_ path: Path) throws -> DataRoot {
        try at("data root \(path)") { () throws(SystemError) in
            let directory: Directory
            if let name = path.names.last, let parent = path.parent {
                directory = try Directory.open(parent).openOrMakeDirectory(name, mode: 0o755)
            } else {
                directory = try Directory.open(path)
            }
            if try directory.statusIfPresent(of: marker) == nil {
                try directory.createFile(marker, mode: 0o644).sync()
                try directory.sync()
            }
            return DataRoot(path: path, directory: directory)
        }
    }

    /// The jails in it, in the order of their names.
    package func jails() throws -> [Name] {
        try at("data root \(path)") { () throws(SystemError) in
            var jails: [Name] = []
            for name in try directory.entries() where try directory.status(of: name).kind == .directory {
                guard name != "lost+found" else { continue }
                if try directory.openDirectory(name).statusIfPresent(of: Layout.own)?.kind == .directory {
                    jails.append(name)
                }
            }
            return jails
        }
    }

    /// Makes a jail's backupdir, private to its owner, unless it is there.
    package func enroll(_ jail: Name) throws -> Backupdir {
        try at("\(path)/\(jail)") { () throws(SystemError) in
            do throws(SystemError) {
                try directory.makeDirectory(jail)
            } catch  where error.code == EEXIST {}
        }
        let backupdir = try backupdir(jail)
        try at("\(path)/\(jail)") { () throws(SystemError) in
            _ = try backupdir.directory.openOrMakeDirectory(Layout.own)
            try backupdir.directory.sync()
            try directory.sync()
        }
        return backupdir
    }

    /// Throws `.missing` if the jail was never enrolled, `.notPermitted` if its directory is a symlink, belongs to
    /// somebody else or may be written by others.
    package func backupdir(_ jail: Name) throws -> Backupdir {
        let path = path.appending(jail)
        let found: Directory
        do throws(SystemError) {
            found = try directory.openDirectory(jail)
        } catch  where error.code == ENOENT {
            throw StorageError(
                .missing,
                "\(path) is not there: `nightjar-server nights` lists the jails, `nightjar-server enroll \(jail)` makes it"
            )
        } catch  where error.code == ENOTDIR || error.code == ELOOP {
            throw StorageError(.notPermitted, "\(path) is no directory")
        } catch {
            throw StorageError(error, "\(path)")
        }
        let metadata = try at("\(path)", { () throws(SystemError) in try found.status() }).stamp.metadata
        guard metadata.owner == currentUser() else {
            throw StorageError(.notPermitted, "\(path) belongs to user \(metadata.owner)")
        }
        guard metadata.mode & 0o022 == 0 else {
            throw StorageError(.notPermitted, "\(path) may be written by others: chmod 0700")
        }
        return Backupdir(path: path, directory: found)
    }
}

/// What lies in a backupdir.
enum Layout {
    static let own: Name = ".nightjar"
    static let catalog = "catalog.sqlite"
    static let pushes = "pushes.sqlite"
    static let incoming: Name = "incoming"
    static let spare: Name = "spare"
    /// The tree that a rotation makes the new `1`.
    static let recycled: Name = "recycled"
    /// A hold that is being made.
    static let holding: Name = "holding"
    static let holds: Name = "holds"
    /// What is to be removed.
    static let aside: Name = "aside"
    /// Held by who works on the trees.
    static let lock: Name = "lock"
    /// Held by who pushes.
    static let pushing: Name = "pushing"
    /// Where the channels of a push meet.
    static let channels: Name = "channels"
    /// Held by who tells staff of the jail.
    static let telling: Name = "telling"
    /// Each held for the time of one order of a jail's.
    static let orders: [Name] = ["order-1", "order-2", "order-3", "order-4"]
    static let newest: Name = "0"
    static let nights = 0...oldest
    /// Of the past nights, the newest and the oldest.
    static let first = 1
    static let oldest = Night.oldest

    static func night(_ number: Int) -> Name {
        guard let name = Name(Array(String(number).utf8)) else { preconditionFailure("digits are a name") }
        return name
    }
}
