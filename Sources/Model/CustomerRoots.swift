/// Where the customers of a jail have their roots: `/mnt/data*/*-DIR`. A customer is a word of such a directory's name,
/// between dashes: `col00214` of `69.55.238.98-col00214-DIR`.
package struct CustomerRoots: Hashable, Sendable {
    /// Absolute.
    package let patterns: [PathPattern]

    /// What holds where a config has no `customer-roots`.
    package static let usual: CustomerRoots = {
        guard let usual = try? CustomerRoots(Array("/mnt/data*/*-DIR".utf8)) else { preconditionFailure("no pattern") }
        return usual
    }()

    /// Reads patterns that blanks separate.
    ///
    /// - Throws: what is wrong with the first that is none.
    package init(_ written: [UInt8]) throws(PathPattern.Refusal) {
        var patterns: [PathPattern] = []
        for word in written.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) {
            guard word.first == UInt8(ascii: "/") else {
                throw PathPattern.Refusal(reason: "\(escaped(word)) does not begin with /")
            }
            let pattern = try PathPattern(word)
            if pattern.names.isEmpty { throw PathPattern.Refusal(reason: "/ is no customer's alone") }
            patterns.append(pattern)
        }
        if patterns.isEmpty { throw PathPattern.Refusal(reason: "there is no pattern") }
        self.patterns = patterns
    }

    /// The customer root that a path is or lies in; nil if it is no customer's.
    package func root(of path: Path) -> Path? {
        for pattern in patterns where path.names.count >= pattern.names.count {
            let start = path.names.prefix(pattern.names.count)
            if pattern.matches(start) { return Path(Array(start)) }
        }
        return nil
    }

    /// The roots of a customer: of those in which an entry lies. More than one where he has some on several disks; in
    /// the order of their paths.
    package func roots(of customer: [UInt8], among entries: [Path]) -> [Path] {
        Set(entries.compactMap(root(of:))).filter { isOf(customer, $0) }.sorted()
    }

    /// Whether a customer root has the customer in its name.
    private func isOf(_ customer: [UInt8], _ root: Path) -> Bool {
        guard let name = root.names.last, !customer.isEmpty, words(name.bytes).contains(customer[...]) else {
            return false
        }
        // `DIR` is what every root is called, and no customer.
        return !patterns.contains { pattern in
            words(pattern.bytes.split(separator: UInt8(ascii: "/")).last ?? []).contains(customer[...])
        }
    }

    private func words(_ name: some Collection<UInt8>) -> [ArraySlice<UInt8>] {
        Array(name).split(separator: UInt8(ascii: "-"))
    }
}
