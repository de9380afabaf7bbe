import GRDB
package import Model

/// Forgetting what no tree holds any more.
extension Catalog {
    /// Removes the rows that none of these generations sees, and answers how many. Reads only what ended between two of
    /// them that were no neighbours the last time. The records of generations and pushes stay.
    ///
    /// Throws `.refused` unless the committed generation is kept. Cut anywhere, it is simply called again.
    @discardableResult
    package func prune(keeping kept: Set<Generation>) throws -> Int {
        try use { connection in
            guard kept.contains(connection.committed) else {
                throw CatalogError(.refused, "catalog: the committed generation has to be kept")
            }
            let last = try connection.kept()
            guard last != kept.sorted() else { return 0 }
            let before = connection.gaps(between: last)
            var removed = 0
            for gap in connection.gaps(between: kept.sorted()) where !before.contains(gap) {
                let delete = try connection.statement(
                    """
                    DELETE FROM entry INDEXED BY entry_until
                    WHERE until > ?1 AND until <= ?2 AND until < 9223372036854775807 AND since > ?1
                    """)
                try connection.beginWriting()
                delete.bind(gap.lowerBound, at: 1)
                delete.bind(gap.upperBound, at: 2)
                try delete.run()
                removed += connection.database.changesCount
                try connection.flush()
            }
            try connection.setKept(kept.sorted())
            return removed
        }
    }

    /// Whether all that a generation held is still known: of those in between only the record may be left.
    package func isKept(_ generation: Generation) throws -> Bool {
        try use { connection in
            let kept = try connection.kept()
            return kept.contains(generation) || kept.last.map { generation > $0 } ?? true
        }
    }
}

extension Connection {
    /// Between each generation and the one before it, what began and ended there nobody sees.
    fileprivate func gaps(between kept: [Generation]) -> Set<ClosedRange<Generation>> {
        Set(zip([.empty] + kept, kept).filter { $0 < $1 }.map { $0...$1 })
    }

    /// What was kept the last time, in order.
    fileprivate func kept() throws -> [Generation] {
        let stored = try String.fetchOne(database, sql: "SELECT value FROM setting WHERE key = 'kept'") ?? ""
        return stored.split(separator: ",").compactMap { Int64($0).map(Generation.init(_:)) }
    }

    fileprivate func setKept(_ kept: [Generation]) throws {
        try beginWriting()
        try database.execute(
            sql: "INSERT OR REPLACE INTO setting VALUES ('kept', ?)",
            arguments: [kept.map { String($0.rawValue) }.joined(separator: ",")])
        try flush()
    }
}
