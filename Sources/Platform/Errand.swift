/// A call on a thread of its own, for which nobody has to wait: it may never return.
///
/// A thread that hangs in the kernel cannot be freed; it is left behind, and its answer, should one still come, is
/// dropped. The process can end all the same.
package final class Errand<Answer: Sendable>: Sendable {
    private let answer: Monitor<Answer?>

    /// - Parameter name: of the thread, as `top -H` shows it.
    /// - Throws: EAGAIN where no more threads can be had.
    package init(_ name: String, _ body: @escaping @Sendable () -> Answer) throws(SystemError) {
        let answer = Monitor<Answer?>(nil)
        self.answer = answer
        _ = try Thread.spawn(name) {
            let found = body()
            answer.with { $0 = found }
        }
    }

    /// The answer; nil if there is none within so many milliseconds.
    package func answer(within milliseconds: Int) -> Answer? { answer.wait(milliseconds: milliseconds) { $0 } }
}
