import Catalog
import Platform

/// Has the catalog keep, several times a second, what was written to it, from a thread of its own: whoever writes may be
/// waiting for the agent, or for room in a queue. So a push that breaks off at any moment is continued with what had
/// arrived, and whoever works on the trees meanwhile never waits long for his turn to write.
///
/// Rows that belong together may be kept at different times; they are written in an order that allows it.
final class Keeping: Sendable {
    private static let milliseconds = 250

    private let isOver = Monitor(false)
    private let thread: Platform.Thread

    init(_ catalog: Catalog) throws(SystemError) {
        thread = try Thread.spawn("keeping") { [isOver] in
            while isOver.wait(milliseconds: Keeping.milliseconds, until: { $0 ? true : nil }) == nil {
                // What is lost the next write learns.
                try? catalog.flush()
            }
        }
    }

    /// When it returns, nothing is kept any more but by who writes.
    func end() {
        isOver.with { $0 = true }
        thread.join()
    }
}
