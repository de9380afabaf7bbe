internal import Catalog
internal import Model
internal import Platform

/// A copy of a file that is there already, of which parts go into a new one. Held open, so that it may be what the new
/// one replaces; never written to.
package final class Basis: Sendable {
    let file: Descriptor
    private let title: String
    /// Of its content, in bytes.
    package let length: UInt64

    init(_ file: consuming Descriptor, title: String) throws(StorageError) {
        let status: FileStatus
        do throws(SystemError) {
            status = try file.status()
        } catch {
            throw StorageError(error, title)
        }
        guard status.kind == .regular else { throw StorageError(.damaged, "\(title): it is no regular file") }
        length = status.stamp.metadata.size
        self.file = file
        self.title = title
    }

    /// Reads at a position until the buffer is full or the file ends; says how many bytes that were.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws -> Int {
        try at(title) { () throws(SystemError) in try file.read(into: buffer, at: offset) }
    }

    /// Where the next data at or after `offset` begins; nil if there is only a hole up to the end.
    package func nextData(from offset: UInt64) throws -> UInt64? {
        try at(title) { () throws(SystemError) in try file.nextData(from: offset) }
    }
}

extension Staging {
    /// Opens what is there. Throws where it is not, or is no regular file: somebody altered the tree.
    package func basis(_ source: Source) throws -> Basis {
        let title = title(source.place)
        return try find(source) { directory, name in
            try Basis(try at(title) { () throws(SystemError) in try directory.openFile(name) }, title: title)
        }
    }
}
