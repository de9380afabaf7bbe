import Model

/// What a config was before: `backup.config.~1~` and so on beside it, a higher number for a later one.
package struct KeptVersions: Hashable, Sendable {
    /// How many there are at most.
    package static let most = 10

    /// Oldest first.
    package let versions: [Name]
    /// For the version to come; nil if the name would be too long.
    package let next: Name?

    /// - Parameters:
    ///   - config: its name.
    ///   - names: all that its directory holds.
    package init(of config: Name, among names: [Name]) {
        let numbers = names.compactMap { KeptVersions.number($0, of: config) }.sorted()
        versions = numbers.compactMap { KeptVersions.name($0, of: config) }
        next = KeptVersions.name((numbers.last ?? 0) + 1, of: config)
    }

    /// Those that are too many.
    package var obsolete: ArraySlice<Name> { versions.dropLast(KeptVersions.most) }

    private static func name(_ number: Int, of config: Name) -> Name? {
        Name(config.bytes + Array(".~\(number)~".utf8))
    }

    /// Nil for what only looks like one: it is not ours to remove.
    private static func number(_ name: Name, of config: Name) -> Int? {
        let (start, end) = (config.bytes + Array(".~".utf8), Array("~".utf8))
        guard name.bytes.starts(with: start), name.bytes.last == end[0], name.bytes.count > start.count + 1,
            let number = Int(String(decoding: name.bytes[start.count..<(name.bytes.count - 1)], as: UTF8.self)),
            (1..<Int.max).contains(number), self.name(number, of: config) == name
        else { return nil }
        return number
    }
}
