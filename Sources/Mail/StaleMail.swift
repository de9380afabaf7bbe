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
        let hours: Int64
        let failure: String?
        let isBack: Bool
    }

    package func values() -> Values {
        Values(
            host: escaped(host), jail: escaped(jail.bytes), pushed: mailDate(pushed), hours: limit / 3600,
            failure: failure.map(shown), isBack: isBack)
    }
}
