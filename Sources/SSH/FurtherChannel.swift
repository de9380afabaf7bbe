import Platform
import Wire

/// A further channel of a connection, as a stream of its own. It ends with the connection; its end does not end that.
package final class FurtherChannel: ByteStream {
    /// Bytes that wait in it at most: what is in it may be overtaken on other channels.
    static let capacity = 512 << 10

    private let exchange: Exchange
    private let connection: SSHConnection

    init(_ exchange: Exchange, _ connection: SSHConnection) {
        self.exchange = exchange
        self.connection = connection
    }

    deinit { close() }

    /// Queues bytes for the remote command, and waits for room. Throws why the channel ended.
    package func send(_ bytes: [UInt8]) throws(StreamError) {
        try exchange.send(bytes, over: "the channel")
    }

    /// Waits for bytes of the remote command; empty once it has closed its output.
    package func receive(atMost limit: Int) throws(StreamError) -> [UInt8] {
        try exchange.incoming.receive(atMost: limit)
    }

    /// The wire is the connection's.
    package var isCongested: Bool { connection.isCongested }
    package var microsecondsHeldBack: UInt64 { exchange.heldBack.value }

    /// Closes the channel; what was sent is given two seconds to leave. Waits for nothing.
    package func close() { exchange.close(within: 2) }
}
