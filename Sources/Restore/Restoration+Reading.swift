internal import Catalog
internal import Digest
internal import Model
internal import Platform
internal import Storage

extension Restoration {
    /// What the jail, and the customer if there is one, call the owners in this night.
    func ownerNames() throws -> OwnerNames {
        let isCustomers = order.customer != nil && !order.base.names.isEmpty
        let customer = isCustomers ? try accounts(below: order.base) : nil
        return OwnerNames(jail: try accounts(below: Path()), customer: customer)
    }

    /// Nil where there are none, or they cannot be read whole.
    private func accounts(below root: Path) throws -> AccountFiles? {
        let directory = Path(root.names + ["etc"])
        let users = try content(of: directory.appending("passwd"), in: tree)
        let groups = try content(of: directory.appending("group"), in: tree)
        return users == nil && groups == nil ? nil : AccountFiles(users: users, groups: groups)
    }

    private static let mostAccountBytes: UInt64 = 4 << 20

    private func content(of path: Path, in tree: TreeReader) throws -> [UInt8]? {
        guard let row = try catalog.resolve(path, at: tree.generation), let place = row.place,
            row.stamp.metadata.kind == .regular, row.stamp.metadata.size <= Restoration.mostAccountBytes
        else { return nil }
        var content: [UInt8] = []
        guard let file = try? tree.open(place) else { return nil }
        let wrong = try ContentReader().read(
            file, size: row.stamp.metadata.size, data: nil, digest: row.digest
        ) { piece in
            if case .bytes(let bytes) = piece { content += bytes }
        }
        return wrong == nil ? content : nil
    }

    /// Says of each damaged file in which nights a good one lies. They are read for it, each inode once: that another
    /// night has the file says nothing, most nights share it.
    func findGoodCopies(of summary: inout RestoreSummary) {
        // As the nights are by now; the one that was read is there no more if it has another number.
        guard !summary.damaged.isEmpty, let catalog = try? backupdir.catalogForReading() else { return }
        let trees = (0...NightChoice.oldest).compactMap { number -> (number: Int, tree: TreeReader)? in
            guard let tree = try? backupdir.reader(ofNight: number, catalog), tree.title != self.tree.title else {
                return nil
            }
            return (number, tree)
        }
        for index in summary.damaged.indices {
            let path = summary.damaged[index].path
            var known: [UInt64: Bool] = [:]
            summary.damaged[index].goodNights = trees.filter { isGood(path, in: $0.tree, catalog, &known) }.map(
                \.number)
        }
    }

    /// - Parameter known: what was found of an inode.
    private func isGood(_ path: Path, in tree: TreeReader, _ catalog: Catalog, _ known: inout [UInt64: Bool]) -> Bool {
        guard let row = try? catalog.resolve(path, at: tree.generation), row.stamp.metadata.kind == .regular,
            let place = row.place, let file = try? tree.open(place), let status = try? file.status()
        else { return false }
        if let answer = known[status.stamp.inode] { return answer }
        let size = row.stamp.metadata.size
        let isWhole = status.kind == .regular && status.stamp.metadata.size == size
        let data = try? ContentReader().dataRanges(of: file, status)
        let wrong = try? ContentReader().read(file, size: size, data: data, digest: row.digest) { _ in }
        let isGood = isWhole && wrong == .some(nil)
        known[status.stamp.inode] = isGood
        return isGood
    }
}
