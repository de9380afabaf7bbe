import CACL
import Glibc
import Model

// ACLs through libacl, which knows how the system keeps them.

extension Inode {
    enum ListKind {
        case access
        /// What new files in a directory inherit.
        case inherited

        fileprivate var type: acl_type_t {
            switch self {
            case .access: acl_type_t(ACL_TYPE_ACCESS)
            case .inherited: acl_type_t(ACL_TYPE_DEFAULT)
            }
        }
    }

    /// Nil where there is none any more.
    func accessControlList(_ kind: ListKind) throws(SystemError) -> AccessControlList? {
        let path = Descriptor.path(of: raw)
        let list = try handle("acl_get_file") { acl_get_file(path, kind.type) }
        defer { acl_free(UnsafeMutableRawPointer(list)) }
        var entries: [AccessControlList.Entry] = []
        var which = ACL_FIRST_ENTRY
        var entry: acl_entry_t?
        while try system("acl_get_entry", nil, { acl_get_entry(list, which, &entry) }) == 1, let found = entry {
            which = ACL_NEXT_ENTRY
            if let known = try AccessControlList.Entry(found) { entries.append(known) }
        }
        return entries.isEmpty ? nil : AccessControlList(entries: entries)
    }

    func set(_ list: AccessControlList, _ kind: ListKind) throws(SystemError) {
        var made: acl_t? = try handle("acl_init") { acl_init(Int32(list.entries.count)) }
        defer { if let made { acl_free(UnsafeMutableRawPointer(made)) } }
        for entry in list.entries {
            var place: acl_entry_t?
            try system("acl_create_entry") { acl_create_entry(&made, &place) }
            if let place { try entry.write(to: place) }
        }
        let (path, complete) = (Descriptor.path(of: raw), made)
        try system("acl_set_file") { acl_set_file(path, kind.type, complete) }
    }
}

extension AccessControlList.Entry {
    /// Nil for a kind of entry that no Linux has.
    fileprivate init?(_ entry: acl_entry_t) throws(SystemError) {
        var kind = acl_tag_t()
        try system("acl_get_tag_type") { acl_get_tag_type(entry, &kind) }
        guard let tag = AccessControlList.Tag(kind) else { return nil }
        var permissions: acl_permset_t?
        try system("acl_get_permset") { acl_get_permset(entry, &permissions) }
        var bits: UInt8 = 0
        for bit in [ACL_READ, ACL_WRITE, ACL_EXECUTE] where acl_get_perm(permissions, acl_perm_t(bit)) == 1 {
            bits |= UInt8(bit)
        }
        var qualifier: UInt32 = 0
        if tag == .user || tag == .namedGroup {
            let found = try pointer("acl_get_qualifier") {
                acl_get_qualifier(entry)?.assumingMemoryBound(to: UInt32.self)
            }
            qualifier = found.pointee
            acl_free(found)
        }
        self.init(tag: tag, qualifier: qualifier, permissions: bits)
    }

    fileprivate func write(to entry: acl_entry_t) throws(SystemError) {
        try system("acl_set_tag_type") { acl_set_tag_type(entry, tag.kind) }
        if tag == .user || tag == .namedGroup {
            var qualifier = self.qualifier
            try system("acl_set_qualifier") { acl_set_qualifier(entry, &qualifier) }
        }
        var set: acl_permset_t?
        try system("acl_get_permset") { acl_get_permset(entry, &set) }
        try system("acl_clear_perms") { acl_clear_perms(set) }
        for bit in [ACL_READ, ACL_WRITE, ACL_EXECUTE] where permissions & UInt8(bit) != 0 {
            try system("acl_add_perm") { acl_add_perm(set, acl_perm_t(bit)) }
        }
    }
}

extension AccessControlList.Tag {
    fileprivate init?(_ kind: acl_tag_t) {
        switch Int32(kind) {
        case ACL_USER_OBJ: self = .owner
        case ACL_USER: self = .user
        case ACL_GROUP_OBJ: self = .group
        case ACL_GROUP: self = .namedGroup
        case ACL_MASK: self = .mask
        case ACL_OTHER: self = .other
        default: return nil
        }
    }

    fileprivate var kind: acl_tag_t {
        switch self {
        case .owner: acl_tag_t(ACL_USER_OBJ)
        case .user: acl_tag_t(ACL_USER)
        case .group: acl_tag_t(ACL_GROUP_OBJ)
        case .namedGroup: acl_tag_t(ACL_GROUP)
        case .mask: acl_tag_t(ACL_MASK)
        case .other: acl_tag_t(ACL_OTHER)
        }
    }
}
