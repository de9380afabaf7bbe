internal import Model

/// ACLs and extended attributes as one blob: a version byte, then the access list, the default list and the extended
/// attributes, each as a count and its elements. Numbers are little-endian. Most rows have none, and no blob.
enum AttributesCodec {
    private static let version: UInt8 = 1
    /// The count that says that there is no list, which is something else than one without entries.
    private static let absent = UInt32.max

    /// Nil where there is nothing to carry.
    static func encode(_ attributes: Attributes) -> [UInt8]? {
        guard !attributes.isEmpty else { return nil }
        var bytes = [version]
        for list in [attributes.accessList, attributes.defaultList] {
            append(list.map { UInt32($0.entries.count) } ?? absent, to: &bytes)
            for entry in list?.entries ?? [] {
                bytes += [entry.tag.rawValue, entry.permissions]
                append(entry.qualifier, to: &bytes)
            }
        }
        append(UInt32(attributes.extended.count), to: &bytes)
        for attribute in attributes.extended {
            for part in [attribute.name, attribute.value] {
                append(UInt32(part.count), to: &bytes)
                bytes += part
            }
        }
        return bytes
    }

    /// Throws `.damaged` unless the bytes are what `encode` gave.
    static func decode(_ bytes: [UInt8]) throws -> Attributes {
        var reader = Reader(rest: bytes[...])
        guard try reader.byte() == version else { throw damaged }
        let accessList = try reader.list()
        let defaultList = try reader.list()
        var extended: [ExtendedAttribute] = []
        for _ in 0..<(try reader.number()) {
            extended.append(ExtendedAttribute(name: try reader.bytes(), value: try reader.bytes()))
        }
        guard reader.rest.isEmpty else { throw damaged }
        return Attributes(accessList: accessList, defaultList: defaultList, extended: extended)
    }

    private static var damaged: CatalogError { CatalogError(.damaged, "catalog: broken attributes in a row") }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> UInt32(shift))) }
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func byte() throws -> UInt8 {
            guard let first = rest.popFirst() else { throw damaged }
            return first
        }

        mutating func number() throws -> UInt32 {
            var number: UInt32 = 0
            for shift in stride(from: 0, to: 32, by: 8) { number |= UInt32(try byte()) << UInt32(shift) }
            return number
        }

        mutating func bytes() throws -> [UInt8] {
            let count = Int(try number())
            guard count <= rest.count else { throw damaged }
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }

        mutating func list() throws -> AccessControlList? {
            let count = try number()
            guard count != absent else { return nil }
            var entries: [AccessControlList.Entry] = []
            for _ in 0..<count {
                guard let tag = AccessControlList.Tag(rawValue: try byte()) else { throw damaged }
                let permissions = try byte()
                entries.append(.init(tag: tag, qualifier: try number(), permissions: permissions))
            }
            return AccessControlList(entries: entries)
        }
    }
}
