extension RestorePart {
    /// What the words of a command line stand for: a customer (`col00214`), which is all of his root; a customer and, after
    /// it, paths in his root (`col00214 usr/home/bob etc/passwd`); absolute paths of the jail. All of them may be patterns,
    /// and stand in any number beside each other. A word with a slash is never a customer.
    ///
    /// After a customer no path of the jail may stand, unless it leads into his root: `/etc/passwd`, as he writes it in his
    /// mail, would give him the machine's.
    ///
    /// - Parameters:
    ///   - entries: the paths of the jail's entries, by which the customers are known.
    ///   - roots: where customers have their roots.
    /// - Throws: what is wrong with the first word that stands for nothing.
    package static func parts(
        of words: [[UInt8]], among entries: [Path], _ roots: CustomerRoots
    ) throws(RestoreRefusal) -> [RestorePart] {
        var parts: [RestorePart] = []
        var customer: (name: [UInt8], roots: [Path], hasPaths: Bool)?
        func finishCustomer() {
            guard let customer, !customer.hasPaths else { return }
            parts += customer.roots.map { RestorePart(customer: customer.name, base: $0, pattern: .empty) }
        }
        for word in words {
            if word.isEmpty { throw RestoreRefusal(.words, "an empty word stands for nothing") }
            let isPath = word.contains(UInt8(ascii: "/"))
            if word.first == UInt8(ascii: "/") {
                let pattern = try pattern(word)
                if let (name, roots, _) = customer {
                    parts.append(try inside(pattern, of: name, roots))
                    customer?.hasPaths = true
                } else {
                    parts.append(RestorePart(base: Path(), pattern: pattern))
                }
                continue
            }
            let found = isPath ? [] : roots.roots(of: word, among: entries)
            if !found.isEmpty {
                finishCustomer()
                customer = (word, found, false)
            } else if let (name, roots, _) = customer {
                let pattern = try pattern(word)
                parts += roots.map { RestorePart(customer: name, base: $0, pattern: pattern) }
                customer?.hasPaths = true
            } else {
                throw unknown(word, isPath: isPath, roots)
            }
        }
        finishCustomer()
        guard !parts.isEmpty else { throw RestoreRefusal(.words, "say what: a customer, or a path of the jail") }
        var listed: Set<RestorePart> = []
        return parts.filter { listed.insert($0).inserted }
    }

    /// What an absolute path after a customer stands for.
    private static func inside(
        _ pattern: PathPattern, of customer: [UInt8], _ roots: [Path]
    ) throws(RestoreRefusal) -> RestorePart {
        guard let root = roots.first(where: { $0.contains(Path(pattern.literalStart)) }) else {
            throw RestoreRefusal(
                .words,
                "/\(escaped(pattern.bytes)): after a customer, a path begins without '/', and is one in his root;"
                    + " a path of the jail stands before the customers")
        }
        return RestorePart(customer: customer, base: root, pattern: pattern.dropping(root.names.count))
    }

    private static func pattern(_ word: [UInt8]) throws(RestoreRefusal) -> PathPattern {
        do throws(PathPattern.Refusal) {
            return try PathPattern(word)
        } catch {
            throw RestoreRefusal(.words, "\(escaped(word)): \(error.reason)")
        }
    }

    private static func unknown(_ word: [UInt8], isPath: Bool, _ roots: CustomerRoots) -> RestoreRefusal {
        if isPath {
            return RestoreRefusal(
                .words,
                "\(escaped(word)): a path of the jail begins with '/'; one in a customer's root stands after him")
        }
        let places = roots.patterns.map { "/\(escaped($0.bytes))" }.joined(separator: " ")
        return RestoreRefusal(
            .notFound, "\(escaped(word)): no entry lies in the root of such a customer (customer-roots: \(places))")
    }
}

/// Why nothing can be restored as it was asked for.
package struct RestoreRefusal: Error, Hashable, CustomStringConvertible {
    /// What kind of reason; its numbers are fit for the wire.
    package enum Reason: UInt8, Sendable {
        /// The words cannot be understood.
        case words = 1
        /// There is no such night, or no tree of it any more.
        case noNight = 2
        /// What was named is not in that night; the text says in which it is.
        case notFound = 3
    }

    package var reason: Reason
    /// Fit to be shown.
    package var description: String

    package init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}
