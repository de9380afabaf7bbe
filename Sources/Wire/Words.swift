import Model

// How the words of the system stand on the wire; PROTOCOL.md, "Words".

extension Encoder {
    /// Its length in one byte, then the bytes.
    package mutating func name(_ name: Name) {
        byte(UInt8(name.bytes.count))
        for value in name.bytes { byte(value) }
    }

    /// Seconds, signed, then nanoseconds.
    package mutating func time(_ time: Timestamp) {
        signed(time.seconds)
        number(UInt64(time.nanoseconds))
    }

    /// What a tree carries of a file, with the fields that its kind has.
    package mutating func metadata(_ metadata: Metadata) {
        byte(metadata.kind.rawValue)
        number(UInt64(metadata.mode))
        number(UInt64(metadata.owner))
        number(UInt64(metadata.group))
        time(metadata.modified)
        switch metadata.kind {
        case .regular, .symlink: number(metadata.size)
        case .characterDevice, .blockDevice:
            number(UInt64(metadata.device.major))
            number(UInt64(metadata.device.minor))
        case .directory, .fifo, .socket: break
        }
    }

    /// What `statx` says of a file.
    package mutating func stamp(_ stamp: Stamp) {
        metadata(stamp.metadata)
        number(stamp.inode)
        number(UInt64(stamp.links))
        time(stamp.changed)
    }

    /// The low half, then the high one.
    package mutating func digest(_ digest: ContentDigest) {
        fixed(digest.low)
        fixed(digest.high)
    }

    /// Both ACLs, then the extended attributes.
    package mutating func attributes(_ attributes: Attributes) {
        flags(attributes.accessList != nil, attributes.defaultList != nil)
        for list in [attributes.accessList, attributes.defaultList] {
            guard let list else { continue }
            number(UInt64(list.entries.count))
            for entry in list.entries {
                byte(entry.tag.rawValue)
                number(UInt64(entry.qualifier))
                byte(entry.permissions)
            }
        }
        number(UInt64(attributes.extended.count))
        for attribute in attributes.extended {
            text(attribute.name)
            text(attribute.value)
        }
    }
}

extension Decoder {
    /// Malformed if that can be no name.
    package mutating func name() throws(WireError) -> Name {
        let bytes = try take(Int(try byte()))
        guard let name = Name(bytes) else { throw .malformed("«\(escaped(bytes))» is not a name") }
        return name
    }

    /// Malformed where the nanoseconds are a second or more.
    package mutating func time() throws(WireError) -> Timestamp {
        let seconds = try signed()
        let nanoseconds = try number(as: UInt32.self, "a time's nanoseconds")
        guard nanoseconds < 1_000_000_000 else { throw .malformed("\(nanoseconds) nanoseconds") }
        return Timestamp(seconds: seconds, nanoseconds: nanoseconds)
    }

    /// Malformed for an unknown kind, a field beyond its range, and the owner that means none.
    package mutating func metadata() throws(WireError) -> Metadata {
        let code = try byte()
        guard let kind = FileKind(rawValue: code) else { throw .malformed("unknown kind of file \(code)") }
        let mode = try number(as: UInt16.self, "a mode")
        guard mode <= 0o7777 else { throw .malformed("a mode is \(mode)") }
        var metadata = Metadata(
            kind: kind, mode: mode, owner: try number(as: UInt32.self, "an owner"),
            group: try number(as: UInt32.self, "a group"), modified: try time())
        // To the system this number says: leave it as it is.
        guard metadata.owner != .max, metadata.group != .max else { throw .malformed("an owner that no file has") }
        switch kind {
        case .regular, .symlink:
            metadata.size = try number()
            let limit = kind == .symlink ? UInt64(Limits.target) : UInt64(Int64.max)
            guard metadata.size <= limit else { throw .malformed("a size is \(metadata.size)") }
        case .characterDevice, .blockDevice:
            metadata.device.major = try number(as: UInt32.self, "a device's major number")
            metadata.device.minor = try number(as: UInt32.self, "a device's minor number")
        case .directory, .fifo, .socket: break
        }
        return metadata
    }

    /// Malformed where its metadata are.
    package mutating func stamp() throws(WireError) -> Stamp {
        let metadata = try metadata()
        let inode = try number()
        let links = try number(as: UInt32.self, "a link count")
        return Stamp(metadata: metadata, inode: inode, links: links, changed: try time())
    }

    package mutating func digest() throws(WireError) -> ContentDigest {
        ContentDigest(low: try fixed(), high: try fixed())
    }

    /// Malformed beyond the limits, for names that do not rise, and for those that the system keeps for itself.
    package mutating func attributes() throws(WireError) -> Attributes {
        let present = try flags(2, "attributes")
        var attributes = Attributes()
        if present[0] { attributes.accessList = try accessControlList() }
        if present[1] { attributes.defaultList = try accessControlList() }
        for _ in 0..<(try count(upTo: Limits.attributes / 4, "the number of extended attributes")) {
            let name = try text(upTo: 255, "an extended attribute's name")
            guard !name.isEmpty, !name.contains(0), !name.starts(with: Array("system.".utf8)) else {
                throw .malformed("«\(escaped(name))» is not an extended attribute")
            }
            let value = try text(upTo: 65_536, "an extended attribute's value")
            if let last = attributes.extended.last, !last.name.lexicographicallyPrecedes(name) {
                throw .malformed("extended attributes out of order at «\(escaped(name))»")
            }
            attributes.extended.append(ExtendedAttribute(name: name, value: value))
        }
        return attributes
    }

    private mutating func accessControlList() throws(WireError) -> AccessControlList {
        var list = AccessControlList(entries: [])
        for _ in 0..<(try count(upTo: 8_191, "the number of ACL entries")) {
            let code = try byte()
            guard let tag = AccessControlList.Tag(rawValue: code) else { throw .malformed("unknown ACL tag \(code)") }
            let qualifier = try number(as: UInt32.self, "an ACL's user or group")
            let permissions = try byte()
            guard permissions < 8 else { throw .malformed("ACL permissions \(permissions)") }
            list.entries.append(.init(tag: tag, qualifier: qualifier, permissions: permissions))
        }
        return list
    }
}
