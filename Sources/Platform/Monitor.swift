import Glibc

/// State that threads share, behind a mutex, and the waiting for it to change.
// @unchecked: the mutex inside is what makes it safe.
package final class Monitor<State: ~Copyable>: @unchecked Sendable {
    // What is used often is inlinable, so that it is compiled for the state at hand: a generic body that is shared copies
    // every value by way of tables.
    @usableFromInline package var state: State
    @usableFromInline package let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline package let changed: UnsafeMutablePointer<pthread_cond_t>

    package init(_ state: consuming sending State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        changed = .allocate(capacity: 1)
        changed.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // The wall clock may jump; a wait may not.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Looks at the state or changes it; all who wait look again.
    @inlinable package func with<Answer, Failure: Error>(_ body: (inout State) throws(Failure) -> Answer)
        throws(Failure) -> Answer
    {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
        }
        return try body(&state)
    }

    /// Waits until `body` answers; asks it at once and after every change. It may change the state when it answers.
    @inlinable package func wait<Answer>(until body: (inout State) -> Answer?) -> Answer {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let answer = body(&state) {
                pthread_cond_broadcast(changed)
                return answer
            }
            pthread_cond_wait(changed, mutex)
        }
    }

    /// The same for at most `milliseconds`; then nil.
    package func wait<Answer>(milliseconds: Int, until body: (inout State) -> Answer?) -> Answer? {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        deadline.tv_sec += milliseconds / 1000
        deadline.tv_nsec += milliseconds % 1000 * 1_000_000
        if deadline.tv_nsec >= 1_000_000_000 {
            deadline.tv_sec += 1
            deadline.tv_nsec -= 1_000_000_000
        }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let answer = body(&state) {
                pthread_cond_broadcast(changed)
                return answer
            }
            if pthread_cond_timedwait(changed, mutex, &deadline) == ETIMEDOUT { return body(&state) }
        }
    }
}
