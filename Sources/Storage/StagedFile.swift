internal import Digest
package import Model
internal import Platform

/// A regular file on its way into the staging; for one thread at a time. Dropped before `finish`, it is removed.
///
/// Its content comes in runs, in any order: what is numbered says in which one they were read. Those rise through the
/// file, and between two of them is a hole.
package final class StagedFile: Sendable {
    private let content: Monitor<FileContent?>
    private let directory: Directory
    private let name: Name
    private let title: String
    private let reserve: Reserve
    private let writeBehind: WriteBehind
    private let noteLacking: @Sendable ([String]) -> Void

    init(
        _ file: consuming Descriptor, sparse: Bool, in directory: Directory, name: Name, title: String,
        reserve: Reserve, writeBehind: WriteBehind, ahead: AheadNotes,
        noteLacking: @escaping @Sendable ([String]) -> Void
    ) {
        content = Monitor(FileContent(file, sparse: sparse, ahead))
        self.directory = directory
        self.name = name
        self.title = title
        self.reserve = reserve
        self.writeBehind = writeBehind
        self.noteLacking = noteLacking
    }

    deinit { abandon() }

    private var place: String { "\(title)/\(name)" }

    /// Writes a run of content.
    /// - Parameter number: of the run, from 0. Throws `.refused` if that came before, if the runs before it reach
    ///   beyond `offset`, or if too many came ahead of their turn.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64, as number: UInt64) throws {
        try reserve.take(bytes.count)
        try content.with { content in
            guard let content else { throw StorageError(.refused, "\(place): already ended") }
            do {
                try content.write(bytes, at: offset, as: number)
            } catch let error as SystemError {
                throw StorageError(error, place)
            } catch let disorder as RunDisorder {
                throw StorageError(.refused, "\(place): \(disorder)")
            }
        }
        writeBehind.note(bytes.count)
    }

    /// Ends the file: a hole up to `metadata.size`, then owner, mode, ACL, extended attributes, capabilities, times.
    /// Throws `.damaged` if the content is longer than that, lacks a run, or is not what the digest says; the file is
    /// removed then.
    /// - Parameter digest: of the whole content, as the agent computed it while it read.
    package func finish(metadata: Metadata, attributes: Attributes, digest: ContentDigest) throws {
        do {
            try content.with { held in
                guard let content = held else { throw StorageError(.refused, "\(place): already ended") }
                guard content.isWhole else { throw StorageError(.damaged, "\(place): a part of it never came") }
                guard content.position <= metadata.size else {
                    throw StorageError(.damaged, "\(place): longer than the \(metadata.size) bytes that were told")
                }
                let found = try at(place) { () throws(SystemError) in try content.end(at: metadata.size) }
                guard found == digest else {
                    throw StorageError(.damaged, "\(place): the content that arrived is not what was read")
                }
                noteLacking(
                    try at(place) { () throws(SystemError) in try content.file.apply(carried(metadata), attributes) })
                held = nil
            }
        } catch {
            abandon()
            throw error
        }
    }

    /// Removes it.
    package func abandon() {
        content.with { content in
            guard content != nil else { return }
            content = nil
            try? directory.unlink(name)
        }
    }
}
