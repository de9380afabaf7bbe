import Platform

/// Does something again and again, from a thread of its own, until it is told to end.
final class Recurring: Sendable {
    private let isOver = Monitor(false)
    private let thread: Platform.Thread

    /// - Parameters:
    ///   - name: of the thread.
    ///   - milliseconds: from one time to the next, and to the first.
    init(_ name: String, every milliseconds: Int, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        thread = try Thread.spawn(name) { [isOver] in
            while isOver.wait(milliseconds: milliseconds, until: { $0 ? true : nil }) == nil { body() }
        }
    }

    /// When it returns, it is not done any more.
    func end() {
        isOver.with { $0 = true }
        thread.join()
    }
}
