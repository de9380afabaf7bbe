import Model
import Mustache
import Platform

/// The one mail of a run: every entry that could not be read, and why.
package struct MissingEntriesMail: Sendable {
    /// The jail's.
    package var host: String
    /// The path of the config.
    package var config: [UInt8]
    /// Where the mail goes; from `mailto`.
    package var recipient: String
    /// Those that are missing, and why; not empty.
    package var entries: [Issue]

    /// The same for every mail: nothing of a path comes into a header.
    package static let subject = "Nightjar: entries missing from the backup"

    package init(host: String, config: [UInt8], recipient: String, entries: [Issue]) {
        self.host = host
        self.config = config
        self.recipient = recipient
        self.entries = entries
    }

    /// The mail as `sendmail -t` takes it.
    ///
    /// Headers are constant but for the address, which is checked; every name in the body is escaped before the template
    /// sees it, and the body is encoded: no byte of a path can make a header or a line.
    ///
    /// - Parameter template: the text of a template, see `MailTemplate`.
    /// - Throws: `MailError` for an address with control characters; the parser's error for a broken template.
    package func message(template: String, now: Timestamp) throws -> [UInt8] {
        let body = try MustacheTemplate(string: "{{% CONTENT_TYPE: TEXT}}" + template).render(
            Values(
                host: escaped(host), config: escaped(config), count: entries.count,
                entries: entries.map {
                    Values.Entry(
                        path: escaped($0.path), reason: $0.reason.description, detail: shown($0.detail),
                        line: $0.line.map(String.init) ?? "?")
                }))
        return try mailMessage(to: recipient, subject: MissingEntriesMail.subject, body: body, host: host, now: now)
    }

    /// Writes the mail and hands it over.
    ///
    /// - Parameters:
    ///   - sendmail: the command's words.
    ///   - templates: what `$NIGHTJAR_TEMPLATES` says.
    /// - Throws: `MailError`; the push goes on, and the run ends in 1.
    package func send(through sendmail: [[UInt8]], templates: [UInt8]?, now: Timestamp) throws(MailError) {
        let message: [UInt8]
        do {
            let template = try MailTemplate.missingEntries.text(environment: templates)
            message = try self.message(template: template, now: now)
        } catch let error as MailError {
            throw error
        } catch {
            throw MailError("the template missing-dir.mustache: \(escaped("\(error)"))")
        }
        try handOver(message, to: sendmail)
    }

    /// What a template may name.
    private struct Values {
        struct Entry {
            let path: String
            let reason: String
            let detail: String
            let line: String
        }

        let host: String
        let config: String
        let count: Int
        let entries: [Entry]
    }

    /// A detail is fit to be shown already; should a control character have come through, it goes here.
    private func shown(_ detail: String) -> String {
        String(String.UnicodeScalarView(detail.unicodeScalars.filter { $0.properties.generalCategory != .control }))
    }
}

/// Why a mail could not be handed over.
package struct MailError: Error, Hashable, CustomStringConvertible {
    /// Fit to be shown.
    package let description: String

    package init(_ description: String) { self.description = description }
}
