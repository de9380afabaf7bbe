import Glibc
package import Catalog
package import Model
internal import Platform
import Synchronization

/// Where a push lands: `incoming/G`, a directory for each directory of the jail in which something is new, flat by
/// number, and in it each new inode under its own name.
///
/// Any number of threads may stage at once, each a place of its own. Nothing that existed is ever opened for writing:
/// what is new is made under a free name with all it carries, and only then may its row be put into the catalog. A row
/// needs a staged inode unless its object is the one that the place had at the committed generation; a directory needs
/// none. Whatever stood staged at a place is replaced. What cannot be carried without being root (owners, devices,
/// trusted attributes) is left to the catalog and is no error.
package final class Staging: Sendable {
    /// That the push fills.
    package let generation: Generation
    let incoming: Incoming
    let catalog: Catalog
    private let newest: NewestTree?
    private let reserve: Reserve
    private let writeBehind: WriteBehind
    private let ahead = AheadNotes()
    /// What could not be carried, of what was staged, and of directories since the backupdir was locked.
    package let shortfalls: Shortfalls
    /// Of inodes that took no more names: where the copy is that takes more.
    private let copies = Mutex<[ObjectNumber: Place]>([:])

    /// - Parameter newest: tree `0`; nil where nothing is taken from it.
    init(
        generation: Generation, incoming: Incoming, catalog: Catalog, newest: NewestTree?, reserve: Reserve,
        shortfalls: Shortfalls
    ) {
        self.generation = generation
        self.incoming = incoming
        self.catalog = catalog
        self.newest = newest
        self.reserve = reserve
        writeBehind = WriteBehind(incoming.top)
        self.shortfalls = shortfalls
    }

    /// An inode that is there already.
    package enum Source: Hashable, Sendable {
        /// Staged in this push, or in the one that it continues.
        case staged(Place)
        /// In tree `0`, at the place where the committed generation has it.
        case newest(Place)

        /// Where the inode has a name, and the catalog a row.
        package var place: Place {
            switch self {
            case .staged(let place), .newest(let place): place
            }
        }
    }

    /// A regular file that is to be filled. It is nothing until its `finish`.
    /// - Parameters:
    ///   - sparse: whether runs of zeros become holes.
    ///   - mode: that it will have, where that is known: one change less in the end. No one but us enters the staging.
    package func createFile(_ place: Place, sparse: Bool, mode: UInt16 = 0o600) throws -> StagedFile {
        let directory = try prepare(place)
        let file = try make(place, in: directory) { () throws(SystemError) in
            try directory.createFile(place.name, mode: mode & 0o777)
        }
        return StagedFile(
            file, sparse: sparse, in: directory, name: place.name, title: title(place.directory), reserve: reserve,
            writeBehind: writeBehind, ahead: ahead
        ) { [shortfalls] in shortfalls.note($0, of: place.directory, place.name) }
    }

    /// To be called before the row is put into the catalog: names alone fill a disk, and a directory is nothing but one.
    /// Throws `.noSpace` if that would not leave the reserve free.
    package func takeRoom(for row: Row) throws { try reserve.take(row.weight) }

    /// Nothing more will be staged; what is being written out is waited for.
    func finish() throws {
        incoming.close()
        try at(incoming.title) { () throws(SystemError) in try writeBehind.finish() }
    }

    /// A symlink, fifo, socket or device, with all it carries. A device that this user may not make becomes an empty
    /// regular file that stands for it.
    /// - Parameter target: of a symlink.
    package func create(
        _ place: Place, metadata: Metadata, attributes: Attributes, target: [UInt8]? = nil
    ) throws {
        let directory = try prepare(place)
        switch metadata.kind {
        case .symlink:
            guard let target, !target.isEmpty else { throw StorageError(.refused, "a symlink without a target") }
            try make(place, in: directory) { () throws(SystemError) in
                try directory.makeSymlink(place.name, target: target)
            }
        case .fifo, .socket, .characterDevice, .blockDevice:
            try make(place, in: directory) { () throws(SystemError) in
                do throws(SystemError) {
                    try directory.makeNode(place.name, kind: metadata.kind, device: metadata.device)
                } catch  where error.code == EPERM {
                    try directory.makeNode(place.name, kind: .regular)
                }
            }
        case .regular, .directory:
            throw StorageError(.refused, "\(metadata.kind) is not made whole")
        }
        do {
            let lacking = try at(title(place)) { () throws(SystemError) in
                try directory.apply(to: place.name, metadata, attributes)
            }
            shortfalls.note(lacking, of: place.directory, place.name)
        } catch {
            try? directory.unlink(place.name)
            throw error
        }
    }

    /// Another name for an inode that is there. If that takes no more names, this one is of a copy, and so are those that
    /// follow; the commit gives them all to one inode again.
    package func link(_ place: Place, to source: Source, of object: ObjectNumber) throws {
        try find(source) { from, name in
            if case .staged(place) = source { return }
            try link(place, to: name, in: from, of: object)
        }
    }

    private func link(_ place: Place, to name: Name, in from: Directory, of object: ObjectNumber) throws {
        let directory = try prepare(place)
        let isLinked = try make(place, in: directory) { () throws(SystemError) in
            try linked(name, in: from, to: directory, as: place.name)
        }
        if isLinked { return }
        let status = try at(title(place)) { () throws(SystemError) in try from.status(of: name) }
        try reserve.takeContent(of: status)
        try catalog.noteRelinking(of: object)
        let known = copies.withLock { $0[object] }
        try at(title(place)) { () throws(SystemError) in
            if let known, let other = try incoming.find(known.directory),
                try other.statusIfPresent(of: known.name) != nil,
                try linked(known.name, in: other, to: directory, as: place.name)
            {
                return
            }
            try copyInode(name, from: from, to: directory, as: place.name)
            copies.withLock { $0[object] = place }
        }
    }

    /// False if the inode takes no more names.
    private func linked(
        _ name: Name, in from: Directory, to directory: Directory, as other: Name
    ) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try from.link(name, to: directory, as: other)
            return true
        } catch  where error.code == EMLINK {
            return false
        }
    }

    /// The inode that a past night has at the place.
    func link(_ place: Place, from night: OpenTree) throws {
        let from = try night.directory(place.directory)
        let directory = try prepare(place)
        try make(place, in: directory) { () throws(SystemError) in
            do throws(SystemError) {
                try from.link(place.name, to: directory, as: place.name)
            } catch  where error.code == EMLINK {
                try copyInode(place.name, from: from, to: directory, as: place.name)
            }
        }
    }

    /// A new inode with the content of one that is there, and metadata and attributes of its own. The content is not
    /// read where the file system can share it. Regular files only.
    package func copy(
        _ place: Place, from source: Source, metadata: Metadata, attributes: Attributes
    ) throws {
        // Held open, so that it may be what is replaced.
        let content = try find(source) { from, name in
            try at(title(place)) { () throws(SystemError) in try from.openFile(name) }
        }
        let status = try at(title(place)) { () throws(SystemError) in try content.status() }
        guard status.kind == .regular, status.stamp.metadata.size == metadata.size else {
            throw StorageError(.refused, "\(title(place)): its content is not what it is to have")
        }
        let directory = try prepare(place)
        let file = try make(place, in: directory) { () throws(SystemError) in try directory.createFile(place.name) }
        do {
            let isShared = try at(title(place)) { () throws(SystemError) in
                try shareContents(from: content, to: file)
            }
            if !isShared { try reserve.takeContent(of: status) }
            try at(title(place)) { () throws(SystemError) in
                if !isShared { try copyContents(from: content, to: file, length: metadata.size) }
                shortfalls.note(try file.apply(carried(metadata), attributes), of: place.directory, place.name)
            }
        } catch {
            try? directory.unlink(place.name)
            throw error
        }
    }

    /// Takes back what was staged at a place, if anything was.
    package func discard(_ place: Place) throws {
        try at(title(place)) { () throws(SystemError) in
            guard let directory = try incoming.find(place.directory) else { return }
            try removeIfPresent(place.name, in: directory)
        }
    }

    private func prepare(_ place: Place) throws -> Directory {
        try reserve.takeInode()
        return try at(title(place.directory)) { () throws(SystemError) in try incoming.make(place.directory) }
    }

    /// Makes a new inode. If something is staged there, its row is withdrawn for good before it goes, so that no row ever
    /// stands for half a file.
    private func make<Result: ~Copyable>(
        _ place: Place, in directory: Directory, _ body: () throws(SystemError) -> Result
    ) throws -> Result {
        do throws(SystemError) {
            return try body()
        } catch  where error.code == EEXIST {
        } catch {
            throw StorageError(error, title(place))
        }
        if let row = try catalog.row(at: place), row.since == generation {
            try catalog.clearListingDigest(of: place.directory)
            try catalog.reopen(place)
            try catalog.flush()
        }
        return try at(title(place)) { () throws(SystemError) in
            try removeIfPresent(place.name, in: directory)
            return try body()
        }
    }

    /// Where the inode of a row of the open generation is.
    func source(of row: Row, at place: Place) throws -> Source {
        try catalog.isStaged(row) ? .staged(place) : .newest(place)
    }

    /// - Parameter body: is given the directory in which the inode has this name.
    func find<Result: ~Copyable>(
        _ source: Source, _ body: (Directory, Name) throws -> Result
    ) throws -> Result {
        switch source {
        case .staged(let place):
            // A row whose stamp alone moved rests on the inode that tree `0` has.
            if let row = try catalog.row(at: place), row.since == generation, try !catalog.isStaged(row) {
                return try find(.newest(place), body)
            }
            let found = try at(title(place)) { () throws(SystemError) in try incoming.find(place.directory) }
            guard let found else { throw StorageError(.refused, "\(title(place)): nothing is staged there") }
            return try body(found, place.name)
        case .newest(let place):
            guard let newest else { throw StorageError(.refused, "nothing is taken from tree 0") }
            return try newest.read { tree in
                guard let tree else { throw StorageError(.refused, "there is no night yet") }
                return try body(try tree.directory(place.directory), place.name)
            }
        }
    }

    private func title(_ directory: DirectoryNumber) -> String { "\(incoming.title)/\(directory.rawValue)" }
    func title(_ place: Place) -> String { "\(title(place.directory))/\(place.name)" }
}
