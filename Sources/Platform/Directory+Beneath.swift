import CLinux
import Glibc
import Model

/// Why a path that names an entry was not opened.
package struct PathRefusal: Error, Hashable {
    /// What the component is that stopped it.
    package enum Reason: Hashable, Sendable {
        case symlink
        case missing
        /// Something is there, but no directory.
        case notDirectory
        case failed(SystemError)
    }

    /// The path up to and with the component that stood in the way.
    package var component: Path
    package var reason: Reason

    package init(component: Path, reason: Reason) {
        self.component = component
        self.reason = reason
    }
}

extension PathRefusal: CustomStringConvertible {
    package var description: String {
        switch reason {
        case .symlink: "\(component) is a symlink"
        case .missing: "\(component) does not exist"
        case .notDirectory: "\(component) is not a directory"
        case .failed(let error): error.description
        }
    }
}

extension Directory {
    /// Opens a directory whose path customers can alter: no component may be a symlink.
    package static func openBeneathWithoutSymlinks(_ path: Path) throws(PathRefusal) -> Directory {
        let root: Directory
        do throws(SystemError) {
            root = try open(Path())
        } catch {
            throw PathRefusal(component: Path(), reason: .failed(error))
        }
        return try root.openBeneathWithoutSymlinks(path)
    }

    /// The same from this directory on.
    package func openBeneathWithoutSymlinks(_ path: Path) throws(PathRefusal) -> Directory {
        if let quick = openInOneCall(path) { return quick }
        // Too long for one call, an old kernel, or refused: name by name, which also tells where it ends.
        var directory = self
        var reached = Path()
        for name in path.names {
            reached = reached.appending(name)
            do throws(SystemError) {
                directory = try directory.openDirectory(name)
            } catch {
                throw PathRefusal(component: reached, reason: directory.reason(for: error, name))
            }
        }
        return directory
    }

    private func openInOneCall(_ path: Path) -> Directory? {
        guard !path.names.isEmpty else { return nil }
        let relative = Array(path.bytes.dropFirst())
        let flags = Directory.flags
        let found = try? shim("openat2") {
            withCString(relative) { linux_open_without_symlinks(raw, $0, flags) }
        }
        return found.map { Directory(Descriptor(owning: $0)) }
    }

    // O_DIRECTORY|O_NOFOLLOW answers ENOTDIR to a symlink as to a file: only the status tells them apart.
    private func reason(for error: SystemError, _ name: Name) -> PathRefusal.Reason {
        switch error.code {
        case ENOENT: return .missing
        case ELOOP: return .symlink
        case ENOTDIR:
            guard let kind = try? status(of: name).kind else { return .missing }
            return kind == .symlink ? .symlink : .notDirectory
        default: return .failed(error)
        }
    }
}
