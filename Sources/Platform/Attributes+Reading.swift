import CLinux
import Glibc
import Model

/// The attributes of a file, and the names of those that it has but that cannot be carried.
package struct FoundAttributes: Hashable, Sendable {
    /// What could be read.
    package var attributes: Attributes
    /// Fit to be shown: `system.nfs4_acl`.
    package var unsupported: [String]

    package init(attributes: Attributes, unsupported: [String] = []) {
        self.attributes = attributes
        self.unsupported = unsupported
    }
}

extension Descriptor {
    /// ACLs and extended attributes of the file, whatever its kind; for an O_PATH descriptor too.
    ///
    /// On most files this is one system call that finds nothing.
    package func attributes(kind: FileKind) throws(SystemError) -> FoundAttributes {
        try Inode(self).attributes(kind: kind)
    }
}

extension Directory {
    /// ACLs and extended attributes of the directory itself.
    package func attributes() throws(SystemError) -> FoundAttributes {
        try Inode(descriptor).attributes(kind: .directory)
    }
}

extension Inode {
    static let accessName = Array("system.posix_acl_access".utf8)
    static let defaultName = Array("system.posix_acl_default".utf8)
    static let carried = ["user.", "trusted.", "security."].map { Array($0.utf8) }

    fileprivate func attributes(kind: FileKind) throws(SystemError) -> FoundAttributes {
        var found = FoundAttributes(attributes: .none)
        for name in try attributeNames() {
            if name == Inode.accessName {
                if kind != .symlink { found.attributes.accessList = try accessControlList(.access) }
            } else if name == Inode.defaultName {
                found.attributes.defaultList = try accessControlList(.inherited)
            } else if Inode.carried.contains(where: { name.starts(with: $0) }) {
                // Gone again since it was listed.
                guard let value = try value(of: name) else { continue }
                found.attributes.extended.append(ExtendedAttribute(name: name, value: value))
            } else {
                found.unsupported.append(escaped(name))
            }
        }
        found.attributes.extended.sort { $0.name.lexicographicallyPrecedes($1.name) }
        return found
    }

    /// The names of all extended attributes, ACLs among them; none where the file system has none.
    func attributeNames() throws(SystemError) -> [[UInt8]] {
        var names: [UInt8] = []
        do throws(SystemError) {
            names = try growing("flistxattr", room: 512) { buffer, size in self.list(buffer, size) }
        } catch  where error.code == EOPNOTSUPP {
        }
        return names.split(separator: 0).map(Array.init)
    }

    private func value(of name: [UInt8]) throws(SystemError) -> [UInt8]? {
        do throws(SystemError) {
            return try growing("fgetxattr", name, room: 256) { buffer, size in get(name, buffer, size) }
        } catch  where error.code == ENODATA {
            return nil
        }
    }

    // Asks with more and more room until all of it fits.
    private func growing(
        _ operation: StaticString, _ subject: [UInt8]? = nil, room: Int,
        _ call: (UnsafeMutableRawPointer?, Int) -> Int
    ) throws(SystemError) -> [UInt8] {
        var room = room
        while true {
            var buffer = [UInt8](repeating: 0, count: room)
            do throws(SystemError) {
                let count = try shim(operation, subject) {
                    buffer.withUnsafeMutableBytes { call($0.baseAddress, $0.count) }
                }
                return Array(buffer.prefix(count))
            } catch  where error.code == ERANGE && room < 1 << 20 {
                room *= 8
            }
        }
    }
}
