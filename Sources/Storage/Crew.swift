import Glibc
internal import Catalog
internal import Model
internal import Platform

/// Threads that take names away from a tree and give it those of another, or what is staged, several directories at once.
/// What takes the time there is the disk: a name that goes has to be read first, and so has its inode.
///
/// No two jobs may be of one directory, and none may make or remove one.
final class Crew: Sendable {
    /// What differs in one directory, in names that are no directories at either end.
    struct Job: Sendable {
        enum Deed: Sendable {
            case remove
            /// - isNew: nothing is there yet, as far as is known.
            case link(isNew: Bool)
            /// - row: of what is staged, or was, before an earlier run moved it.
            case take(Row)

            var links: Bool {
                if case .link = self { true } else { false }
            }
            var takes: Bool {
                if case .take = self { true } else { false }
            }
        }

        let number: DirectoryNumber
        let directory: Directory
        /// The same directory in the tree that has what is to be linked; nil if nothing is.
        let source: Directory?
        /// What is staged for it; nil if nothing is, or no more.
        let staged: Directory?
        var deeds: [(name: Name, deed: Deed)]
        /// What the directory's own time is to be afterwards.
        let modified: Timestamp
    }

    /// What could not be done as it should.
    struct Leftovers: Sendable {
        /// Names that are still to be made, as their inodes take no more.
        var names: [Place] = []
        /// Names that were staged, and are neither there nor in the tree.
        var lost: [Place] = []
        /// Directories whose times the file system has no place for.
        var untimed: [DirectoryNumber] = []

        fileprivate var isEmpty: Bool { names.isEmpty && lost.isEmpty && untimed.isEmpty }
    }

    private struct Results {
        var left = Leftovers()
        var failure: (number: DirectoryNumber, error: SystemError)?
    }

    private static let threads = 8
    /// Directories that are handed to a thread at once: to wake one for each costs more than the work.
    private static let heap = 8
    /// Each directory is open up to three times meanwhile, in both trees and in the staging: several jails' nights have to
    /// fit into what a program may have open.
    private static let queuedHeaps = 4

    private let queue = BoundedQueue<[Job]>(capacity: Crew.queuedHeaps)
    private let heap = Monitor<[Job]>([])
    private let results = Monitor(Results())
    private let running: Monitor<[Thread]> = Monitor([])
    private let progress: Progress?

    init(progress: Progress?) { self.progress = progress }

    deinit { abandon() }

    /// Waits for room. What comes after a failure is dropped: `finish` throws it.
    func add(_ job: Job) throws(SystemError) {
        let full = heap.with { heap -> [Job]? in
            heap.append(job)
            guard heap.count >= Crew.heap else { return nil }
            defer { heap = [] }
            return heap
        }
        if let full { try hand(full) }
    }

    private func hand(_ heap: [Job]) throws(SystemError) {
        try running.with { threads throws(SystemError) in
            guard threads.count < Crew.threads else { return }
            do throws(SystemError) {
                threads.append(
                    try Thread.spawn("bring") { [queue, results, progress] in
                        while let heap = queue.pop() { Crew.run(heap, queue, results, progress) }
                    })
            } catch  where !threads.isEmpty {
                // Those that run do it too.
            }
        }
        _ = queue.push(heap)
    }

    private static func run(
        _ heap: [Job], _ queue: BoundedQueue<[Job]>, _ results: Monitor<Results>, _ progress: Progress?
    ) {
        for job in heap {
            do throws(SystemError) {
                let left = try job.run(progress)
                guard !left.isEmpty else { continue }
                results.with { results in
                    results.left.names += left.names
                    results.left.lost += left.lost
                    results.left.untimed += left.untimed
                }
            } catch {
                results.with { $0.failure = $0.failure ?? (job.number, error) }
                return queue.fail()
            }
        }
    }

    /// Waits until all is done, and ends the threads.
    func finish(_ place: (DirectoryNumber) -> String) throws(StorageError) -> Leftovers {
        let rest = heap.with { heap in
            defer { heap = [] }
            return heap
        }
        if !rest.isEmpty { try at(place(rest[0].number)) { () throws(SystemError) in try hand(rest) } }
        queue.close()
        join()
        return try results.with { results throws(StorageError) in
            if let (number, error) = results.failure { throw StorageError(error, place(number)) }
            return results.left
        }
    }

    /// Ends the threads, whatever is still to be done.
    func abandon() {
        queue.fail()
        join()
    }

    private func join() {
        let threads = running.with { threads in
            defer { threads = [] }
            return threads
        }
        for thread in threads { thread.join() }
    }
}

extension Crew.Job {
    fileprivate func run(_ progress: Progress?) throws(SystemError) -> Crew.Leftovers {
        var left = Crew.Leftovers()
        for (name, deed) in deeds {
            switch deed {
            case .remove:
                try directory.removeTree(name) { isAlive(progress) }
            case .link(let isNew):
                guard let source else { continue }
                if try !directory.link(name, of: source, over: name, isNew: isNew, progress) {
                    left.names.append(Place(number, name))
                }
            case .take(let row):
                if try !directory.take(row, name, from: staged, progress) { left.lost.append(Place(number, name)) }
            }
        }
        if try !directory.setModified(modified) { left.untimed.append(number) }
        return left
    }
}

extension Directory {
    /// Gives the inode that `source` has at one name another one here, in place of what is there.
    /// - Parameter isNew: nothing is there, as far as is known.
    /// - Returns: false if the inode takes no more names; then nothing is there.
    func link(
        _ original: Name, of source: Directory, over name: Name, isNew: Bool, _ progress: Progress?
    ) throws(SystemError) -> Bool {
        if !isNew { try removeAny(name, progress) }
        do throws(SystemError) {
            do throws(SystemError) {
                try source.link(original, to: self, as: name)
            } catch  where error.code == EEXIST {
                try removeAny(name, progress)
                try source.link(original, to: self, as: name)
            }
            return true
        } catch  where error.code == EMLINK {
            return false
        }
    }

    /// Moves what is staged to its place. What it replaces goes in the same step.
    /// - Returns: false if it is neither staged nor, by an earlier run, in its place.
    func take(
        _ row: Row, _ name: Name, from staged: Directory?, _ progress: Progress?
    ) throws(SystemError) -> Bool {
        if let staged {
            do throws(SystemError) {
                do throws(SystemError) {
                    try staged.rename(name, to: self, as: name, .replace)
                } catch  where error.code == EISDIR {
                    try removeTree(name) { isAlive(progress) }
                    try staged.rename(name, to: self, as: name, .replace)
                }
                return true
            } catch  where error.code == ENOENT {}
        }
        guard let found = try statusIfPresent(of: name) else { return false }
        return isSame(found.stamp.metadata, as: row.stamp.metadata)
    }

    private func removeAny(_ name: Name, _ progress: Progress?) throws(SystemError) {
        do throws(SystemError) {
            try unlink(name)
        } catch  where error.code == EISDIR {
            try removeTree(name) { isAlive(progress) }
        } catch  where error.code == ENOENT {}
    }
}
