import Model

/// Tells that a jail has not pushed for too long, or that it does again.
package struct StaleMail: TemplatedMail {
    /// The backup server's.
    package var host: String
    package var jail: Name
    package var recipient: String
    /// The last good push, by the server's clock.
    package var pushed: Timestamp
    /// In seconds.
    package var limit: Int64
    /// Why the last attempt failed, fit to be shown; nil if there was none since.
    package var failure: String?
    package var isBack: Bool

    package let template = MailTemplate.stale
    package var subject: String { isBack ? "Nightjar: a jail pushes again" : "Nightjar: a jail does not push" }

    package init(
        host: String, jail: Name, recipient: String, pushed: Timestamp, limit: Int64, failure: String?, isBack: Bool
    ) {
        self.host = host
        self.jail = jail
        self.recipient = recipient
        self.pushed = pushed
        self.limit = limit
        self.failure = failure
        self.isBack = isBack
    }

    package struct Values {
        let host: String
        let jail: String
        let pushed: String
        let limit: String
        let failure: String?
        let isBack: Bool
    }

    package func values() -> Values {
        Values(
            host: escaped(host), jail: escaped(jail.bytes), pushed: mailDate(pushed), limit: span(limit),
            failure: failure.map(shown), isBack: isBack)
    }
}

/// A time as somebody would set it: `36 hours`.
private func span(_ seconds: Int64) -> String {
    let units: [(name: String, seconds: Int64)] = [("days", 86400), ("hours", 3600), ("minutes", 60)]
    let unit = units.first { seconds >= 2 * $0.seconds && seconds % $0.seconds == 0 } ?? ("seconds", 1)
    return "\(seconds / unit.seconds) \(unit.name)"
}
