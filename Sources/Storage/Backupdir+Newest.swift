package import Catalog
internal import Model
internal import Platform

extension Backupdir {
    /// Whether the jail ever pushed. Throws `.damaged` where the catalog and tree `0` contradict each other.
    /// - Parameter catalog: nil where there is none.
    package func wasPushed(by catalog: Catalog?) throws -> Bool {
        // In this order: what is committed meanwhile is known by then.
        let isThere = try hasNewest(in: directory, path)
        let isSealed = try catalog?.openGeneration()?.state == .sealed
        guard let catalog, try catalog.committed() != .empty else {
            if isThere, !isSealed { throw unknownNewest(path) }
            return false
        }
        guard isThere else {
            throw StorageError(
                .damaged,
                "\(path)/0 is not there, though a push was committed: put it back, or move the whole backupdir aside and"
                    + " enroll the jail anew")
        }
        return true
    }
}

/// Throws `.damaged` if there is a tree `0`, of which the catalog knows nothing. That is no first push: one over it would
/// lose what the jail has no more.
func checkNothingPushed(in directory: Directory, _ path: Path) throws {
    if try hasNewest(in: directory, path) { throw unknownNewest(path) }
}

private func hasNewest(in directory: Directory, _ path: Path) throws(StorageError) -> Bool {
    try at("\(path)/0") { () throws(SystemError) in try directory.statusIfPresent(of: Layout.newest) != nil }
}

private func unknownNewest(_ path: Path) -> StorageError {
    StorageError(
        .damaged,
        "\(path)/0 is there, but its catalog knows of no push: put \(Layout.own)/\(Layout.catalog) back, or move the whole"
            + " backupdir aside and enroll the jail anew")
}
