import Catalog
import Platform

/// Has the catalog keep, several times a second, what was written to it, from a thread of its own: whoever writes may be
/// waiting for the agent, or for room in a queue. So a push that breaks off at any moment is continued with what had
/// arrived, and whoever works on the trees meanwhile never waits long for his turn to write.
///
/// Rows that belong together may be kept at different times; they are written in an order that allows it.
final class Keeping: Sendable {
    private static let milliseconds = 250

    private let flushing: Recurring

    init(_ catalog: Catalog) throws(SystemError) {
        // What is lost the next write learns.
        flushing = try Recurring("keeping", every: Keeping.milliseconds) { try? catalog.flush() }
    }

    /// When it returns, nothing is kept any more but by who writes.
    func end() { flushing.end() }
}
