import Catalog
package import Housekeeping
import Model
import Storage

/// What can be asked of one jail: answered from its catalog alone, beside whatever else goes on, without the lock.
///
/// An answer is given line by line, and only as much of it is in memory as a directory needs in one read. What it tells
/// of is the nights as they were when it began: if one of them goes meanwhile, the answer ends with an error rather than
/// short.
package struct JailRecords {
    let backupdir: Backupdir
    /// Seconds from one rotation to the next, at least.
    let rotateInterval: Int64
    /// Beyond which rotation stops.
    let brake: BrakeLimits
    let now: Timestamp

    package init(_ backupdir: Backupdir, rotateInterval: Int64, brake: BrakeLimits, now: Timestamp) {
        self.backupdir = backupdir
        self.rotateInterval = rotateInterval
        self.brake = brake
        self.now = now
    }

    /// Answers a question.
    ///
    /// - Parameter body: is given the answer, line by line; what it throws ends it.
    /// - Returns: whether there was something to be told.
    package func answer(_ query: Query, _ body: (Finding) throws -> Void) throws -> QueryOutcome {
        let catalog = try backupdir.catalogForReading()
        switch query {
        case .nights: return try nights(catalog, body)
        case .list(let choice, let path): return try list(path, choice, catalog, body)
        case .versions(let path): return try versions(of: path, catalog, body)
        case .find(let pattern, let choice): return try find(pattern, choice, catalog, body)
        }
    }
}

/// Names read from the catalog at once.
let pageLength = 1_000

/// Throws `.busy` if what a generation held was forgotten while it was being told of.
func checkStillKept(_ generations: [Generation], _ catalog: Catalog) throws {
    guard try generations.allSatisfy(catalog.isKept) else {
        throw StorageError(.busy, "a night went while its catalog was read; ask again")
    }
}
