import GRDB
package import Model

/// What is counted and chosen once.
extension Catalog {
    /// Seeds the listing digests of this jail; chosen at random when the catalog was made.
    package func listingSeed() throws -> UInt64 {
        try use { connection in
            let found = try connection.statement("SELECT value FROM setting WHERE key = 'seed'")
            defer { found.reset() }
            guard try found.step() else { throw CatalogError(.damaged, "catalog: it has no seed") }
            return found.unsigned(0)
        }
    }

    /// The lowest directory number that was never used. `put` moves it.
    package func nextDirectory() throws -> DirectoryNumber { try use { $0.nextDirectory } }

    /// A number for a new inode of the trees; none is given twice.
    package func takeObject() throws -> ObjectNumber { try use { try $0.takeObject() } }

    /// Whether staff was told that this jail has not pushed for too long, and not yet that it is back.
    package func isToldStale() throws -> Bool { try use { try $0.number(of: "stale") == 1 } }

    /// Flushes.
    package func setToldStale(_ isTold: Bool) throws { try use { try $0.set(isTold ? 1 : 0, for: "stale") } }
}

extension Connection {
    fileprivate func number(of key: String) throws -> Int64? {
        try Int64.fetchOne(database, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key])
    }

    fileprivate func set(_ number: Int64, for key: String) throws {
        try beginWriting()
        try database.execute(sql: "INSERT OR REPLACE INTO setting VALUES (?, ?)", arguments: [key, number])
        try flush()
    }
}
