package import Model

/// Why the catalog could not answer.
package struct CatalogError: ClassifiedError, Hashable, CustomStringConvertible {
    /// `.missing`: there is no database.
    package var problem: Problem
    /// Fit to be shown.
    package var description: String

    package init(_ problem: Problem, _ description: String) {
        self.problem = problem
        self.description = description
    }

    /// The same of a file that is broken, with its path and what to do; other trouble as it is.
    func naming(_ title: String) -> CatalogError {
        guard problem == .damaged, description.hasPrefix(CatalogError.nameless) else { return self }
        let what = description.dropFirst(CatalogError.nameless.count)
        return CatalogError(
            .damaged,
            "\(title): \(what): put a copy of it back, or move the whole backupdir aside and enroll the jail anew")
    }

    private static let nameless = "catalog: "
}
