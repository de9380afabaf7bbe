package import Catalog
package import Model
package import Platform

/// A night, or a hold, that is being read. Its tree stays what it is until the last reference goes, whatever housekeeping
/// and pushes do meanwhile: where they would have changed it, they put it aside.
package final class TreeReader: Sendable {
    /// Which tree, for messages: `/data/jail15/3`.
    package let title: String
    package let generation: Generation
    /// The number that it had when it was opened; nil for a hold's.
    package let night: Int?
    private let tree: OpenTree

    init(_ root: Directory, title: String, night: Int?, generation: Generation, catalog: Catalog) {
        self.title = title
        self.night = night
        self.generation = generation
        tree = OpenTree(root: root, title: title, catalog: catalog, generation: generation)
    }

    /// Opens what has this name in a directory of the generation, to be read; whatever it is. Nothing follows a symlink,
    /// no path is too long.
    package func open(_ place: Place) throws -> Descriptor {
        let directory = try tree.directory(place.directory)
        return try at(title) { () throws(SystemError) in try directory.openFile(place.name) }
    }
}

extension Backupdir {
    /// A tree that holds these paths of a generation, claimed for reading. Needs no lock.
    ///
    /// - Returns: nil if there is none, or those that there are being changed at this moment.
    package func reader(of generation: Generation, holding paths: [Path], _ catalog: Catalog) throws -> TreeReader? {
        for number in Layout.nights {
            let name = Layout.night(number)
            let found = try claim(name, in: directory, "\(path)/\(name)", night: number, generation, catalog) { tree in
                let state = try catalog.tree(tree)
                return state?.generation == generation && state?.target == nil
            }
            if let found { return found }
        }
        for hold in try catalog.holds() where hold.generation == generation && paths.allSatisfy(hold.path.contains) {
            let holds = try at("\(path)") { () throws(SystemError) in try directory.openOwn(Layout.holds) }
            let title = "\(path)/\(Layout.holds)/\(hold.name)"
            let found = try claim(hold.name, in: holds, title, night: nil, generation, catalog) { tree in
                try catalog.tree(ofHold: hold.name) == tree
            }
            if let found { return found }
        }
        return nil
    }

    /// Opens a tree, and asks what it is only once nobody can change it any more.
    private func claim(
        _ name: Name, in place: Directory, _ title: String, night: Int?, _ generation: Generation, _ catalog: Catalog,
        isWanted: (TreeIdentity) throws -> Bool
    ) throws -> TreeReader? {
        // Most are another generation: those need not be claimed.
        guard let tree = try identity(of: name, in: place, title), try isWanted(tree) else { return nil }
        let root = try at(title) { () throws(SystemError) in try place.openOwn(name) }
        guard try at(title, { () throws(SystemError) in try root.claimToRead() }) else { return nil }
        let status = try at(title) { () throws(SystemError) in try root.status() }
        guard try isWanted(TreeIdentity(inode: status.stamp.inode, birth: status.birth)) else { return nil }
        return TreeReader(root, title: title, night: night, generation: generation, catalog: catalog)
    }
}
