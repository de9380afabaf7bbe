import Model
import Mustache
import Platform

/// A mail whose body is a template that an admin may change.
///
/// Headers are constant but for the address, which is checked; every name in the values is escaped before the template
/// sees it, and the body is encoded: no byte of a path can make a header or a line.
package protocol TemplatedMail: Sendable {
    /// What the template may name; fit to be shown.
    associatedtype Values
    var template: MailTemplate { get }
    var subject: String { get }
    /// Where the mail goes; from `mailto`.
    var recipient: String { get }
    /// Of the machine that sends it.
    var host: String { get }
    func values() -> Values
}

extension TemplatedMail {
    /// The mail as `sendmail -t` takes it.
    ///
    /// - Parameter text: of the template, see `MailTemplate`.
    /// - Throws: `MailError` for an address with control characters; the parser's error for a broken template.
    package func message(template text: String, now: Timestamp) throws -> [UInt8] {
        try mailMessage(to: recipient, subject: subject, body: try body(template: text), host: host, now: now)
    }

    /// The mail's text, for where it is shown instead of sent.
    ///
    /// - Parameter text: of the template, see `MailTemplate`.
    package func text(template text: String) throws(MailError) -> String {
        try naming { () throws -> String in try body(template: text) }
    }

    private func body(template text: String) throws -> String {
        try MustacheTemplate(string: "{{% CONTENT_TYPE: TEXT}}" + text).render(values())
    }

    /// Writes the mail and hands it over.
    ///
    /// - Parameters:
    ///   - sendmail: the command's words.
    ///   - templates: what `$NIGHTJAR_TEMPLATES` says.
    /// - Throws: `MailError`; what the mail tells of goes on.
    package func send(through sendmail: [[UInt8]], templates: [UInt8]?, now: Timestamp) throws(MailError) {
        try send(through: sendmail, template: try template.text(environment: templates), now: now)
    }

    /// The same, of a template that was read before.
    package func send(through sendmail: [[UInt8]], template text: String, now: Timestamp) throws(MailError) {
        let message = try naming { () throws -> [UInt8] in try self.message(template: text, now: now) }
        try handOver(message, to: sendmail)
    }

    /// Says of what is wrong with the template that it was the template.
    private func naming<Made>(_ make: () throws -> Made) throws(MailError) -> Made {
        do {
            return try make()
        } catch let error as MailError {
            throw error
        } catch {
            throw MailError("the template \(template.name): \(escaped("\(error)"))")
        }
    }
}

/// Text that is fit to be shown already; should a control character have come through, it goes here.
func shown(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .control }))
}

/// Why a mail could not be handed over.
package struct MailError: Error, Hashable, CustomStringConvertible {
    /// Fit to be shown.
    package let description: String

    package init(_ description: String) { self.description = description }
}
