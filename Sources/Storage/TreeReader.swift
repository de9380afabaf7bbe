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
            if let found = try reader(ofNight: number, catalog, of: generation) { return found }
        }
        for hold in try catalog.holds() where hold.generation == generation && paths.allSatisfy(hold.path.contains) {
            let holds = try at("\(path)") { () throws(SystemError) in try directory.openOwn(Layout.holds) }
            let title = "\(path)/\(Layout.holds)/\(hold.name)"
            let found = try claim(hold.name, in: holds, title, night: nil, catalog) { tree in
                try catalog.tree(ofHold: hold.name) == tree ? generation : nil
            }
            if let found { return found }
        }
        return nil
    }

    /// One night, whatever it holds, claimed for reading. Needs no lock.
    ///
    /// - Parameter generation: nil for any.
    /// - Returns: nil if there is no such night, or it is being changed at this moment.
    package func reader(ofNight number: Int, _ catalog: Catalog, of generation: Generation? = nil) throws -> TreeReader?
    {
        let name = Layout.night(number)
        return try claim(name, in: directory, "\(path)/\(name)", night: number, catalog) { tree in
            guard let state = try catalog.tree(tree), state.target == nil else { return nil }
            return generation == nil || state.generation == generation ? state.generation : nil
        }
    }

    /// Opens a tree, and asks what it is only once nobody can change it any more.
    /// - Parameter generation: that of a tree, if it is wanted.
    private func claim(
        _ name: Name, in place: Directory, _ title: String, night: Int?, _ catalog: Catalog,
        generation: (TreeIdentity) throws -> Generation?
    ) throws -> TreeReader? {
        // Most are another generation: those need not be claimed.
        guard let tree = try identity(of: name, in: place, title), try generation(tree) != nil else { return nil }
        let root = try at(title) { () throws(SystemError) in try place.openOwn(name) }
        guard try at(title, { () throws(SystemError) in try root.claimToRead() }) else { return nil }
        let status = try at(title) { () throws(SystemError) in try root.status() }
        let claimed = TreeIdentity(inode: status.stamp.inode, birth: status.birth)
        return try generation(claimed).map {
            TreeReader(root, title: title, night: night, generation: $0, catalog: catalog)
        }
    }
}
