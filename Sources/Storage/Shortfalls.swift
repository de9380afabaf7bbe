internal import Catalog
package import Model
internal import Platform
import Synchronization

/// What the server's file system would not take of an inode, beyond its content: the inode is there without it.
package struct Shortfall: Hashable, Sendable {
    /// Of what it is: a name in a directory, or, without a name, the directory itself.
    package var directory: DirectoryNumber
    package var name: Name?
    /// What is not carried, fit to be shown: `owner`, `user.x`, `time`.
    package var lacking: [String]
}

/// The shortfalls since they were last taken, noted by any thread.
///
/// Only where the server is root: one that is not keeps owners, devices and trusted attributes in its catalog by design,
/// and names none of them.
package final class Shortfalls: Sendable {
    private struct State {
        var found: [Shortfall] = []
        var further: UInt64 = 0
    }

    private let state = Mutex(State())

    func note(_ lacking: [String], of directory: DirectoryNumber, _ name: Name? = nil) {
        guard !lacking.isEmpty, isRoot() else { return }
        state.withLock { state in
            if state.found.count < PushRecord.mostIssues {
                state.found.append(Shortfall(directory: directory, name: name, lacking: lacking))
            } else {
                state.further += 1
            }
        }
    }

    /// - Returns: those noted since the last call, and how many more there were than are kept.
    package func take() -> (found: [Shortfall], further: UInt64) {
        state.withLock { state in
            defer { state = State() }
            return (state.found, state.further)
        }
    }
}
