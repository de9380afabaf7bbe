import Model
import Testing

/// Stock rsync as the judge of two trees: contents, names, kinds, owners, modes, times, links, ACLs and extended
/// attributes. The failure shows each line that rsync would have to mend.
///
/// rsync fails beyond PATH_MAX and reads holes byte by byte: `excluding` (patterns of rsync) leaves such parts to
/// `expectSameByDescriptor`.
///
/// - Returns: whether they are the same, for a test that has no more to say if they are not.
@discardableResult
package func expectSameTree(
    _ original: String, _ copy: String, excluding: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
) throws -> Bool {
    let differences = try judge(original, copy, excluding: excluding)
    report(differences, original, copy, sourceLocation)
    return differences.isEmpty
}

/// What rsync would change to make `copy` the same as `original`: nothing, if they are the same.
package func judge(_ original: String, _ copy: String, excluding: [String] = []) throws -> [String] {
    try judge([(original, copy)], excluding: excluding)[0]
}

/// The same of several pairs, at once: most of what rsync takes for a small tree it sleeps.
package func judge(
    _ pairs: [(original: String, copy: String)], excluding: [String] = []
) throws -> [[String]] {
    // Attributes are all compared as root only; another user cannot see those of trusted and security.
    let options = ["-aAXHn", "--delete", "--checksum", "--itemize-changes"] + excluding.map { "--exclude=\($0)" }
    let judges = try pairs.map { try Command(["rsync"] + options + ["\($0.original)/", "\($0.copy)/"]).start() }
    return try judges.map { judge in
        let outcome = try judge.wait(limit: 600)
        let lines = outcome.lines.map { escaped(Array($0.utf8)) }
        return outcome.status == 0 ? lines : lines + ["rsync: \(outcome)"]
    }
}

/// Compares two trees name by name through descriptors, to any depth, without reading holes: kinds, modes, owners,
/// sizes, times of everything, targets, devices, contents, which names are links of one another, and that a file with
/// holes still has them.
@discardableResult
package func expectSameByDescriptor(
    _ original: String, _ copy: String, sourceLocation: SourceLocation = #_sourceLocation
) throws -> Bool {
    let differences = try TreeComparison(original, copy).differences
    report(differences, original, copy, sourceLocation)
    return differences.isEmpty
}

private func report(_ differences: [String], _ original: String, _ copy: String, _ location: SourceLocation) {
    if differences.isEmpty { return }
    let shown = differences.prefix(20) + (differences.count > 20 ? ["and \(differences.count - 20) more"] : [])
    Testing.Issue.record("\(copy) is not \(original):\n\(shown.joined(separator: "\n"))", sourceLocation: location)
}
