import Glibc
import Model
import Platform

/// An archive on its way into a directory: a file without a name, which gets one when it is whole and on the disk.
///
/// It is for the program's user alone (root, mode 0600). It never takes the place of anything, and never follows what
/// stands under a name. What ends the program before leaves nothing; on a file system without such files it has an
/// unpredictable name meanwhile, and then only a kill or a power cut leaves that. For one thread.
package final class Placement {
    private let root: PlacingRoot
    private let file: Descriptor
    /// Nil where the file has no name until it is placed.
    private let temporary: Name?
    private let allowance: UInt64
    /// Bytes so far.
    package private(set) var written: UInt64 = 0

    /// Throws `.full` where what is expected would not fit beside what is to be left free.
    /// - Parameter expected: bytes that it may come to.
    package init(in root: PlacingRoot, expecting expected: UInt64) throws(PlacingError) {
        self.root = root
        let directory = root.directory
        let (free, size) = try at(root.path) { () throws(SystemError) in try directory.space() }
        allowance = Placing.allowance(free: free, size: size)
        guard expected <= allowance else {
            let room = allowance == 0 ? "is no room" : "is room for \(humanSize(allowance))"
            throw PlacingError(
                .full,
                "\(root.path): the archive may come to \(humanSize(expected)), and there \(room);"
                    + " make some, or have it elsewhere (--output - asks for no room)")
        }
        let random = try at(root.path) { () throws(SystemError) in try randomBytes(16) }
        guard let name = Name(Array(".nightjar-\(random.map { String($0, radix: 16) }.joined())".utf8)) else {
            preconditionFailure("digits make a name")
        }
        var needsName = false
        file = try at(root.path) { () throws(SystemError) in
            do throws(SystemError) {
                return try directory.createUnnamedFile()
            } catch  where error.code == EOPNOTSUPP {
                needsName = true
                return try directory.createFile(name)
            }
        }
        temporary = needsName ? name : nil
    }

    deinit { removeTemporary() }

    /// Adds bytes. Throws `.full` before the last of the room is taken, whatever was expected.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(PlacingError) {
        guard UInt64(bytes.count) <= allowance - written else {
            throw PlacingError(
                .full, "\(root.path): the archive outgrows the \(humanSize(allowance)) that were free for it")
        }
        try at(root.path) { () throws(SystemError) in try file.write(bytes) }
        written += UInt64(bytes.count)
    }

    /// Gives the file the first of these names that is free, once all of it is on the disk, and makes sure that whoever
    /// goes by the root's path finds it there. To be called once, as the last.
    /// - Returns: the name. A power cut loses nothing of it.
    package func place(as names: [Name]) throws(PlacingError) -> Name {
        guard let first = names.first else {
            throw PlacingError(.inTheWay, "\(root.path): the archive's name would be too long")
        }
        try at(root.path) { () throws(SystemError) in try file.sync() }
        for name in names where try link(as: name) {
            do throws(PlacingError) {
                try confirm(name)
                return name
            } catch {
                remove(name)
                throw error
            }
        }
        let others = names.count > 1 ? ", and so are \(names.count - 1) others like it" : ""
        throw PlacingError(.inTheWay, "\(root.path.appending(first)) exists\(others)")
    }

    /// False if the name is taken.
    private func link(as name: Name) throws(PlacingError) -> Bool {
        try at(root.path) { () throws(SystemError) in
            do throws(SystemError) {
                try root.directory.link(file, as: name)
                return true
            } catch  where error.code == EEXIST {
                return false
            }
        }
    }

    /// Sees to it that the name lasts, and lies in the directory to which the root's path leads by now.
    private func confirm(_ name: Name) throws(PlacingError) {
        let own = try at(root.path) { () throws(SystemError) in
            try root.directory.sync()
            return try file.status()
        }
        guard root.leads(to: own, as: name) else {
            throw PlacingError(
                .inTheWay, "\(root.path) was moved or replaced while the archive was written: nothing was placed")
        }
    }

    private func removeTemporary() {
        if let temporary { remove(temporary) }
    }

    /// Removes a name of this file, and of no other: who owns the directory may have put something else under it.
    private func remove(_ name: Name) {
        guard let own = try? file.status(), let found = try? root.directory.status(of: name), found.isSame(as: own)
        else { return }
        try? root.directory.unlink(name)
    }
}
