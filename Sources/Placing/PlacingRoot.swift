import Glibc
import Model
import Platform

/// A directory that an archive is to be placed in, held open. Who owns it may rename, replace or unmount at any moment
/// what leads to it, and changes nothing of what is held.
package struct PlacingRoot: Sendable {
    package let path: Path
    let directory: Directory

    /// Seconds for which a file system may keep one waiting.
    private let patience: Int

    /// Opens it name by name from `/`, through no symlink.
    ///
    /// - Parameter patience: seconds after which a file system that does not answer is said to hang.
    /// - Throws: which name is in the way, and as what.
    package static func open(_ path: Path, patience: Int = 60) throws(PlacingError) -> PlacingRoot {
        let errand = try at(path) { () throws(SystemError) in
            try Errand("open root") { Result { () throws(PlacingError) in try walk(to: path, patience) } }
        }
        guard let found = errand.answer(within: patience * 1_000) else {
            throw PlacingError(.inputOutput, "\(path): the file system has not answered for \(patience) seconds")
        }
        return try found.get()
    }

    private static func walk(to path: Path, _ patience: Int) throws(PlacingError) -> PlacingRoot {
        var directory = try at(path) { () throws(SystemError) in try Directory.open(Path()) }
        for (index, name) in path.names.enumerated() {
            let reached = Path(Array(path.names[...index]))
            let isLast = index == path.names.count - 1
            let kind = try at(reached) { () throws(SystemError) in try directory.status(of: name).kind }
            if kind == .symlink {
                throw PlacingError(.inTheWay, "\(reached) is a symlink: name the directory without one")
            }
            directory = try at(reached) { () throws(SystemError) in
                try isLast ? directory.openDirectory(name) : directory.openToSearch(name)
            }
        }
        let isPseudo = try at(path) { () throws(SystemError) in try directory.fileSystem().isPseudo }
        if isPseudo { throw PlacingError(.inTheWay, "\(path) is on a file system of the kernel's own") }
        return PlacingRoot(path: path, directory: directory, patience: patience)
    }

    /// Throws where something stands under a name, before any work is done for it.
    package func refuseTaken(_ name: Name) throws(PlacingError) {
        let found = try at(path) { () throws(SystemError) in try directory.statusIfPresent(of: name) }
        if found != nil {
            throw PlacingError(.inTheWay, "\(path.appending(name)) exists; name another file with --output")
        }
    }

    /// Whether the path still leads here, and to this very file under the name.
    func leads(to file: FileStatus, as name: Name) -> Bool {
        guard let again = try? PlacingRoot.open(path, patience: patience),
            let found = try? again.directory.status(of: name)
        else {
            return false
        }
        return found.isSame(as: file)
    }
}
