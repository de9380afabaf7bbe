package import Model

/// For which generations a name of a directory was one thing, without what it carried.
package struct NameSpan: Hashable, Sendable {
    package var name: Name
    /// The generation that first had it.
    package var since: Generation
    /// The first that had it no more.
    package var until: Generation
    /// The directory that it is; nil for every other kind.
    package var child: DirectoryNumber?

    /// Whether a generation has it.
    package func isVisible(at generation: Generation) -> Bool { since <= generation && generation < until }
}

extension Catalog {
    /// The spans of all names of a directory, whatever generation has them, beyond `after`: those of one name together,
    /// in the order of the names. About as many as `limit`; none only if there are no more.
    package func spans(in directory: DirectoryNumber, after: Name?, limit: Int) throws -> [NameSpan] {
        try use { connection in
            var limit = limit
            while true {
                let found = try connection.statement(
                    """
                    SELECT name, since, until, child FROM entry WHERE directory = ?1 AND name > ?2
                    ORDER BY name, since LIMIT ?3
                    """)
                found.bind(directory, at: 1)
                found.bind(after, at: 2)
                found.bind(Int64(limit), at: 3)
                var spans = try connection.spans(found)
                guard spans.count == limit, let last = spans.last?.name else { return spans }
                // Of the last name some may be lacking.
                spans.removeLast(spans.reversed().prefix { $0.name == last }.count)
                if !spans.isEmpty { return spans }
                limit *= 2
            }
        }
    }
}

extension Connection {
    fileprivate func spans(_ found: Statement) throws -> [NameSpan] {
        defer { found.reset() }
        var spans: [NameSpan] = []
        while try found.step() {
            // The jail's `/` has no name.
            guard let name = Name(found.bytes(0)) else { continue }
            spans.append(
                NameSpan(
                    name: name, since: Generation(found.int(1)), until: Generation(found.int(2)),
                    child: found.isNull(3) ? nil : DirectoryNumber(found.int(3))))
        }
        return spans
    }
}
