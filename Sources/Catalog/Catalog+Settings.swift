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

    /// The generation that may become a night whatever the brake says; nil if there is none.
    package func accepted() throws -> Generation? {
        try use { try $0.number(of: "accepted").map { Generation($0) } }
    }

    /// When the newest push was committed that looked at all of the jail; nil where none did, or what it saw counts no
    /// more.
    package func fullWalk() throws -> Timestamp? {
        try use { try $0.number(of: "full-walk").map { Timestamp(seconds: $0) } }
    }

    /// Notes it, to the second. Forgetting it makes the next push look at everything.
    package func noteFullWalk(_ time: Timestamp?) throws {
        try use { connection in try connection.set(time?.seconds, for: "full-walk") }
    }

    /// Notes that staff wants this generation as it is. Durable when it returns.
    package func accept(_ generation: Generation) throws {
        try use { connection in try connection.durably { try connection.set(generation.rawValue, for: "accepted") } }
    }
}

extension Connection {
    fileprivate func number(of key: String) throws -> Int64? {
        try Int64.fetchOne(database, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key])
    }

    fileprivate func set(_ value: (some DatabaseValueConvertible)?, for key: String) throws {
        try beginWriting()
        try database.execute(sql: "INSERT OR REPLACE INTO setting VALUES (?, ?)", arguments: [key, value])
        try flush()
    }
}
