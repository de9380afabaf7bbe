import CArchive
internal import Catalog
internal import Model
internal import Platform

/// Says in an entry of libarchive all that the catalog has of a member, but for its size and its content.
/// - Returns: whether every name in it is ASCII.
func fill(_ entry: OpaquePointer, _ member: Member, _ owners: OwnerNames) -> Bool {
    let row = member.row
    let metadata = row.stamp.metadata
    let path = member.path
    withCString(path) { archive_entry_copy_pathname(entry, $0) }
    archive_entry_set_filetype(entry, metadata.kind.modeBits)
    archive_entry_set_perm(entry, UInt32(metadata.mode))
    setOwner(of: entry, metadata, owners)
    let (seconds, nanoseconds) = paxTime(metadata.modified)
    archive_entry_set_mtime(entry, Int(seconds), nanoseconds)
    if let first = member.first {
        let target = Member.path(first)
        withCString(target) { archive_entry_copy_hardlink(entry, $0) }
        return isASCII(path) && isASCII(target)
    }
    switch metadata.kind {
    case .symlink: withCString(row.target ?? []) { archive_entry_copy_symlink(entry, $0) }
    case .characterDevice, .blockDevice:
        archive_entry_set_rdevmajor(entry, UInt(metadata.device.major))
        archive_entry_set_rdevminor(entry, UInt(metadata.device.minor))
    case .regular, .directory, .fifo, .socket: break
    }
    add(row.attributes.accessList, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, to: entry)
    add(row.attributes.defaultList, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, to: entry)
    for attribute in row.attributes.extended {
        withCString(attribute.name) { name in
            attribute.value.withUnsafeBytes {
                archive_entry_xattr_add_entry(entry, name, $0.baseAddress, $0.count)
            }
        }
    }
    return isASCII(path) && isASCII(row.target ?? [])
}

private func setOwner(of entry: OpaquePointer, _ metadata: Metadata, _ owners: OwnerNames) {
    archive_entry_set_uid(entry, Int64(metadata.owner))
    archive_entry_set_gid(entry, Int64(metadata.group))
    if let name = owners.user(metadata.owner) { withCString(name) { archive_entry_copy_uname(entry, $0) } }
    if let name = owners.group(metadata.group) { withCString(name) { archive_entry_copy_gname(entry, $0) } }
}

private func add(_ list: AccessControlList?, _ type: Int32, to entry: OpaquePointer) {
    guard let list, list.isCarried else { return }
    for listed in list.entries {
        let (tag, hasQualifier): (Int32, Bool) =
            switch listed.tag {
            case .owner: (ARCHIVE_ENTRY_ACL_USER_OBJ, false)
            case .user: (ARCHIVE_ENTRY_ACL_USER, true)
            case .group: (ARCHIVE_ENTRY_ACL_GROUP_OBJ, false)
            case .namedGroup: (ARCHIVE_ENTRY_ACL_GROUP, true)
            case .mask: (ARCHIVE_ENTRY_ACL_MASK, false)
            case .other: (ARCHIVE_ENTRY_ACL_OTHER, false)
            }
        // libarchive's bits are those of the mode.
        let qualifier = hasQualifier ? Int32(clamping: listed.qualifier) : -1
        archive_entry_acl_add_entry(entry, type, Int32(listed.permissions), tag, qualifier, nil)
    }
}

extension AccessControlList {
    /// Whether libarchive can write it: of a number beyond its own it would make 0, which is root.
    var isCarried: Bool { entries.allSatisfy { Int32(exactly: $0.qualifier) != nil } }
}

extension Attributes {
    /// Whether every tar reads them as they are: libarchive puts other bytes of an attribute's name in percents, which GNU
    /// tar does not undo.
    var areCarried: Bool {
        (accessList?.isCarried ?? true) && (defaultList?.isCarried ?? true)
            && extended.allSatisfy { $0.name.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
    }
}

/// A time as libarchive has to be given it, so that the number in the header is the time: it prints seconds, a dot and
/// nanoseconds, also where those count upwards from a second before 1970. In the last of those, which would be minus
/// nought, the nanoseconds are lost.
func paxTime(_ time: Timestamp) -> (seconds: Int64, nanoseconds: Int) {
    guard time.seconds < 0, time.nanoseconds > 0 else { return (time.seconds, Int(time.nanoseconds)) }
    return time.seconds == -1 ? (-1, 0) : (time.seconds + 1, 1_000_000_000 - Int(time.nanoseconds))
}

private func isASCII(_ bytes: [UInt8]) -> Bool { bytes.allSatisfy { $0 < 0x80 } }
