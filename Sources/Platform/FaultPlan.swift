import Glibc
import Synchronization

/// Makes chosen system calls fail, so that tests can reach what a disk does once in ten years.
///
/// A plan counts the calls of its operation, made by the task or thread it was given to and by the threads those start;
/// at the n-th it strikes. Without any plan in force a call pays one load.
package final class FaultPlan: Sendable {
    /// What happens to the call.
    package enum Stroke: Hashable, Sendable {
        /// The n-th call is not made and fails with this code; calls after it are made again.
        case fail(Int32)
        /// The n-th call and all after it fail.
        case failFromThenOn(Int32)
    }

    package let operation: String
    package let number: Int
    package let stroke: Stroke
    private let made = Atomic<Int>(0)

    /// - Parameters:
    ///   - operation: the call's name as errors tell it, `linkat`; `*` is any.
    ///   - number: 1 for the first call.
    package init(_ operation: String, call number: Int = 1, _ stroke: Stroke) {
        self.operation = operation
        self.number = number
        self.stroke = stroke
    }

    /// How many calls of the operation were made or struck so far.
    package var calls: Int { made.load(ordering: .relaxed) }

    @TaskLocal static var current: [FaultPlan] = []
    private static let armed = Atomic<Int>(0)

    /// Whether any plan is in force anywhere in the process.
    static var isAny: Bool { armed.load(ordering: .relaxed) != 0 }

    /// Runs `body` with this plan in force beside those already in force.
    package func during<Answer>(_ body: () throws -> Answer) rethrows -> Answer {
        try FaultPlan.during([self], body)
    }

    /// Runs `body` with all these plans in force beside those already in force.
    package static func during<Answer>(_ plans: [FaultPlan], _ body: () throws -> Answer) rethrows -> Answer {
        armed.add(1, ordering: .relaxed)
        defer { armed.subtract(1, ordering: .relaxed) }
        return try $current.withValue(current + plans, operation: body)
    }

    /// The code with which the call about to be made shall fail; nil as a rule.
    @inline(__always)
    static func strike(_ operation: StaticString) -> Int32? {
        if armed.load(ordering: .relaxed) == 0 { return nil }
        return strikeArmed(operation.description)
    }

    @inline(never)
    private static func strikeArmed(_ operation: String) -> Int32? {
        for plan in current {
            if let code = plan.count(operation) { return code }
        }
        return nil
    }

    private func count(_ called: String) -> Int32? {
        guard operation == called || operation == "*" else { return nil }
        let call = made.add(1, ordering: .relaxed).newValue
        switch stroke {
        case .fail(let code): return call == number ? code : nil
        case .failFromThenOn(let code): return call >= number ? code : nil
        }
    }
}
