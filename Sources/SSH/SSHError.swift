/// Why there is no connection: what happened, where, and what to do about it.
package struct SSHError: Error, Hashable, Sendable {
    /// What kind of trouble: it decides the exit status.
    package enum Reason: Hashable, Sendable {
        /// No way to the host, or nothing that speaks SSH there.
        case unreachable
        case timedOut
        /// Nothing was sent to the server beyond the key exchange.
        case unknownHostKey
        /// The same, and somebody may be in between.
        case changedHostKey
        case loginRefused
        /// A private key cannot be read or used.
        case identityUnusable
        case commandRefused
        /// What was asked for makes no sense.
        case misconfigured
        /// The system or the library gave out.
        case failed
    }

    package var reason: Reason
    /// One sentence with host, user or file in it; fit to be shown.
    package var summary: String
    /// Whole lines; fit to be shown.
    package var remedy: String?

    package init(_ reason: Reason, _ summary: String, remedy: String? = nil) {
        self.reason = reason
        self.summary = summary
        self.remedy = remedy
    }
}

extension SSHError: CustomStringConvertible {
    package var description: String { remedy.map { "\(summary)\n\($0)" } ?? summary }
}
