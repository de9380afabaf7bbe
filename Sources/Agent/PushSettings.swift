import Model
import Wire

/// How to come by more streams to the server, beside the one that a push begins on.
package struct FurtherStreams: Sendable {
    /// Bytes a second that one stream can carry at most, however fast the wire: its window, by the round trip.
    package var windowRate: Double
    /// Opens one more; throws where the server opens no more.
    package var open: @Sendable () throws -> any ByteStream

    package init(windowRate: Double, open: @escaping @Sendable () throws -> any ByteStream) {
        self.windowRate = windowRate
        self.open = open
    }
}

/// What a push has to know beside its entries and its stream.
package struct PushSettings: Sendable {
    package var hello: Hello
    /// Threads that read files.
    package var answerers = 4
    /// Seconds for which the server may be silent while it owes an answer.
    package var patience = 120
    /// Seconds for which a file system may keep one thread waiting.
    package var fileSystemPatience = Watchdog.usualPatience
    /// Where something changed; nil for anywhere. The hello says which.
    package var hints: HintTree? {
        didSet { hello.hasHints = hints != nil }
    }
    /// Bytes of content a second that are read at most, by all threads together; nil for no limit.
    package var readRate: UInt64?
    /// Of what is sent; what the server says it compresses as it likes.
    package var compression = Compression.auto
    /// Opens one more stream to the server, beside the one that the push began on; nil where there is nothing to gain.
    package var further: FurtherStreams?
    /// Why no more of them could be had, fit to be shown.
    package var onFurtherRefused: @Sendable (String) -> Void = { _ in }
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
