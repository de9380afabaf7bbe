import Glibc

/// A queue between threads that holds at most so much: who pushes into a full one waits, and so does who pops from an
/// empty one.
package final class BoundedQueue<Element: Sendable>: Sendable {
    @usableFromInline struct State {
        // Popped from the front of `leaving`, which is `arriving` of a while ago, reversed.
        @usableFromInline var arriving: [(element: Element, weight: Int)] = []
        @usableFromInline var leaving: [(element: Element, weight: Int)] = []
        @usableFromInline var weight = 0
        @usableFromInline var isClosed = false

        @usableFromInline init() {}
    }

    @usableFromInline let capacity: Int
    @usableFromInline let monitor = Monitor(State())

    /// - Parameter capacity: the weight at which pushing waits; one element may be heavier than it alone.
    package init(capacity: Int) { self.capacity = capacity }

    /// Waits for room.
    /// - Returns: false once the queue is closed or failed: the element was not taken, and no later one will be.
    @inlinable package func push(_ element: Element, weight: Int = 1) -> Bool {
        monitor.wait { [capacity] state -> Bool? in
            if state.isClosed { return false }
            guard state.weight == 0 || state.weight + weight <= capacity else { return nil }
            state.arriving.append((element, weight))
            state.weight += weight
            return true
        }
    }

    /// The same for several elements that then count as one; whoever pops is woken once.
    @inlinable package func push(_ elements: [Element], weight: Int) -> Bool {
        guard let first = elements.first else { return true }
        return monitor.wait { [capacity] state -> Bool? in
            if state.isClosed { return false }
            guard state.weight == 0 || state.weight + weight <= capacity else { return nil }
            state.arriving.append((first, weight))
            for element in elements.dropFirst() { state.arriving.append((element, 0)) }
            state.weight += weight
            return true
        }
    }

    /// Waits for an element; nil once the queue is closed and empty, or failed.
    @inlinable package func pop() -> Element? {
        monitor.wait { state -> Element?? in
            if let element = BoundedQueue.take(&state) { return .some(element) }
            return state.isClosed ? .some(nil) : nil
        }
    }

    /// The same for at most `milliseconds`; nil then, too.
    package func pop(within milliseconds: Int) -> Element? {
        let found = monitor.wait(milliseconds: milliseconds) { state -> Element?? in
            if let element = BoundedQueue.take(&state) { return .some(element) }
            return state.isClosed ? .some(nil) : nil
        }
        return found ?? nil
    }

    /// The next element if there is one now.
    @inlinable package func popIfReady() -> Element? { monitor.with { BoundedQueue.take(&$0) } }

    /// No more will be pushed; what is in it can still be popped.
    package func close() { monitor.with { $0.isClosed = true } }

    /// Drops all that is in it, and takes no more: for the end by error.
    /// - Parameter last: what can still be popped.
    package func fail(leaving last: Element? = nil) {
        monitor.with {
            $0.isClosed = true
            $0.arriving = []
            $0.leaving = last.map { [($0, 0)] } ?? []
            $0.weight = 0
        }
    }

    /// The weight of what waits in it.
    package var weight: Int { monitor.with { $0.weight } }

    @inlinable static func take(_ state: inout State) -> Element? {
        if state.leaving.isEmpty {
            state.leaving = state.arriving.reversed()
            state.arriving.removeAll(keepingCapacity: true)
        }
        guard let next = state.leaving.popLast() else { return nil }
        state.weight -= next.weight
        return next.element
    }
}
