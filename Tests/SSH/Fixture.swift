import Platform
import Support
import Wire

@testable import SSH

extension SSHServer {
    /// This server, as its own user with its own key would reach it.
    func endpoint(command: String = "cat") -> SSHEndpoint {
        SSHEndpoint(
            host: host, port: port, user: user, identities: [Array(identity.utf8)],
            knownHosts: Array(knownHosts.utf8), command: Array(command.utf8))
    }
}

/// What connecting is answered with; nil if it succeeds.
func refusal(_ endpoint: SSHEndpoint) -> SSHError? {
    do throws(SSHError) {
        try SSHConnection.connect(to: endpoint).close()
        return nil
    } catch {
        return error
    }
}

/// Runs a body on a thread of its own, and waits for its answer for at most `seconds`; nil then.
final class Background<Answer: Sendable>: Sendable {
    private let answer = Monitor<Answer?>(nil)

    init(_ body: @escaping @Sendable () -> Answer) throws {
        let answer = answer
        _ = try Thread.spawn("test") {
            let result = body()
            answer.with { $0 = result }
        }
    }

    func wait(seconds: Int = 30) -> Answer? { answer.wait(milliseconds: seconds * 1000) { $0 } }
}

/// All that comes until the end of the stream, or the error that came instead.
func receiveAll(_ stream: SSHConnection) -> Result<[UInt8], StreamError> {
    var all: [UInt8] = []
    do throws(StreamError) {
        while true {
            let part = try stream.receive(atMost: 300_000)
            if part.isEmpty { return .success(all) }
            all += part
        }
    } catch {
        return .failure(error)
    }
}

/// Bytes without a pattern that a mistake in lengths or order could keep.
func noise(_ count: Int) -> [UInt8] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        withUnsafeBytes(of: state) { bytes.append(contentsOf: $0) }
    }
    return Array(bytes.prefix(count))
}
