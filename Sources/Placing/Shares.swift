import Model

/// What goes into one archive, and where that belongs.
package struct Share: Hashable, Sendable {
    /// The customer root that all of it lies in, and that the archive is placed in; nil for what is no customer's.
    package var root: Path?
    package var parts: [RestorePart]

    package init(root: Path?, parts: [RestorePart]) {
        self.root = root
        self.parts = parts
    }
}

/// Shares parts out, so that what is placed in a customer's root holds nothing from outside it: one for each customer root,
/// in the order in which they are named, and one for all that lies in none. An archive for which whoever asks names the
/// file is not shared out: it holds all that they named, whose ever it is.
///
/// A path of the jail that leads into a customer root is that customer's: names in the archive are relative to his root,
/// which is what it is called after.
package func shares(of parts: [RestorePart], _ roots: CustomerRoots) -> [Share] {
    var shares: [Share] = []
    for part in parts {
        let part = part.customer == nil ? rebased(part, roots) : part
        let root = part.customer == nil ? nil : part.base
        if let known = shares.firstIndex(where: { $0.root == root }) {
            // By its name or by a path, it is the same customer.
            var part = part
            part.customer = shares[known].parts.first?.customer
            shares[known].parts.append(part)
        } else {
            shares.append(Share(root: root, parts: [part]))
        }
    }
    return shares
}

/// The same part, relative to the customer root that it lies in, if there is one.
private func rebased(_ part: RestorePart, _ roots: CustomerRoots) -> RestorePart {
    guard let root = roots.root(of: Path(part.base.names + part.pattern.literalStart)), let name = root.names.last,
        part.base.names.isEmpty
    else { return part }
    return RestorePart(customer: name.bytes, base: root, pattern: part.pattern.dropping(root.names.count))
}
