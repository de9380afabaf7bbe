/// A POSIX access control list, in the order of the kernel: owner, users, group, groups, mask, others.
package struct AccessControlList: Hashable, Sendable {
    /// Whom an entry speaks of.
    package enum Tag: UInt8, Sendable {
        case owner = 1
        case user = 2
        case group = 3
        case namedGroup = 4
        case mask = 5
        case other = 6
    }

    /// Who may do what.
    package struct Entry: Hashable, Sendable {
        package var tag: Tag
        /// The numeric user or group of `.user` and `.namedGroup`; 0 elsewhere.
        package var qualifier: UInt32
        /// Read 4, write 2, execute 1.
        package var permissions: UInt8

        package init(tag: Tag, qualifier: UInt32 = 0, permissions: UInt8) {
            self.tag = tag
            self.qualifier = qualifier
            self.permissions = permissions
        }
    }

    package var entries: [Entry]

    package init(entries: [Entry]) { self.entries = entries }
}

/// An extended attribute: `user.…`, `trusted.…`, `security.…`; never `system.posix_acl_…`, which are ACLs.
package struct ExtendedAttribute: Hashable, Sendable {
    package var name: [UInt8]
    /// Raw; may be empty.
    package var value: [UInt8]

    package init(name: [UInt8], value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// What a file carries beside metadata and content. Most files carry nothing of it.
package struct Attributes: Hashable, Sendable {
    /// Nil where the mode says all.
    package var accessList: AccessControlList?
    /// What new files in a directory inherit.
    package var defaultList: AccessControlList?
    /// In the order of their names as bytes.
    package var extended: [ExtendedAttribute]

    package init(
        accessList: AccessControlList? = nil, defaultList: AccessControlList? = nil, extended: [ExtendedAttribute] = []
    ) {
        self.accessList = accessList
        self.defaultList = defaultList
        self.extended = extended
    }

    /// Neither ACLs nor extended attributes.
    package static let none = Attributes()

    /// Bytes that they take, where so many go with each entry of an ACL, and with each extended attribute beside its name
    /// and value.
    package func weight(ofEntry entry: Int, besideExtended extra: Int) -> Int {
        let entries = [accessList, defaultList].reduce(0) { $0 + ($1?.entries.count ?? 0) }
        return entry * entries + extended.reduce(0) { $0 + extra + $1.name.count + $1.value.count }
    }

    /// Whether there is nothing to set.
    package var isEmpty: Bool { self == .none }
}
