import CLinux
import Glibc
import Model

extension Directory {
    /// Removes a name with all that is below it, however deep that goes. A name that is not there is removed already.
    ///
    /// Does not leave the file system: EXDEV or EBUSY where something is mounted below. Directories that the owner may
    /// not write are made writable first. Cut anywhere, it is simply called again.
    /// - Parameter goesOn: asked now and then, at least every few hundred names; ECANCELED once it answers false.
    package func removeTree(_ name: Name, goesOn: () -> Bool = { true }) throws(SystemError) {
        do throws(SystemError) {
            try unlink(name)
            return
        } catch {
            if error.code == ENOENT { return }
            // Linux says EISDIR, POSIX EPERM.
            guard error.code == EISDIR || error.code == EPERM else { throw error }
        }
        var removal = Removal(top: try openToEmpty(name))
        try removal.run(goesOn)
        try removeDirectory(name)
    }

    /// Opens a directory that is to be emptied; as its owner, not root, one may have to give oneself the right first.
    fileprivate func openToEmpty(_ name: Name) throws(SystemError) -> Directory {
        do throws(SystemError) {
            return try openDirectory(name)
        } catch  where error.code == EACCES {
            let handle = try openAnything(name)
            let path = Descriptor.path(of: handle.raw)
            try system("chmod", name.bytes) { chmod(path, 0o700) }
            return try openDirectory(name)
        }
    }
}

/// Depth first with a bounded number of open directories: what lies deeper than that is first moved up to the top.
private struct Removal {
    static let deepest = 64
    /// Names between two questions whether to go on.
    static let stride = 256

    let top: Directory
    var device: UInt64 = 0
    var moved = 0
    var removed = 0

    init(top: Directory) { self.top = top }

    mutating func run(_ goesOn: () -> Bool) throws(SystemError) {
        device = try top.status().device
        // Each round may have moved deep directories to the top, for the next.
        while true {
            let before = moved
            try empty(top, goesOn)
            if moved == before { return }
        }
    }

    private mutating func empty(_ top: Directory, _ goesOn: () -> Bool) throws(SystemError) {
        var open = [Level(directory: top)]
        while let level = open.last {
            guard let name = try open[open.count - 1].next() else {
                open.removeLast()
                if let own = level.name, let parent = open.last { try remove(own, from: parent.directory) }
                continue
            }
            removed += 1
            if removed % Removal.stride == 0, !goesOn() {
                throw SystemError(operation: "unlinkat", code: ECANCELED, subject: name.bytes)
            }
            if try removeFile(name, from: level.directory) { continue }
            if open.count >= Removal.deepest {
                try moveUp(name, from: level.directory)
            } else {
                let child = try level.directory.openToEmpty(name)
                let status = try child.status()
                if status.device != device || status.isMountRoot {
                    throw SystemError(operation: "unlinkat", code: EXDEV, subject: name.bytes)
                }
                open.append(Level(directory: child, name: name))
            }
        }
    }

    /// - Returns: false if the name is a directory.
    private func removeFile(_ name: Name, from directory: Directory) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try unlinkWritable(name, from: directory)
            return true
        } catch {
            if error.code == ENOENT { return true }
            if error.code == EISDIR { return false }
            if error.code == EPERM, try directory.status(of: name).kind == .directory { return false }
            throw error
        }
    }

    private func unlinkWritable(_ name: Name, from directory: Directory) throws(SystemError) {
        do throws(SystemError) {
            try directory.unlink(name)
        } catch  where error.code == EACCES {
            try system("fchmod") { fchmod(directory.raw, 0o700) }
            try directory.unlink(name)
        }
    }

    private func remove(_ name: Name, from directory: Directory) throws(SystemError) {
        do throws(SystemError) {
            try directory.removeDirectory(name)
        } catch  where error.code == EACCES {
            try system("fchmod") { fchmod(directory.raw, 0o700) }
            try directory.removeDirectory(name)
        } catch  where error.code == ENOENT {}
    }

    private mutating func moveUp(_ name: Name, from directory: Directory) throws(SystemError) {
        // To move a directory one must be able to write it, for its parent changes.
        _ = try directory.openToEmpty(name)
        while true {
            moved += 1
            guard let other = Name(Array("removed.\(moved)".utf8)) else { continue }
            do throws(SystemError) {
                return try directory.rename(name, to: top, as: other, .noReplace)
            } catch  where error.code == EEXIST {
            } catch  where error.code == EACCES {
                let child = try directory.openToEmpty(name)
                try system("fchmod") { fchmod(child.raw, 0o700) }
                try system("fchmod") { fchmod(directory.raw, 0o700) }
                try system("fchmod") { fchmod(top.raw, 0o700) }
            }
        }
    }
}

/// A directory on the way down, with the names in it that are still to go.
private struct Level {
    let directory: Directory
    var name: Name?
    private var names: [Name]?

    init(directory: Directory, name: Name? = nil) {
        self.directory = directory
        self.name = name
    }

    mutating func next() throws(SystemError) -> Name? {
        if names == nil { names = try directory.entries() }
        return names?.popLast()
    }
}
