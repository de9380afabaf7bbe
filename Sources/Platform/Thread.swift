import CLinux
import Glibc

/// A thread of our own, for calls that block: Swift's own pool has one thread a core and must never wait.
package final class Thread: Sendable {
    private enum State {
        case running(pthread_t)
        case joining
        case joined
    }

    private let state: Monitor<State>

    private init(_ handle: pthread_t) { state = Monitor(.running(handle)) }

    /// Starts a thread that runs `body` to its end. Fault plans in force here are in force there.
    /// - Parameter name: as `top -H` and debuggers show it; cut at 15 bytes.
    /// - Throws: EAGAIN where no more threads can be had.
    package static func spawn(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) -> Thread {
        let start = Unmanaged.passRetained(Start(name: name, plans: FaultPlan.current, body: body))
        var handle = pthread_t()
        do throws(SystemError) {
            try coded("pthread_create") { pthread_create(&handle, nil, run, start.toOpaque()) }
        } catch {
            start.release()
            throw error
        }
        return Thread(handle)
    }

    /// Waits until the thread has ended, for every caller: what it used may be gone right after, as when the program
    /// exits.
    package func join() {
        let mine: pthread_t? = state.with { state in
            guard case .running(let handle) = state else { return nil }
            state = .joining
            return handle
        }
        if let mine {
            pthread_join(mine, nil)
            state.with { $0 = .joined }
        } else {
            state.wait { state -> Void? in if case .joined = state { () } else { nil } }
        }
    }

    deinit {
        // A thread that no one joined cleans up after itself.
        state.with { state in if case .running(let left) = state { _ = pthread_detach(left) } }
    }
}

private final class Start: Sendable {
    let name: String
    let plans: [FaultPlan]
    let body: @Sendable () -> Void

    init(name: String, plans: [FaultPlan], body: @escaping @Sendable () -> Void) {
        self.name = name
        self.plans = plans
        self.body = body
    }
}

// A file-scope function: a closure made in a main-actor context would trap on the new thread.
private func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
    linux_set_thread_name(start.name)
    if start.plans.isEmpty {
        start.body()
    } else {
        FaultPlan.$current.withValue(start.plans) { start.body() }
    }
    return nil
}
