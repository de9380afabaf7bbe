import Glibc
internal import Model
internal import Platform

/// Removes a name that is no directory, or is gone already.
func removeIfPresent(_ name: Name, in directory: Directory) throws(SystemError) {
    do throws(SystemError) {
        try directory.unlink(name)
    } catch  where error.code == ENOENT {}
}

/// A second inode with all that the first one has, for where no more links can be made to it.
func copyInode(_ name: Name, from source: Directory, to directory: Directory, as other: Name) throws(SystemError) {
    let status = try source.status(of: name)
    let found = try source.attributes(of: name, kind: status.kind)
    switch status.kind {
    case .regular:
        let content = try source.openFile(name)
        let copy = try directory.createFile(other)
        try copyContents(from: content, to: copy, length: status.stamp.metadata.size)
    case .symlink:
        try directory.makeSymlink(other, target: try source.readLink(name))
    default:
        try directory.makeNode(other, kind: status.kind, device: status.stamp.metadata.device)
    }
    // A tree's directories hand down ACLs.
    _ = try directory.apply(to: other, status.stamp.metadata, found.attributes, exactly: true)
}
