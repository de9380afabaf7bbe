import Model

/// Tells that the nights of a jail have stopped moving, why, and the two ways to go on.
package struct BrakeMail: TemplatedMail {
    /// The backup server's.
    package var host: String
    package var jail: Name
    package var recipient: String
    /// What the good nights end with, and what `0` holds instead.
    package var good: Generation
    package var pushed: Generation
    package var reasons: [BrakeReason]

    package let template = MailTemplate.brake
    package let subject = "Nightjar: rotation has stopped"

    /// More entries than these are only counted.
    static let mostEntries = 100

    package init(
        host: String, jail: Name, recipient: String, good: Generation, pushed: Generation, reasons: [BrakeReason]
    ) {
        self.host = host
        self.jail = jail
        self.recipient = recipient
        self.good = good
        self.pushed = pushed
        self.reasons = reasons
    }

    package struct Values {
        struct Entry {
            let path: String
            let reasons: [String]
            let filesBefore: UInt64
            let filesNow: UInt64
            let bytesBefore: UInt64
            let bytesNow: UInt64
            let altered: UInt64
        }

        let host: String
        let jail: String
        let good: Int64
        let pushed: Int64
        let entries: [Entry]
        /// Of entries that are not listed; nil if there is none.
        let more: Int?
    }

    package func values() -> Values {
        var entries: [(change: EntryChange, reasons: [String])] = []
        for reason in reasons {
            if entries.last?.change.path == reason.entry.path {
                entries[entries.count - 1].reasons.append(reason.text)
            } else {
                entries.append((reason.entry, [reason.text]))
            }
        }
        let listed = entries.prefix(BrakeMail.mostEntries).map { change, reasons in
            Values.Entry(
                path: escaped(change.path.bytes), reasons: reasons, filesBefore: change.before.files,
                filesNow: change.after?.files ?? 0, bytesBefore: change.before.bytes,
                bytesNow: change.after?.bytes ?? 0, altered: change.altered)
        }
        return Values(
            host: escaped(host), jail: escaped(jail.bytes), good: good.rawValue, pushed: pushed.rawValue,
            entries: listed, more: entries.count > listed.count ? entries.count - listed.count : nil)
    }
}
