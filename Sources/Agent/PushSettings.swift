import Model
import Wire

/// What a push has to know beside its entries and its stream.
package struct PushSettings: Sendable {
    package var hello: Hello
    /// Threads that walk: on a cold cache, many wait for the disk at once.
    package var walkers = 8
    /// Threads that read files.
    package var answerers = 4
    /// Seconds for which the server may be silent while it owes an answer.
    package var patience = 120
    /// Seconds for which a file system may keep one thread waiting.
    package var fileSystemPatience = Watchdog.usualPatience
    /// Where something changed; nil for anywhere. The hello has to say that there are hints.
    package var hints: HintTree?
    /// Bytes of content a second that are read at most, by all threads together; nil for no limit.
    package var readRate: UInt64?
    /// The clock against which a file's ctime is held.
    package var clock: @Sendable () -> Timestamp
    /// Called a few times a second, from the thread that called `push`.
    package var onProgress: @Sendable (PushProgress) -> Void = { _ in }
    /// Called in a dry run for each name that the server lacks, or that would go.
    package var onRehearsed: @Sendable (Rehearsed) -> Void = { _ in }
    /// Whether the program has been asked to end.
    package var isInterrupted: @Sendable () -> Bool = { false }

    package init(hello: Hello, clock: @escaping @Sendable () -> Timestamp) {
        self.hello = hello
        self.clock = clock
    }
}
